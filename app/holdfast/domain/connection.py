"""How a repository is reached: its credential, and the keys by which its host proves itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from holdfast.domain.errors import RepositoryError
from holdfast.domain.host_keys import HostKey
from holdfast.domain.names import AppName
from holdfast.domain.secret import Secret
from holdfast.domain.ssh_agent import read_agent_key

#: So much of an error is kept.
_TOLD = 300


class CredentialKind(StrEnum):
    NONE = "none"
    DEPLOY_KEY = "deploy key"
    IMPORTED_KEY = "imported key"
    TOKEN = "token"
    BEARER_TOKEN = "bearer token"
    """A token that the server takes in a header of its own, and no user with it (RFC 6750)."""

    SSH_AGENT = "ssh agent"
    """A key that the workstation's ssh agent holds, and nobody reads."""

    @property
    def is_token(self) -> bool:
        return self in (CredentialKind.TOKEN, CredentialKind.BEARER_TOKEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """What is kept of a repository, in the keychain.

    secret: an OpenSSH private key without a passphrase, or a token. secret_before: the key that
    `secret` replaces, until the new one has opened the repository. user: whose a token is.
    public_key: one line, as forges take it; of an ssh agent's key, whose secret is elsewhere, it
    says which. host_keys: those that the admin confirmed; empty for a host whose keys ship with
    Holdfast. certificates: PEM of CAs added for the host. apps: those that were deployed with it.
    installed: the API by which Holdfast gave the forge the public key, "" where a person did.
    installing: the API that was asked to take it, and whose answer has not come: it may be there.
    """

    address: str
    credential: CredentialKind
    secret: Secret | None = None
    secret_before: Secret | None = None
    user: str = ""
    public_key: str = ""
    host_keys: tuple[HostKey, ...] = ()
    certificates: str = ""
    apps: tuple[AppName, ...] = ()
    installed: str = ""
    installing: str = ""

    @property
    def forge_api(self) -> str:
        """Where Holdfast's key is, or may be; "" where it never put one."""
        return self.installed or self.installing

    @property
    def private(self) -> bool:
        """Whether the repository is one that not everybody reads: it was given a credential."""
        return self.credential is not CredentialKind.NONE

    @property
    def opens(self) -> bool:
        """Whether there is a credential in it."""
        return self.secret is not None or self.credential is CredentialKind.SSH_AGENT


@dataclass(frozen=True, slots=True)
class Contact:
    """The last time that this workstation spoke to a repository. error: "" where it answered; next:
    what to do about it. offered: the fingerprint that its host showed, where that is not what it is
    held to."""

    when: datetime
    error: str = ""
    offered: str = ""
    next: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """A repository as lists show it. host_keys: those that its host is held to.

    rotating: its key is new, and the one before it is still offered too. installed: Holdfast gave
    the forge its public key, and takes it away again. user: of a token, where it is not what its
    forge calls every token's.
    """

    address: str
    credential: CredentialKind = CredentialKind.NONE
    public_key: str = ""
    host_keys: tuple[HostKey, ...] = ()
    contact: Contact | None = None
    rotating: bool = False
    apps: tuple[AppName, ...] = ()
    installed: bool = False
    user: str = ""

    @property
    def host_key(self) -> str | None:
        """The fingerprint of the key that a host is asked for first."""
        return self.host_keys[0].fingerprint if self.host_keys else None

    @property
    def agent_key(self) -> str | None:
        """The fingerprint of the key that the ssh agent is asked for."""
        if self.credential is not CredentialKind.SSH_AGENT:
            return None
        return read_agent_key(self.public_key).fingerprint

    @property
    def offered_host_key(self) -> str | None:
        """The fingerprint of the one that the host showed instead, the last time."""
        return (self.contact.offered or None) if self.contact else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionRequest:
    """What shall be kept of a repository. Without key and token, an SSH address gets a new key.

    key: a private key as a file has it. token: for HTTPS. bearer: it is sent as a bearer token;
    otherwise so alone where the server asks for nothing else. host_key: a fingerprint that the
    admin has compared. certificates: a file of CAs to trust for this host beside the
    system's, PEM or DER. agent_key: the fingerprint of the key to use of this workstation's ssh
    agent; "" where it is the only one there, None for none of them. install: give the public half
    of a new key to the forge, where this workstation is signed in; an https address becomes the SSH
    one.
    """

    address: str
    key: Secret | None = None
    passphrase: Secret | None = None
    token: Secret | None = None
    bearer: bool = False
    user: str = ""
    host_key: str | None = None
    agent_key: str | None = None
    certificates: bytes = field(default=b"", repr=False)
    install: bool = False


class CredentialNeeded(RepositoryError):
    """The repository is there for those alone who bring a credential, or is not there."""


class CredentialRefused(RepositoryError):
    """The repository's server does not accept the credential that is kept for it."""


class ServerUntrusted(RepositoryError):
    """The certificate of the repository's server is not accepted: nothing was sent to it. by_ca:
    one that is added may help."""

    def __init__(self, what: str, why: str, next: str, by_ca: bool = True) -> None:
        super().__init__(what, why, next)
        self.by_ca = by_ca


class ServerBusy(RepositoryError):
    """The repository's server cannot answer now. rest: for how long it asks to be left alone."""

    def __init__(self, what: str, why: str, next: str, rest: timedelta | None) -> None:
        super().__init__(what, why, next)
        self.rest = rest


class HostKeyUnknown(RepositoryError):
    """Nobody has confirmed the keys of this SSH server. offered: those that it shows."""

    def __init__(self, host: str, offered: tuple[HostKey, ...], address: str) -> None:
        shown = ", ".join(f"{key.name} {key.fingerprint}" for key in offered)
        super().__init__(
            f"The host key of {host} is not known.",
            f"The server shows {shown}.",
            "Compare it with what the server's admin published, then: holdfast repository add"
            f" {address} --host-key {offered[0].fingerprint}",
        )
        self.host = host
        self.offered = offered


class HostKeyChanged(RepositoryError):
    """An SSH server shows other keys than those that it is held to. Nothing was sent to it."""

    def __init__(
        self, host: str, kept: tuple[HostKey, ...], offered: tuple[HostKey, ...], address: str
    ) -> None:
        was = ", ".join(key.fingerprint for key in kept)
        now = ", ".join(key.fingerprint for key in offered) or "no key at all"
        named = offered[0].fingerprint if offered else "SHA256:…"
        super().__init__(
            f"The host key of {host} has changed.",
            f"It is held to {was}, and shows {now}. Somebody may stand in between.",
            "Ask the server's admin. Only if the new key is theirs: holdfast repository add"
            f" {address} --host-key {named}",
        )
        self.offered = offered


def contact_after(error: RepositoryError | None, when: datetime) -> Contact:
    """How it went, as it is kept."""
    if error is None:
        return Contact(when)
    offered = error.offered if isinstance(error, HostKeyChanged) else ()
    shown = offered[0].fingerprint if offered else ""
    return Contact(when, f"{error.what} {error.why}".strip()[:_TOLD], shown, error.next)


class PassphraseNeeded(RepositoryError):
    """The private key is encrypted, and its passphrase was not given, or is another."""
