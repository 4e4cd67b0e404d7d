"""An app's releases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from rich.console import RenderableType
from rich.text import Text

from holdfast.cli.tables.layout import columns
from holdfast.cli.terminal import plain
from holdfast.domain.app import Release
from holdfast.presenters.quantities import ago, short
from holdfast.presenters.releases import kind_words, took


def releases_table(found: Sequence[Release], serving: str | None) -> RenderableType:
    if not found:
        return "No release has been made yet."
    now = datetime.now(UTC)
    table = columns("", "Release", "Commit", "Message", "Author", "Made", "Kind", "Took>")
    for each in found:
        table.add_row(
            Text("●", "green") if each.id == serving else "",
            each.id,
            short(each.commit.id),
            plain(each.commit.message),
            plain(each.commit.author),
            ago(each.created, now),
            kind_words(each),
            took(each.seconds),
        )
    return table


def release_pairs(release: Release) -> tuple[tuple[str, str], ...]:
    return (
        ("Release", release.id),
        ("Commit", f"{short(release.commit.id)} {release.commit.message}"),
        ("Entrypoint", release.entrypoint),
        ("Dependencies", release.dependency_file or "none declared"),
        ("Python", release.python),
    )
