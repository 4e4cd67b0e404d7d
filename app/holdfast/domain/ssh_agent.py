"""Keys of the workstation's ssh agent, and what its ssh asks a server for with one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from holdfast.domain.errors import RepositoryError
from holdfast.domain.host_keys import SSH_PORT, fingerprint, is_public_key
from holdfast.domain.repository import RepositoryAddress

#: Certificates, which agents list beside their keys, are left out: the key itself is offered.
_KINDS = ("ssh-ed25519", "ecdsa-sha2-", "ssh-rsa", "sk-ssh-ed25519", "sk-ecdsa-sha2-")
_CERTIFICATE = "-cert-v01@openssh.com"


@dataclass(frozen=True, slots=True)
class AgentKey:
    """A public key, as OpenSSH writes it in one line. kind: as SSH names it; key: base64."""

    kind: str
    key: str
    comment: str = ""

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.key)

    @property
    def name(self) -> str:
        """How whoever made it calls it."""
        return self.comment or self.kind

    @property
    def line(self) -> str:
        return f"{self.kind} {self.key} {self.comment}".rstrip()


@dataclass(frozen=True, slots=True)
class SshPlace:
    """A repository as SSH reaches it. path: as the server's git takes it."""

    user: str
    host: str
    port: int
    path: str

    @property
    def command(self) -> str:
        """As git asks for it. The path of an address that was parsed needs no escapes."""
        return f"git-upload-pack '{self.path}'"


class AgentSilent(RepositoryError):
    """There is no ssh agent here, or it holds no key that could be used."""


class AgentKeyMissing(RepositoryError):
    """The ssh agent does not hold the key that opens a repository."""


class AgentKeyUnchosen(RepositoryError):
    """The ssh agent holds several keys, and nobody said which."""

    def __init__(self, keys: Sequence[AgentKey], address: str) -> None:
        shown = ", ".join(f"{key.fingerprint} ({key.name})" for key in keys)
        super().__init__(
            "The ssh agent holds several keys.",
            f"A server gives up after a few that it does not know. There are {shown}.",
            f"Say which: holdfast repository add {address} --agent-key {keys[0].fingerprint}",
        )
        self.keys = tuple(keys)


def choose_agent_key(held: Sequence[AgentKey], wanted: str, address: str) -> AgentKey:
    """wanted: a fingerprint, "" for the only one. Raises AgentKeyMissing, AgentKeyUnchosen."""
    if not wanted and len(held) > 1:
        raise AgentKeyUnchosen(held, address)
    for key in held:
        if wanted in ("", key.fingerprint):
            return key
    raise AgentKeyMissing(
        "The ssh agent does not hold that key.",
        f"{wanted} is not among {', '.join(key.fingerprint for key in held)}.",
        "Choose one of them, or give the agent that key with ssh-add.",
    )


def ssh_place(address: RepositoryAddress) -> SshPlace:
    """Of an SSH address, as git understands it."""
    host, port = (address.host or "").strip("[]"), address.port or SSH_PORT
    if "://" not in address.url:
        user, _, rest = address.url.partition("@")
        return SshPlace(user, host, port, rest.removeprefix(f"{address.host}:"))
    parts = urlsplit(address.url)
    # a home folder is named without the slash before it
    path = parts.path[1:] if parts.path.startswith("/~") else parts.path
    return SshPlace(parts.username or "", host, port, path)


def parse_agent_keys(text: str) -> tuple[AgentKey, ...]:
    """The keys that `ssh-add -L` prints, one a line."""
    found = []
    for line in text.splitlines():
        kind, _, rest = line.partition(" ")
        key, _, comment = rest.partition(" ")
        usable = kind.startswith(_KINDS) and not kind.endswith(_CERTIFICATE)
        if usable and is_public_key(key):
            found.append(AgentKey(kind, key, comment.strip()))
    return tuple(found)


def read_agent_key(line: str) -> AgentKey:
    """What `AgentKey.line` wrote."""
    return AgentKey(*line.split(" ", 2))
