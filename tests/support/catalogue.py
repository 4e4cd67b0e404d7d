"""Certificates of every kind, sound and bad, made to order."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from holdfast.node.certificates import Authority

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
HOST = "sales.example.org"
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True)
class Wanted:
    """A certificate as it shall be made; the defaults are of a sound one."""

    subject: str = HOST
    names: tuple[str, ...] = (HOST,)
    begins: datetime = NOW - DAY
    ends: datetime = NOW + 90 * DAY
    purpose: x509.ObjectIdentifier | None = ExtendedKeyUsageOID.SERVER_AUTH
    ca: bool = False
    key: Key = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    hash: hashes.HashAlgorithm = field(default_factory=hashes.SHA256)
    serial: int = 7
    issuer_key: bytes = b""
    responder: str = ""
    must_staple: bool = False


@dataclass(frozen=True)
class Made:
    certificate: x509.Certificate
    key: Key

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    def key_pem(self, encryption: KeySerializationEncryption | None = None) -> bytes:
        return self.key.private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption()
        )


def issue(wanted: Wanted, by: Made | None = None) -> Made:
    """by: None signs it by itself."""
    signer = by.key if by else wanted.key
    name = [x509.NameAttribute(NameOID.COMMON_NAME, wanted.subject)] if wanted.subject else []
    subject = x509.Name(name)
    issuer = by.certificate.subject if by else subject
    builder = (
        x509.CertificateBuilder(issuer, subject, wanted.key.public_key(), wanted.serial)
        .not_valid_before(wanted.begins)
        .not_valid_after(wanted.ends)
        .add_extension(x509.BasicConstraints(wanted.ca, None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(wanted.key.public_key()), False)
        .add_extension(_issuer_key(wanted, signer), False)
    )
    if wanted.ca:
        signs = dict.fromkeys(("key_cert_sign", "crl_sign"), True)
        uses = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment")
        rest = dict.fromkeys((*uses, "key_agreement", "encipher_only", "decipher_only"), False)
        builder = builder.add_extension(x509.KeyUsage(**signs, **rest), True)
    if wanted.names:
        names = [x509.DNSName(each) for each in wanted.names]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), not wanted.subject)
    if wanted.purpose is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage([wanted.purpose]), False)
    if wanted.responder:
        place = x509.UniformResourceIdentifier(wanted.responder)
        asked = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, place)
        builder = builder.add_extension(x509.AuthorityInformationAccess([asked]), False)
    if wanted.must_staple:
        stapled = x509.TLSFeature([x509.TLSFeatureType.status_request])
        builder = builder.add_extension(stapled, False)
    # some of the wanted ones are refused by the stubs, and made all the same
    return Made(builder.sign(signer, wanted.hash), wanted.key)  # type: ignore[arg-type]


def _issuer_key(wanted: Wanted, signer: Key) -> x509.AuthorityKeyIdentifier:
    if wanted.issuer_key:
        return x509.AuthorityKeyIdentifier(wanted.issuer_key, None, None)
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())


def authority(name: str, by: Made | None = None, **wanted: object) -> Made:
    plain = Wanted(subject=name, names=(), purpose=None, ca=True, ends=NOW + 3650 * DAY)
    return issue(replace(plain, **wanted), by)  # type: ignore[arg-type]


def of_ours(authority: Authority) -> Made:
    """One of a node's, to issue what it never would."""
    key = load_pem_private_key(authority.key.reveal(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return Made(x509.load_pem_x509_certificate(authority.certificate), key)


def rsa_512() -> rsa.RSAPrivateKey:
    """Made by OpenSSL: cryptography makes none that is so short."""
    key = load_pem_private_key(_openssl("genrsa", "512"), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


def signed_with(digest: str, host: str = HOST, by: Made | None = None) -> Made:
    """A server's, which begins now, signed by OpenSSL: cryptography signs with no such hash. MD5
    needs an issuer with an RSA key."""
    key = ec.generate_private_key(ec.SECP256R1())
    said = (
        "basicConstraints=CA:FALSE",
        "extendedKeyUsage=serverAuth",
        f"subjectAltName=DNS:{host}",
    )
    asked: Sequence[str] = [f"-{digest}", "-subj", f"/CN={host}", "-days", "30"]
    with TemporaryDirectory() as folder:
        files = {name: Path(folder, name) for name in ("key", "ca", "ca-key")}
        files["key"].write_bytes(
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        )
        for each in said:
            asked = [*asked, "-addext", each]
        if by is not None:
            files["ca"].write_bytes(by.pem)
            files["ca-key"].write_bytes(by.key_pem())
            asked = [*asked, "-CA", str(files["ca"]), "-CAkey", str(files["ca-key"])]
        made = _openssl("req", "-x509", "-new", "-key", str(files["key"]), *asked)
    return Made(x509.load_pem_x509_certificate(made), key)


def _openssl(*words: str) -> bytes:
    return subprocess.run(("openssl", *words), check=True, capture_output=True).stdout
