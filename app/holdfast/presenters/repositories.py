"""The repositories of a node: how each is reached, when it last answered, who uses it."""

from __future__ import annotations

from datetime import datetime

from holdfast.domain.connection import CredentialKind, Repository
from holdfast.presenters.notices import Notice
from holdfast.presenters.quantities import DASH, ago
from holdfast.presenters.rows import Cell, Column, Row
from holdfast.presenters.states import Look, Shape, Tone

COLUMNS = (
    Column("Repository", 260, 3, addresses=True),
    Column("Credential", 130, 1),
    Column("Last contact", 160, 2),
    Column("Apps", 100, 1),
)
READING = Notice("Reading the repositories", "They are listed as soon as the node answers.")
NONE_YET = Notice(
    "No repositories yet",
    "Every app brings its own. A private one is connected with a deploy key or a token.",
    "Add a repository",
)
ACCEPT_KEY, ACCEPT_ANYWAY = "Accept the new key", "It is the server's key"
REMOVE, REMOVE_ANYWAY = "Remove", "Remove anyway"
ANSWERED = Look("Answered", Shape.DISC, Tone.GOOD)
SILENT = Look("Does not answer", Shape.TRIANGLE, Tone.BAD)
NOT_YET = Look("Not yet", Shape.RING, Tone.QUIET)
_CREDENTIALS = {
    CredentialKind.NONE: "None",
    CredentialKind.DEPLOY_KEY: "Deploy key",
    CredentialKind.IMPORTED_KEY: "Imported key",
    CredentialKind.SSH_AGENT: "SSH agent",
    CredentialKind.TOKEN: "Token",
    CredentialKind.BEARER_TOKEN: "Bearer token",
}


def credential_word(repository: Repository) -> str:
    word = _CREDENTIALS[repository.credential]
    if repository.agent_key is not None:
        return f"{word}, {repository.agent_key}"
    if repository.installed:
        word = f"{word}, installed"
    return f"{word}, being rotated" if repository.rotating else word


def contact_line(repository: Repository, now: datetime) -> str:
    """When it was last spoken to, and how that went."""
    contact = repository.contact
    if contact is None:
        return "Not yet" if repository.credential is not CredentialKind.NONE else DASH
    return contact.error or f"Answered {ago(contact.when, now)}"


def contact_look(repository: Repository) -> Look | None:
    if repository.contact is None:
        return None if repository.credential is CredentialKind.NONE else NOT_YET
    return SILENT if repository.contact.error else ANSWERED


def repository_row(repository: Repository, now: datetime) -> Row:
    look = contact_look(repository)
    contact = contact_line(repository, now)
    apps = ", ".join(repository.apps)
    when = repository.contact.when.timestamp() if repository.contact else 0.0
    return Row(
        key=repository.address,
        cells=(
            Cell(repository.address, strong=True, order=repository.address),
            Cell(credential_word(repository), order=credential_word(repository)),
            Cell(contact, look=look, order=when, tooltip=contact),
            Cell(apps or DASH, order=apps, tooltip=apps),
        ),
        search=f"{repository.address} {credential_word(repository)} {apps}".lower(),
    )


def repository_facts(repository: Repository, now: datetime) -> tuple[tuple[str, str], ...]:
    offered = repository.offered_host_key
    changed = (("Shown instead", offered),) if offered else ()
    contact = repository.contact
    helps = (("What to do", contact.next),) if contact and contact.next else ()
    return (
        ("Credential", credential_word(repository)),
        ("Host key", repository.host_key or "Not needed"),
        *changed,
        ("Last contact", contact_line(repository, now)),
        *helps,
        ("Apps", ", ".join(repository.apps) or "None"),
    )


def host_key_warning(repository: Repository) -> str:
    """What accepting another key means."""
    return (
        f"Somebody may stand in between. Compare {repository.offered_host_key} with what the"
        " server's admin published. It then counts for all repositories of this host."
    )


def rotate_word(repository: Repository) -> str:
    if repository.credential is CredentialKind.SSH_AGENT:
        return "Choose key"
    return "Replace token" if repository.credential.is_token else "Rotate key"


def removal_warning(repository: Repository) -> str:
    """What removing would take, where that is more than a credential nobody uses."""
    if not repository.apps:
        return ""
    return (
        f"{', '.join(repository.apps)} would go on serving, and could not be deployed anew until"
        " the repository is connected again."
    )
