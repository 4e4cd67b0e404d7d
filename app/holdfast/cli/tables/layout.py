"""How facts stand on a terminal: in pairs or in columns, a state in its colour."""

from __future__ import annotations

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from holdfast.cli.terminal import plain
from holdfast.presenters.quantities import DASH
from holdfast.presenters.states import Look, Tone

STYLES = {
    Tone.GOOD: "green",
    Tone.BUSY: "cyan",
    Tone.BAD: "bold red",
    Tone.WARN: "yellow",
    Tone.SEALED: "magenta",
}


def look_text(look: Look) -> Text:
    return Text(look.word, STYLES.get(look.tone, ""))


def pairs(*rows: tuple[str, str | Text | None]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    for name, value in rows:
        table.add_row(name, value if isinstance(value, Text) else plain(value or DASH))
    return table


def columns(*headings: str) -> Table:
    """A column whose heading ends with > holds numbers."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for heading in headings:
        numeric = heading.endswith(">")
        table.add_column(
            heading.removesuffix(">"), justify="right" if numeric else "left", overflow="fold"
        )
    return table
