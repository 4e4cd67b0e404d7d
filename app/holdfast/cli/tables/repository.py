"""The repositories, and how each is reached."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from rich.console import RenderableType

from holdfast.cli.tables.layout import columns, pairs
from holdfast.cli.terminal import plain
from holdfast.domain.connection import Repository
from holdfast.presenters.quantities import DASH
from holdfast.presenters.repositories import contact_line, credential_word


def repositories_table(found: Sequence[Repository]) -> RenderableType:
    if not found:
        return "No repositories yet: each app brings its own."
    now = datetime.now(UTC)
    table = columns("Address", "Credential", "Host key", "Last contact", "Apps")
    for each in found:
        table.add_row(
            plain(each.address),
            credential_word(each),
            each.host_key or DASH,
            plain(contact_line(each, now)),
            ", ".join(each.apps) or DASH,
        )
    return table


def repository_table(found: Repository) -> RenderableType:
    return pairs(
        ("Address", found.address),
        ("Credential", credential_word(found)),
        ("Host key", found.host_key),
        ("Last contact", contact_line(found, datetime.now(UTC))),
        ("Apps", ", ".join(found.apps)),
    )
