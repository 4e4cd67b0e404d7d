"""SSH key pairs by which a repository is read: made here, or taken from a file of the admin's."""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_ssh_private_key,
)

from holdfast.domain.connection import PassphraseNeeded
from holdfast.domain.errors import UsageError
from holdfast.domain.secret import Secret

_Key = Ed25519PrivateKey | EllipticCurvePrivateKey | RSAPrivateKey
_LEAST_RSA_BITS = 2048
_OPENSSH = b"-----BEGIN OPENSSH PRIVATE KEY-----"


@dataclass(frozen=True, slots=True)
class KeyPair:
    """private: in OpenSSH's format, without a passphrase. public: one line, as forges take it."""

    private: Secret
    public: str


def new_key_pair(comment: str) -> KeyPair:
    return _pair(Ed25519PrivateKey.generate(), comment)


def read_key_pair(file: Secret, passphrase: Secret | None, comment: str) -> KeyPair:
    """A private key of OpenSSH's or PEM. Raises PassphraseNeeded; UsageError for what is no key,
    or none of a kind that servers should still accept."""
    content = file.reveal().replace(b"\r\n", b"\n").strip() + b"\n"
    load = load_ssh_private_key if content.startswith(_OPENSSH) else load_pem_private_key
    try:
        key = load(content, passphrase.reveal() if passphrase else None)
    except TypeError:
        if passphrase is not None:
            # it is not encrypted: what was given beside it opens nothing
            return read_key_pair(file, None, comment)
        raise _locked("Its passphrase was not given.") from None
    except (ValueError, UnsupportedAlgorithm):
        # the library's own words may quote what it could not read
        if passphrase is not None:
            raise _locked("The passphrase is not the one of this key.") from None
        raise _no_key("It is no private key of OpenSSH's, and no PEM.") from None
    if not isinstance(key, _Key):
        raise _no_key("Its kind is not known to be safe.")
    if isinstance(key, RSAPrivateKey) and key.key_size < _LEAST_RSA_BITS:
        raise _no_key(f"An RSA key of {key.key_size} bits can be broken.")
    return _pair(key, comment)


def _pair(key: _Key, comment: str) -> KeyPair:
    private = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    return KeyPair(Secret(private), f"{public.decode()} {comment}")


def _locked(why: str) -> PassphraseNeeded:
    return PassphraseNeeded(
        "The private key is encrypted.", why, "Give its passphrase, or a key without one."
    )


def _no_key(why: str) -> UsageError:
    return UsageError(
        "This key cannot be used.",
        why,
        "Give an ed25519, ECDSA or RSA key (2048 bits or more), or leave it out: one is made.",
    )
