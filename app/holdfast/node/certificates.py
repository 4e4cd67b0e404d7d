"""The node's own certificate authorities and the certificates that they issue. No I/O."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    pkcs12,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from holdfast.domain.certificate import LEAF_DAYS
from holdfast.domain.errors import HoldfastError, UsageError
from holdfast.domain.secret import Secret
from holdfast.domain.visitor_access import MOST_VISITOR_DAYS
from holdfast.node.certificate_names import (
    Network,
    alternative_name,
    check_permitted,
    name_constraints,
)

_AUTHORITY_DAYS = 3650
#: Most characters of a common name (X.520).
_COMMON_NAME = 64
#: What OpenSSL asks of PBKDF2 for PKCS#12 files of today; the passphrase is random anyway.
_KDF_ROUNDS = 20_000
#: Clocks differ: a certificate is valid from before it was made.
BACKDATED = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Authority:
    """An authority that can issue. certificate: PEM. root: what verifiers trust, PEM; the
    certificate itself unless a root signed it whose key is gone."""

    certificate: bytes
    key: Secret
    root: bytes


@dataclass(frozen=True, slots=True)
class Leaf:
    """An issued certificate. certificate, chain: PEM; the chain is empty under a root."""

    certificate: bytes
    key: Secret
    chain: bytes = b""


def new_visitors_authority(
    domains: Sequence[str], addresses: Sequence[Network], now: datetime
) -> Authority:
    """The visitors' issuing CA, for these domains with all below them and these networks.

    The root's key is dropped here, so that nobody can ever make it vouch for another site.
    """
    constraints = name_constraints(domains, addresses)
    root_key, issuing_key = _new_key(), _new_key()
    root_name = _name(f"Holdfast visitors root {_mark(root_key)}")
    root = _authority(root_name, root_name, root_key, root_key, now, 1, constraints)
    issuing = _authority(
        _name(f"Holdfast visitors CA {_mark(issuing_key)}"),
        root_name,
        issuing_key,
        root_key,
        now,
        0,
        constraints,
        ExtendedKeyUsageOID.SERVER_AUTH,
    )
    return Authority(_pem(issuing), _key_pem(issuing_key), _pem(root))


def new_sidecars_authority(now: datetime) -> Authority:
    """The CA that signs sidecars, for the edge to verify."""
    return _self_signed("Holdfast sidecars CA", ExtendedKeyUsageOID.SERVER_AUTH, now)


def new_edge_authority(now: datetime) -> Authority:
    """The CA that signs the edge alone, for sidecars to verify."""
    return _self_signed("Holdfast edge CA", ExtendedKeyUsageOID.CLIENT_AUTH, now)


def new_access_authority(app: str, now: datetime) -> Authority:
    """The CA that signs the visitors of one app, for the edge to verify."""
    return _self_signed(f"Visitors of {app}", ExtendedKeyUsageOID.CLIENT_AUTH, now)


def issue_server(
    authority: Authority, names: Sequence[str], now: datetime, days: int = LEAF_DAYS
) -> Leaf:
    """A server's certificate for host names, wildcards and addresses.

    Raises UsageError for a name that the authority may not vouch for.
    """
    issuer = x509.load_pem_x509_certificate(authority.certificate)
    alternatives = [alternative_name(name) for name in names]
    if not alternatives:
        raise UsageError("A server's certificate needs a name.")
    for alternative in alternatives:
        check_permitted(issuer, alternative)
    # OpenSSL takes a common name for a host name, and refuses an address there
    hosts = [name.value for name in alternatives if isinstance(name, x509.DNSName)]
    common_name = next((host for host in hosts if len(host) <= _COMMON_NAME), None)
    return _issue(authority, common_name, alternatives, ExtendedKeyUsageOID.SERVER_AUTH, now, days)


def issue_client(
    authority: Authority, common_name: str, now: datetime, days: int = LEAF_DAYS
) -> Leaf:
    """A client's certificate; common_name is a host name of ours, of 64 characters at most."""
    if len(common_name) > _COMMON_NAME:
        raise ValueError(f"a client is known by its common name, and {common_name} is too long")
    alternatives = [alternative_name(common_name)]
    return _issue(authority, common_name, alternatives, ExtendedKeyUsageOID.CLIENT_AUTH, now, days)


def issue_visitor(authority: Authority, name: str, now: datetime, days: int) -> Leaf:
    """A visitor's certificate, which holds the name alone."""
    return _issue(
        authority, name, [], ExtendedKeyUsageOID.CLIENT_AUTH, now, days, MOST_VISITOR_DAYS
    )


def revocation_list(authority: Authority, serials: Mapping[int, datetime], now: datetime) -> bytes:
    """PEM of the authority's CRL. serials: when each was revoked. It is pushed with each change,
    and so lasts as long as the authority: its end shall shut nobody out."""
    issuer = x509.load_pem_x509_certificate(authority.certificate)
    signer = _load_key(authority.key)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.subject)
        .last_update(_utc(now) - BACKDATED)
        .next_update(max(issuer.not_valid_after_utc, _utc(now)))
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
        .add_extension(x509.CRLNumber(int(_utc(now).timestamp() * 1000)), critical=False)
    )
    for serial, revoked in serials.items():
        entry = x509.RevokedCertificateBuilder(serial, _utc(revoked) - BACKDATED)
        builder = builder.add_revoked_certificate(entry.build())
    return builder.sign(signer, hashes.SHA256()).public_bytes(Encoding.PEM)


