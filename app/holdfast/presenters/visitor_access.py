"""Who may visit an app: the choice, what it means, and the certificates of its visitors."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from holdfast.domain.errors import UsageError, reason_of
from holdfast.domain.names import AppName
from holdfast.domain.visitor_access import (
    VISITOR_DAYS,
    AccessMode,
    IssuedVisitor,
    Visitor,
    VisitorAccess,
    VisitorState,
    parse_visitor,
)
from holdfast.presenters.rows import Cell, Column, Row
from holdfast.presenters.states import Look, Shape, Tone

TITLE = "Access"
CHOICES = {
    AccessMode.PUBLIC: "Everybody who reaches its address",
    AccessMode.CERTIFICATE: "Visitors with a client certificate",
}
WHO = "Who may visit the app"
READING = "Reading who may visit the app…"
UNKNOWN = "Who may visit the app is kept among its keys, which cannot be read now."
VISITOR, VISITOR_HINT = "Issue a certificate for", "Ada on laptop"
ISSUE = "Issue and save…"
NONE_ISSUED = "No certificate has been issued yet."
STAYS = "It holds for new connections. Pages that are open stay open until they are closed."
NEXT_STEPS = (
    "The passphrase is shown this once. Hand it over by another way than the file. The visitor"
    " imports the file into the browser and opens the app's address."
)
LOOKS = {
    VisitorState.VALID: Look("Valid", Shape.DISC, Tone.GOOD),
    VisitorState.EXPIRED: Look("Expired", Shape.TRIANGLE, Tone.WARN),
    VisitorState.REVOKED: Look("Revoked", Shape.RING, Tone.QUIET),
    VisitorState.ENDED: Look("Ended with its CA", Shape.RING, Tone.QUIET),
}
COLUMNS = (
    Column("Visitor", 160, 2),
    Column("Serial number", 120, 1),
    Column("Valid until", 100),
    Column("State", 140),
)


def mode_sentence(access: VisitorAccess) -> str:
    if access.mode is AccessMode.PUBLIC:
        return f"Everybody who reaches the address of {access.app} may visit it."
    if not access.visitors:
        return (
            f"{access.app} is visited with a client certificate alone, and none has been issued:"
            " nobody gets in."
        )
    return f"{access.app} is visited with a client certificate alone."


def changed_sentence(access: VisitorAccess) -> str:
    return f"{mode_sentence(access)} {STAYS}"


def revoked_sentence(app: AppName) -> str:
    return (
        "It opens no new connection from now on. Pages that it has open stay open: to cut them off,"
        f" restart the app with holdfast app restart {app}"
    )


def issued_sentence(made: IssuedVisitor, file: Path) -> str:
    return f"The certificate of {made.visitor.name} is in {file}. {NEXT_STEPS}"


def not_saved(made: IssuedVisitor, error: OSError) -> str:
    return (
        f"The file could not be written. {reason_of(error)} Revoke the certificate"
        f" {made.visitor.serial[:12]}, and issue another one."
    )


def about(chosen: AccessMode, access: VisitorAccess) -> str:
    """Beneath the choice, while it differs from what holds or not."""
    if chosen is access.mode:
        return mode_sentence(access)
    if chosen is AccessMode.PUBLIC:
        return f"Whoever reaches the address of {access.app} gets in. {STAYS}"
    return f"Who has no certificate reads a page that says so. {STAYS}"


def wrong_visitor(name: str) -> str:
    """What is wrong with a name that was typed, "" where nothing is."""
    try:
        parse_visitor(name, VISITOR_DAYS)
    except UsageError as error:
        return error.why
    return ""


def file_name(app: AppName, visitor: str) -> str:
    """What is proposed."""
    plain = "".join(sign if sign.isalnum() else "-" for sign in visitor.lower())
    return f"{app}-{'-'.join(filter(None, plain.split('-')))}.p12"


def until(visitor: Visitor) -> str:
    return f"{visitor.not_after:%Y-%m-%d}"


def rows(access: VisitorAccess, now: datetime) -> tuple[Row, ...]:
    made = []
    for visitor in access.visitors:
        look = LOOKS[access.state(visitor, now)]
        when = f"{visitor.revoked:%Y-%m-%d %H:%M} UTC" if visitor.revoked else ""
        cells = (
            Cell(visitor.name),
            Cell(visitor.serial[:12], tooltip=visitor.serial),
            Cell(until(visitor), order=visitor.not_after.timestamp()),
            Cell(look.word, tooltip=when, look=look),
        )
        made.append(Row(visitor.serial, cells))
    return tuple(made)


def why_not_revoked(access: VisitorAccess | None, serial: str | None, now: datetime) -> str:
    """Why the chosen one cannot be revoked, "" where it can be."""
    chosen = next((v for v in access.visitors if v.serial == serial), None) if access else None
    if access is None or chosen is None:
        return "Choose a certificate first."
    state = access.state(chosen, now)
    return "" if state is VisitorState.VALID else "It opens nothing any more."
