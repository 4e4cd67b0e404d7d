"""The node's certificates, and what is wrong with them."""

from __future__ import annotations

from datetime import datetime

from rich.console import Group, RenderableType
from rich.text import Text

from holdfast.cli.tables.layout import NOTHING, columns, look_text
from holdfast.cli.terminal import plain
from holdfast.domain.certificate import Certificates, WatchedCertificate
from holdfast.presenters.certificate import time_left
from holdfast.presenters.certificates import (
    ROLES,
    reach_line,
    state_look,
    subject_of,
    summary_line,
    trouble_words,
)


def certificates_table(found: Certificates) -> RenderableType:
    table = columns("Role", "For", "State", "Left>", "Issuer", "Next renewal")
    for row in found.rows:
        table.add_row(
            ROLES[row.role],
            plain(subject_of(row)),
            look_text(state_look(row, found.looked)),
            time_left(row.certificate.not_after, found.looked),
            plain(row.certificate.issuer),
            _next_renewal(row),
        )
    return Group(table, *_troubles(found), plain(reach_line(found)))


def _next_renewal(row: WatchedCertificate) -> str:
    if row.next_renewal is None:
        return NOTHING
    return f"{row.next_renewal:%Y-%m-%d}{', suggested' if row.suggested else ''}"


def certificate_check_table(found: Certificates) -> RenderableType:
    return Group(
        plain(summary_line(found)),
        *_troubles(found),
        *map(plain, filter(None, [reach_line(found)])),
    )


def trouble_line(row: WatchedCertificate, now: datetime) -> str:
    return f"{ROLES[row.role]}, {subject_of(row)}: {trouble_words(row, now)}"


def _troubles(found: Certificates) -> list[Text]:
    return [
        Text("! ", "yellow").append_text(plain(trouble_line(row, found.looked)))
        for row in found.rows
        if trouble_words(row, found.looked)
    ]