def pkcs12_bundle(leaf: Leaf, name: str, passphrase: Secret) -> Secret:
    """Key and certificate as browsers import them, under AES-256."""
    scheme = (
        PrivateFormat.PKCS12.encryption_builder()
        .kdf_rounds(_KDF_ROUNDS)
        .key_cert_algorithm(pkcs12.PBES.PBESv2SHA256AndAES256CBC)
        .hmac_hash(hashes.SHA256())
        .build(passphrase.reveal())
    )
    certificate = x509.load_pem_x509_certificate(leaf.certificate)
    key = _load_key(leaf.key)
    return Secret(
        pkcs12.serialize_key_and_certificates(name.encode(), key, certificate, None, scheme)
    )


def pem_bundle(leaf: Leaf) -> Secret:
    """Certificate, chain and key in one PEM text, in HAProxy's order."""
    return Secret(leaf.certificate + leaf.chain + leaf.key.reveal())


def to_secret(authority: Authority) -> Secret:
    """An authority as one keychain item: JSON of its three PEM texts."""
    texts = {
        "certificate": authority.certificate.decode(),
        "key": authority.key.reveal().decode(),
        "root": authority.root.decode(),
    }
    return Secret(json.dumps(texts).encode())


def from_secret(item: Secret) -> Authority:
    """The authority out of its keychain item; raises HoldfastError if the item is damaged."""
    try:
        texts = json.loads(item.reveal())
        certificate, key, root = (texts[part].encode() for part in ("certificate", "key", "root"))
        loaded = x509.load_pem_x509_certificate(certificate)
        x509.load_pem_x509_certificate(root)
        matches = load_pem_private_key(key, None).public_key() == loaded.public_key()
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        matches = False
    # outside of the except clause: the parsers' errors quote what they could not read
    if not matches:
        raise HoldfastError(
            "A certificate authority in the keychain is damaged.",
            "Its certificate and its key do not read, or do not belong together.",
            "Make new authorities, or restore the item with the recovery kit.",
        )
    return Authority(certificate, Secret(key), root)


def _self_signed(title: str, usage: x509.ObjectIdentifier, now: datetime) -> Authority:
    key = _new_key()
    name = _name(f"{title} {_mark(key)}")
    certificate = _pem(_authority(name, name, key, key, now, 0, None, usage))
    return Authority(certificate, _key_pem(key), certificate)


def _authority(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
    now: datetime,
    path_length: int,
    constraints: x509.NameConstraints | None,
    usage: x509.ObjectIdentifier | None = None,
) -> x509.Certificate:
    ends = _utc(now) + timedelta(days=_AUTHORITY_DAYS)
    builder = _builder(subject, issuer, key, signer.public_key(), now, ends)
    builder = builder.add_extension(x509.BasicConstraints(True, path_length), critical=True)
    builder = builder.add_extension(_key_usage(signs_certificates=True), critical=True)
    if usage is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
    if constraints is not None:
        builder = builder.add_extension(constraints, critical=True)
    return builder.sign(signer, hashes.SHA256())


def _issue(
    authority: Authority,
    common_name: str | None,
    alternatives: Sequence[x509.GeneralName],
    usage: x509.ObjectIdentifier,
    now: datetime,
    days: int,
    most_days: int = LEAF_DAYS,
) -> Leaf:
    if not 1 <= days <= most_days:
        raise ValueError(f"a certificate of ours lasts 1 to {most_days} days, not {days}")
    issuer = x509.load_pem_x509_certificate(authority.certificate)
    if issuer.not_valid_after_utc <= _utc(now):
        raise HoldfastError(
            "The certificate authority has expired.",
            f"It was valid until {issuer.not_valid_after_utc:%Y-%m-%d}.",
            "Make new authorities, and trust the new root where the old one was trusted.",
        )
    signer = _load_key(authority.key)
    key = _new_key()
    ends = min(_utc(now) + timedelta(days=days), issuer.not_valid_after_utc)
    # RFC 5280: where the subject is empty, the alternative names are critical
    subject = _name(common_name) if common_name else x509.Name([])
    builder = _builder(subject, issuer.subject, key, signer.public_key(), now, ends)
    builder = (
        builder.add_extension(x509.BasicConstraints(False, None), critical=True)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
    )
    if alternatives:
        names = x509.SubjectAlternativeName(alternatives)
        builder = builder.add_extension(names, critical=not list(subject))
    certificate = builder.sign(signer, hashes.SHA256())
    chain = authority.certificate if authority.root != authority.certificate else b""
    return Leaf(_pem(certificate), _key_pem(key), chain)


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePublicKey,
    now: datetime,
    ends: datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(_utc(now) - BACKDATED)
        .not_valid_after(ends)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer), critical=False)
    )


def _key_usage(signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _utc(now: datetime) -> datetime:
    if now.tzinfo is None:
        raise ValueError("a time without a zone")
    return now.astimezone(UTC)


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _mark(key: ec.EllipticCurvePrivateKey) -> str:
    """Authorities of the same purpose need different subjects: verifiers look them up by it."""
    return x509.SubjectKeyIdentifier.from_public_key(key.public_key()).digest.hex()[:8]


def _new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _load_key(key: Secret) -> ec.EllipticCurvePrivateKey:
    loaded = load_pem_private_key(key.reveal(), None)
    if not isinstance(loaded, ec.EllipticCurvePrivateKey):
        raise TypeError("the authority's key is not an elliptic one")
    return loaded


def _key_pem(key: ec.EllipticCurvePrivateKey) -> Secret:
    return Secret(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.PEM)
