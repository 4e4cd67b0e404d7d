"""An X.509 certificate in the words that a person reads. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, ExtensionOID

from holdfast.domain.certificate import Certificate, Extension

_CURVES = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}
_HASHES = {"md5": "MD5", "sha1": "SHA-1", "sha224": "SHA-224", "sha256": "SHA-256"} | {
    "sha384": "SHA-384",
    "sha512": "SHA-512",
}
_PURPOSES = {
    ExtendedKeyUsageOID.SERVER_AUTH: "TLS server",
    ExtendedKeyUsageOID.CLIENT_AUTH: "TLS client",
}
_TITLES = {
    ExtensionOID.BASIC_CONSTRAINTS: "Basic constraints",
    ExtensionOID.KEY_USAGE: "Key usage",
    ExtensionOID.EXTENDED_KEY_USAGE: "Purpose",
    ExtensionOID.SUBJECT_ALTERNATIVE_NAME: "Names",
    ExtensionOID.NAME_CONSTRAINTS: "Name constraints",
    ExtensionOID.SUBJECT_KEY_IDENTIFIER: "Subject key",
    ExtensionOID.AUTHORITY_KEY_IDENTIFIER: "Issuer's key",
    ExtensionOID.AUTHORITY_INFORMATION_ACCESS: "Of its issuer",
}
_ACCESS = {
    AuthorityInformationAccessOID.OCSP: "OCSP",
    AuthorityInformationAccessOID.CA_ISSUERS: "certificate",
}
_USES = (
    ("digital_signature", "signs"),
    ("key_encipherment", "encrypts keys"),
    ("key_agreement", "agrees on keys"),
    ("key_cert_sign", "signs certificates"),
    ("crl_sign", "signs revocation lists"),
)


def read_certificate(loaded: x509.Certificate) -> Certificate:
    return Certificate(
        subject=title(loaded.subject),
        issuer=title(loaded.issuer),
        names=names_of(loaded),
        not_before=loaded.not_valid_before_utc,
        not_after=loaded.not_valid_after_utc,
        serial=f"{loaded.serial_number:x}",
        key=key_words(loaded),
        signature=_signature(loaded),
        sha256=_pairs(loaded.fingerprint(hashes.SHA256())),
        sha1=_pairs(loaded.fingerprint(hashes.SHA1())),
        extensions=tuple(_extension(each) for each in loaded.extensions),
        pem=loaded.public_bytes(Encoding.PEM).decode(),
    )


def title(name: x509.Name) -> str:
    """The common name, or else all of it; “(no subject)” for an empty one."""
    common = name.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    return str(common[0].value) if common else name.rfc4514_string() or "(no subject)"


def names_of(loaded: x509.Certificate) -> tuple[str, ...]:
    """The host names and addresses that it is for; of an authority, what it may vouch for."""
    found = [each.value for each in loaded.extensions]
    alternatives = next((v for v in found if isinstance(v, x509.SubjectAlternativeName)), None)
    if alternatives is not None:
        return tuple(str(name.value) for name in alternatives)
    constraints = next((v for v in found if isinstance(v, x509.NameConstraints)), None)
    return tuple(_subtrees(constraints.permitted_subtrees)) if constraints else ()


def key_words(loaded: x509.Certificate) -> str:
    key = loaded.public_key()
    match key:
        case rsa.RSAPublicKey() | dsa.DSAPublicKey():
            kind = "RSA" if isinstance(key, rsa.RSAPublicKey) else "DSA"
            return f"{kind} {key.key_size} bits"
        case ec.EllipticCurvePublicKey():
            return f"ECDSA {_CURVES.get(key.curve.name, key.curve.name)}"
        case ed25519.Ed25519PublicKey():
            return "Ed25519"
        case ed448.Ed448PublicKey():
            return "Ed448"
    return type(key).__name__.removesuffix("PublicKey")


def hash_words(loaded: x509.Certificate) -> str:
    """The hash of its signature; empty where the kind of signature has one of its own."""
    used = loaded.signature_hash_algorithm
    return _HASHES.get(used.name, used.name) if used else ""


def _signature(loaded: x509.Certificate) -> str:
    kind = loaded.signature_algorithm_oid._name
    scheme = next((name for name in ("ecdsa", "RSA", "dsa") if name in kind), kind)
    used = hash_words(loaded)
    return f"{scheme.upper()} with {used}" if used else scheme


def _pairs(digest: bytes) -> str:
    return digest.hex(":").upper()


def _extension(found: x509.Extension[Any]) -> Extension:
    words = next((say for kind, say in _SAID.items() if isinstance(found.value, kind)), None)
    name = _TITLES.get(found.oid) or _spaced(found.oid._name)
    value = words(found.value) if words else found.value.public_bytes().hex(":")
    return Extension(name, found.critical, value)


def _spaced(name: str) -> str:
    """“cRLDistributionPoints” as words, or the number of an extension that nobody knows."""
    split = "".join(f" {sign.lower()}" if sign.isupper() else sign for sign in name)
    return split.strip().capitalize()


def _basic_constraints(value: x509.BasicConstraints) -> str:
    if not value.ca:
        return "no authority"
    if value.path_length is None:
        return "an authority"
    below = f"{value.path_length} below it" if value.path_length else "none below it"
    return f"an authority, {below}"


def _key_usage(value: x509.KeyUsage) -> str:
    return ", ".join(words for use, words in _USES if getattr(value, use))


def _purposes(value: x509.ExtendedKeyUsage) -> str:
    return ", ".join(_PURPOSES.get(oid, oid._name) for oid in value)


def _authority_access(value: x509.AuthorityInformationAccess) -> str:
    """Where its issuer's certificate is, and who answers whether it is still good."""
    return ", ".join(
        f"{_ACCESS.get(each.access_method, _spaced(each.access_method._name))}"
        f" {each.access_location.value}"
        for each in value
    )


def _name_constraints(value: x509.NameConstraints) -> str:
    parts = []
    if value.permitted_subtrees:
        parts.append("only " + ", ".join(_subtrees(value.permitted_subtrees)))
    if value.excluded_subtrees:
        parts.append("never " + ", ".join(_subtrees(value.excluded_subtrees)))
    return "; ".join(parts)


def _subtrees(found: Iterable[x509.GeneralName] | None) -> list[str]:
    return [str(each.value) or "any host name" for each in found or ()]


_SAID: Mapping[type, Callable[[Any], str]] = {
    x509.BasicConstraints: _basic_constraints,
    x509.KeyUsage: _key_usage,
    x509.ExtendedKeyUsage: _purposes,
    x509.SubjectAlternativeName: lambda value: ", ".join(str(each.value) for each in value),
    x509.NameConstraints: _name_constraints,
    x509.AuthorityInformationAccess: _authority_access,
    x509.SubjectKeyIdentifier: lambda value: _pairs(value.digest),
    x509.AuthorityKeyIdentifier: lambda value: _pairs(value.key_identifier or b""),
}
