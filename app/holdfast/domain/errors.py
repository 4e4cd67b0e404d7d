"""Errors that a user can act on: what happened, why, and the next step."""

from __future__ import annotations


class HoldfastError(Exception):
    """Every failure that reaches a user. Its three sentences never hold a secret.

    what: the headline, one sentence. why: the cause, as far as it is known.
    next: what the user can do about it.
    """

    def __init__(self, what: str, why: str = "", next: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.next = next

    def __str__(self) -> str:
        return " ".join(part for part in (self.what, self.why, self.next) if part)


class UsageError(HoldfastError):
    """The request itself is wrong (a malformed name, a missing flag): nothing was tried."""


class NodeUnreachable(HoldfastError):
    """The engine of a node does not answer."""


class DiskFull(HoldfastError):
    """Nothing more can be written where the node's engine keeps images and volumes."""

    def __init__(self, data_root: str) -> None:
        super().__init__(
            "The node's disk is full.",
            f"Nothing more can be written below {data_root}, where its engine keeps images and "
            "volumes.",
            "Free space there, then try again. An app that nobody needs goes with all that it "
            "keeps: holdfast app remove NAME",
        )


class EngineUnsupported(HoldfastError):
    """The node's engine, or its host, cannot do what apps need, or was never tried."""


class NodeSealed(HoldfastError):
    """The node, or the app's volume, has not been unsealed."""


class AppNotFound(HoldfastError):
    """No app of that name lives on the node."""


class AppBusy(HoldfastError):
    """Another operation holds the app's lock; `why` says which and since when."""


class DeployFailed(HoldfastError):
    """A release could not be made or did not become ready. The release before it still serves."""


class RepositoryError(HoldfastError):
    """The repository could not be read: absent, refused, no such branch or entrypoint."""


class KeychainError(HoldfastError):
    """Base of the keychain's three states that stop an operation."""


class KeychainLocked(KeychainError):
    """There is a keychain, and it has to be unlocked first."""


class KeychainUnreachable(KeychainError):
    """There is no keychain in this session, or it is not one that we accept."""


class KeyMissing(KeychainError):
    """The keychain answers and does not hold what was asked for."""


class NotLetIn(KeyMissing):
    """The node has a recovery kit, and this workstation has never been let in with it."""


class ProofUnknown(HoldfastError):
    """The node's key files hold another proof of origin than this workstation knows."""


def reason_of(error: OSError) -> str:
    """The system's words for what it refused, as a sentence."""
    return f"{error.strerror}." if error.strerror else "The system does not say why."
