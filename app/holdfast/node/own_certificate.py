"""A certificate of one's own: read from PEM or PKCS#12, and checked before it is used. No I/O."""

from __future__ import annotations

import json
import ssl
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

from holdfast.domain.certificate import CertificateFiles
from holdfast.domain.errors import HoldfastError, UsageError
from holdfast.domain.secret import Secret
from holdfast.node.certificate_facts import title
from holdfast.node.certificate_faults import covers, linked, root_above, server_fault, superfluous
from holdfast.node.certificates import Leaf

_PEM = b"-----BEGIN "
#: With which all of ASN.1 begins that a PKCS#12 file may be, encrypted or not.
_SEQUENCE = b"\x30"
_TRUST = (
    "A CA of your own has to be trusted by this machine: name its file in SSL_CERT_FILE, or add it"
    " to the system's."
)


@dataclass(frozen=True, slots=True)
class OwnCertificate:
    """leaf: with its chain, without the root. root: what its visitors trust, PEM. left_out: the
    subjects of what the files held beside them, told at the import alone."""

    leaf: Leaf
    root: bytes
    left_out: tuple[str, ...] = field(default=(), compare=False)

    @property
    def certificate(self) -> x509.Certificate:
        return x509.load_pem_x509_certificate(self.leaf.certificate)

    def covers(self, host: str) -> bool:
        return covers(self.certificate, host)


def read_own(
    files: CertificateFiles, hosts: Sequence[str], trusted: bytes, now: datetime
) -> OwnCertificate:
    """hosts: an app's names, of which it has to cover one at least. trusted: PEM of the CAs that
    this machine trusts. Raises UsageError for a certificate that a visitor would not take, or that
    its key does not belong to."""
    chain, key = _read(files)
    host = next((each for each in hosts if covers(chain[0], each)), hosts[0])
    if key.public_key() != chain[0].public_key():
        told = "The key belongs to another one of the chain, which has to stand first."
        elsewhere = any(key.public_key() == each.public_key() for each in chain[1:])
        fault = told if elsewhere else "The key does not belong to the certificate."
        raise _refused(host, fault, "Choose the two that belong together.")
    roots = roots_of(chain, trusted)
    root = root_above(chain, roots)
    if fault := server_fault(chain, roots, host, now):
        raise _refused(host, fault, "Choose another certificate." if root else _TRUST)
    if root is None:
        raise _refused(host, "No root that this machine trusts stands above it.", _TRUST)
    served = [each for each in linked(chain) if each != root]
    beside = (title(each.subject) for each in superfluous(chain) if each != root)
    first, *above = [each.public_bytes(Encoding.PEM) for each in served]
    plain = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return OwnCertificate(
        Leaf(first, Secret(plain), b"".join(above)),
        root.public_bytes(Encoding.PEM),
        tuple(dict.fromkeys(beside)),
    )


def to_item(own: OwnCertificate) -> Secret:
    """As one keychain item."""
    texts = {
        "certificate": own.leaf.certificate.decode(),
        "chain": own.leaf.chain.decode(),
        "key": own.leaf.key.reveal().decode(),
        "root": own.root.decode(),
    }
    return Secret(json.dumps(texts).encode())


def from_item(item: Secret) -> OwnCertificate:
    """Raises HoldfastError if the item is damaged."""
    try:
        texts = json.loads(item.reveal())
        certificate, chain, key, root = (
            texts[part].encode() for part in ("certificate", "chain", "key", "root")
        )
        x509.load_pem_x509_certificate(certificate)
        return OwnCertificate(Leaf(certificate, Secret(key), chain), root)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        pass
    # outside of the except clause: the parsers' errors quote what they could not read
    raise HoldfastError(
        "A certificate of your own in the keychain is damaged.",
        "It does not read as a certificate with its key.",
        "Import it again: holdfast certificate import",
    )


def roots_of(chain: Sequence[x509.Certificate], trusted: bytes) -> list[x509.Certificate]:
    """Those that may stand above this chain. A machine trusts some 150, and among them are such
    as today's parsers refuse: nobody else's are read."""
    known = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if trusted:
        with suppress(ssl.SSLError):
            known.load_verify_locations(cadata=trusted.decode("ascii", "ignore"))
    issuers = {each.issuer.public_bytes() for each in chain}
    return [
        x509.load_der_x509_certificate(root)
        for root in known.get_ca_certs(binary_form=True)
        if any(issuer in root for issuer in issuers)
    ]


def _read(files: CertificateFiles) -> tuple[Sequence[x509.Certificate], PrivateKeyTypes]:
    passphrase = files.passphrase.reveal() if files.passphrase else None
    if files.key is None and _PEM not in files.certificate:
        return _read_pkcs12(files.certificate, passphrase)
    if files.key is None and b"PRIVATE KEY" not in files.certificate:
        raise UsageError(
            "The certificate's key is missing.",
            "A PEM file of a certificate alone holds none.",
            "Add the key's file, or choose a PKCS#12 file that holds both.",
        )
    try:
        chain = x509.load_pem_x509_certificates(files.certificate)
    except ValueError:
        chain = []
    if not chain:
        raise UsageError("The file holds no certificate in PEM.", "", "Choose another file.")
    return chain, _read_key(files.key or Secret(files.certificate), passphrase)


def _read_key(key: Secret, passphrase: bytes | None) -> PrivateKeyTypes:
    try:
        return load_pem_private_key(key.reveal(), passphrase)
    except TypeError:
        # encrypted, and no passphrase was given; or the other way round
        if passphrase is not None:
            return _read_key(key, None)
        wants_one = True
    except (ValueError, UnsupportedAlgorithm):
        wants_one = False
    if wants_one:
        raise _needs_passphrase("key")
    raise UsageError(
        "The certificate's key does not read.",
        "It is no private key in PEM, or the passphrase is wrong.",
        "Choose another file, or give its passphrase (in a terminal: --passphrase).",
    )


def _read_pkcs12(
    content: bytes, passphrase: bytes | None
) -> tuple[Sequence[x509.Certificate], PrivateKeyTypes]:
    if not content.startswith(_SEQUENCE):
        # no passphrase opens that
        raise UsageError(
            "The file holds no certificate.",
            "It is neither PEM nor PKCS#12.",
            "Choose another file.",
        )
    try:
        bundle = load_pkcs12(content, passphrase)
    except (ValueError, UnsupportedAlgorithm):
        bundle = None
    if bundle is None:
        if passphrase is None:
            raise _needs_passphrase("PKCS#12 file")
        raise UsageError(
            "The PKCS#12 file does not open.",
            "It is none, or the passphrase is wrong.",
            "Check the passphrase, then try again.",
        )
    if bundle.cert is None or bundle.key is None:
        raise UsageError(
            "The PKCS#12 file holds no certificate with its key.", "", "Export both into it."
        )
    others = (each.certificate for each in bundle.additional_certs)
    chain = [bundle.cert.certificate, *others]
    # its order means nothing in this format
    return [*linked(chain), *superfluous(chain)], bundle.key


def _needs_passphrase(what: str) -> UsageError:
    return UsageError(
        f"The {what} needs a passphrase.",
        "It is encrypted, or it does not read.",
        "Give it, then try again. In a terminal, --passphrase asks for it.",
    )


def _refused(host: str, fault: str, next: str) -> UsageError:
    return UsageError(
        f"The certificate cannot be used for {host}.", fault, f"Nothing has changed. {next}"
    )
