"""Who may visit an app, and the certificates of its visitors."""

from __future__ import annotations

from datetime import UTC, datetime

from rich.console import Group, RenderableType

from holdfast.cli.tables.layout import columns, look_text, pairs
from holdfast.cli.terminal import plain
from holdfast.domain.visitor_access import IssuedVisitor, VisitorAccess
from holdfast.presenters.visitor_access import (
    LOOKS,
    NEXT_STEPS,
    mode_sentence,
    until,
)


def access_table(access: VisitorAccess) -> RenderableType:
    said = plain(mode_sentence(access))
    if not access.visitors:
        return said
    now = datetime.now(UTC)
    table = columns("Visitor", "Serial number", "Valid until", "State")
    for visitor in access.visitors:
        table.add_row(
            plain(visitor.name),
            visitor.serial,
            until(visitor),
            look_text(LOOKS[access.state(visitor, now)]),
        )
    return Group(said, "", table)


def issued_table(made: IssuedVisitor, saved: str) -> RenderableType:
    return Group(
        pairs(
            ("Certificate", f"{made.visitor.name}, until {until(made.visitor)}"),
            ("Serial number", made.visitor.serial),
            ("File", saved),
            ("Passphrase", made.passphrase.reveal().decode()),
        ),
        "",
        plain(NEXT_STEPS),
    )
