"""The public keys by which SSH servers prove who they are."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from holdfast.domain.repository import RepositoryAddress

#: Which is pinned where a server offers several, the best first.
_KINDS = {
    "ssh-ed25519": "ED25519",
    "ecdsa-sha2-nistp256": "ECDSA",
    "ecdsa-sha2-nistp384": "ECDSA",
    "ecdsa-sha2-nistp521": "ECDSA",
    "ssh-rsa": "RSA",
}
SSH_PORT = 22


@dataclass(frozen=True, slots=True)
class HostKey:
    """kind: as SSH names it. key: base64 of the public key."""

    kind: str
    key: str

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.key)

    @property
    def name(self) -> str:
        return _KINDS[self.kind]


def fingerprint(key: str) -> str:
    """As ssh-keygen and the forges' own pages print it (RFC 4648 without its padding).
    key: base64 of the public key."""
    digest = hashlib.sha256(base64.b64decode(key)).digest()
    return f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}"


def known_name(address: RepositoryAddress) -> str:
    """How OpenSSH calls a host in a known_hosts file."""
    host = (address.host or "").strip("[]")
    port = address.port or SSH_PORT
    return host if port == SSH_PORT else f"[{host}]:{port}"


def parse_known_hosts(text: str, host: str) -> tuple[HostKey, ...]:
    """The keys that lines of a known_hosts file, or of ssh-keyscan, give for a host; the best
    kind first. What is no such line is passed over."""
    found = []
    for line in text.splitlines():
        fields = line.split()
        if (
            len(fields) >= 3
            and fields[0] == host
            and fields[1] in _KINDS
            and is_public_key(fields[2])
        ):
            found.append(HostKey(fields[1], fields[2]))
    order = list(_KINDS)
    return tuple(sorted(set(found), key=lambda key: order.index(key.kind)))


def known_hosts(host: str, keys: Iterable[HostKey]) -> str:
    return "".join(f"{host} {key.kind} {key.key}\n" for key in keys)


def is_public_key(text: str) -> bool:
    """Whether it is base64, as the key itself is written."""
    try:
        return bool(base64.b64decode(text, validate=True))
    except binascii.Error:
        return False
