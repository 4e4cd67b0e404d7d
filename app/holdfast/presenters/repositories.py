"""The repositories of a node: how each is reached, when it last answered, who uses it."""

from __future__ import annotations

from datetime import datetime

from holdfast.domain.connection import CredentialKind, Repository
from holdfast.presenters.quantities import ago

_CREDENTIALS = {
    CredentialKind.NONE: "None",
    CredentialKind.DEPLOY_KEY: "Deploy key",
    CredentialKind.IMPORTED_KEY: "Imported key",
    CredentialKind.TOKEN: "Token",
}


def credential_word(repository: Repository) -> str:
    word = _CREDENTIALS[repository.credential]
    return f"{word}, being rotated" if repository.rotating else word


def contact_line(repository: Repository, now: datetime) -> str:
    """When it was last spoken to, and how that went."""
    contact = repository.contact
    if contact is None:
        return "Not yet" if repository.credential is not CredentialKind.NONE else "–"
    return contact.error or f"Answered {ago(contact.when, now)}"
