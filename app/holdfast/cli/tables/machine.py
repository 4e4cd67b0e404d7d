"""What Holdfast needs of this machine, and what it found."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import RenderableType
from rich.text import Text

from holdfast.cli.tables.layout import columns
from holdfast.cli.terminal import plain
from holdfast.domain.node import Precondition

_PRECONDITIONS = {"ok": ("✓", "green"), "warning": ("!", "yellow"), "missing": ("✗", "bold red")}


def preconditions_table(found: Iterable[Precondition]) -> RenderableType:
    table = columns("", "Precondition", "Found", "Remedy")
    for each in found:
        table.add_row(
            Text(*_PRECONDITIONS[each.state]), each.name, plain(each.reason), plain(each.remedy)
        )
    return table
