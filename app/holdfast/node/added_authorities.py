"""CAs out of a file of the admin's, to be trusted for one git server."""

from __future__ import annotations

from datetime import datetime

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, load_der_private_key
from cryptography.x509 import (
    BasicConstraints,
    Certificate,
    ExtensionNotFound,
    load_der_x509_certificate,
    load_pem_x509_certificates,
)

from holdfast.domain.errors import UsageError

_NEXT = "Give the CA's certificate alone, as whoever looks after that server has it (PEM or DER)."


def read_authorities(content: bytes, now: datetime) -> str:
    """PEM of the CAs in a file, PEM or DER; "" for an empty one. What else stands beside them is
    left out: a chain has the server's own certificate too, a bundle some that have ended. Raises
    UsageError where nothing is left, or where there is a private key."""
    if not content:
        return ""
    if b"PRIVATE KEY-----" in content or _is_key(content):
        raise UsageError(
            "The file of the CA holds a private key.",
            "A CA is trusted by its certificate; its key, or a server's, belongs to nobody else.",
            _NEXT,
        )
    found = _certificates(content)
    signers = [each for each in found if _may_sign(each)]
    if not signers:
        issuer = found[0].issuer.rfc4514_string()[:200]
        raise UsageError(
            "This is the certificate of a server, and of no CA.",
            f"It was issued by {issuer}, which is what has to be trusted.",
            _NEXT,
        )
    valid = [
        each for each in signers if each.not_valid_before_utc <= now <= each.not_valid_after_utc
    ]
    if not valid:
        raise UsageError(_out_of_time(signers[0], now), _period(signers[0]), _NEXT)
    return "".join(each.public_bytes(Encoding.PEM).decode() for each in valid)


def _certificates(content: bytes) -> list[Certificate]:
    try:
        if b"-----BEGIN" in content:
            return load_pem_x509_certificates(content)
        return [load_der_x509_certificate(content)]
    except ValueError:
        # the library's own words may quote what it could not read
        raise UsageError(
            "The file of the CA holds no certificate.",
            "What it has is neither PEM (-----BEGIN CERTIFICATE-----) nor DER.",
            _NEXT,
        ) from None


def _is_key(content: bytes) -> bool:
    try:
        load_der_private_key(content, None)
    except (ValueError, UnsupportedAlgorithm):
        return False
    except TypeError:
        # it is one, and encrypted
        return True
    return True


def _may_sign(certificate: Certificate) -> bool:
    """Or is its own: a server that signed its certificate itself is trusted by that."""
    if certificate.issuer == certificate.subject:
        return True
    try:
        return certificate.extensions.get_extension_for_class(BasicConstraints).value.ca
    except (ExtensionNotFound, ValueError):
        return False


def _out_of_time(certificate: Certificate, now: datetime) -> str:
    return "The CA " + (
        "has expired." if now > certificate.not_valid_after_utc else "is not valid yet."
    )


def _period(certificate: Certificate) -> str:
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    return f"It is valid from {begins:%-d %B %Y} to {ends:%-d %B %Y}."
