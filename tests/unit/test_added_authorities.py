"""What a file of CAs may hold: certificates that can be trusted, and never a private key."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

from holdfast.domain.errors import UsageError
from holdfast.node.added_authorities import read_authorities

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)
KEY = generate_private_key(SECP256R1())


def name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def certificate(
    subject: str, issuer: str, *, ca: bool | None, begins: datetime = NOW - DAY, days: int = 9
) -> x509.Certificate:
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(name(issuer))
        .public_key(KEY.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + days * DAY)
    )
    if ca is not None:
        builder = builder.add_extension(x509.BasicConstraints(ca, None), critical=True)
    return builder.sign(KEY, SHA256())


def pem(*certificates: x509.Certificate) -> bytes:
    return b"".join(each.public_bytes(Encoding.PEM) for each in certificates)


ROOT = certificate("Team CA", "Team CA", ca=True)
MIDDLE = certificate("Team's second", "Team CA", ca=True)
SERVER = certificate("git.example", "Team CA", ca=False)
OWN = certificate("git.example", "git.example", ca=None)
ENDED = certificate("Team CA", "Team CA", ca=True, begins=NOW - 30 * DAY)
LATER = certificate("Team CA", "Team CA", ca=True, begins=NOW + DAY)


@pytest.mark.parametrize(
    ("content", "kept"),
    [
        (pem(ROOT), [ROOT]),
        (pem(ROOT).rstrip(), [ROOT]),
        (b"Team CA\r\n" + pem(ROOT).replace(b"\n", b"\r\n"), [ROOT]),
        (ROOT.public_bytes(Encoding.DER), [ROOT]),
        # a server's own signature is all that there is to trust
        (pem(OWN), [OWN]),
        (pem(SERVER, MIDDLE, ROOT), [MIDDLE, ROOT]),
        (pem(ENDED, ROOT), [ROOT]),
        (b"", []),
    ],
)
def test_what_can_be_trusted_is_kept_as_pem(content: bytes, kept: list[x509.Certificate]) -> None:
    assert read_authorities(content, NOW) == pem(*kept).decode()


@pytest.mark.parametrize(
    ("content", "what", "why"),
    [
        (pem(ENDED), "has expired", "to 30 October 2026"),
        (pem(LATER), "is not valid yet", "from 21 November 2026"),
        (pem(SERVER), "of a server, and of no CA", "issued by CN=Team CA"),
        (b"hello", "holds no certificate", "neither PEM"),
        (
            b"-----BEGIN CERTIFICATE-----\nhush\n-----END CERTIFICATE-----\n",
            "no certificate",
            "PEM",
        ),
        (b"\x30\x82\x00\xff", "no certificate", "DER"),
    ],
)
def test_what_cannot_is_refused(content: bytes, what: str, why: str) -> None:
    with pytest.raises(UsageError, match=what) as told:
        read_authorities(content, NOW)
    assert why in told.value.why
    assert "hush" not in f"{told.value}{told.value.__cause__}"


def _keys(key: EllipticCurvePrivateKey) -> list[bytes]:
    locked = BestAvailableEncryption(b"sesame")
    return [
        key.private_bytes(encoding, PrivateFormat.PKCS8, how)
        for encoding in (Encoding.PEM, Encoding.DER)
        for how in (NoEncryption(), locked)
    ]


@pytest.mark.parametrize("key", [*_keys(KEY), pem(ROOT) + _keys(KEY)[0]])
def test_a_private_key_is_refused_and_never_repeated(key: bytes) -> None:
    with pytest.raises(UsageError, match="holds a private key") as told:
        read_authorities(key, NOW)
    words = f"{told.value} {told.value.why} {told.value.next} {told.value.__cause__}"
    assert not any(line.decode() in words for line in key.splitlines() if line.isalnum())
