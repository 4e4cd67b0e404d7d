"""What a list shows: rows of cells, each with its words and its native value to sort by."""

from __future__ import annotations

from dataclasses import dataclass

from holdfast.presenters.quantities import DASH
from holdfast.presenters.states import Look, Tone
from holdfast.presenters.usage import Trend


@dataclass(frozen=True, slots=True)
class Column:
    """share: of the spare width; width: the least, in pixels at 100 %. addresses: which differ at
    their ends, so that what has no room is left out of their middle."""

    title: str
    width: int
    share: int = 0
    numeric: bool = False
    addresses: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """How much is left of something, 0 to 1."""

    share: float
    tone: Tone


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: a first line, perhaps a muted second one, perhaps a state's shape before each.

    trend: a line of the last minutes, drawn before the text. bar: the same of what is left.
    """

    text: str
    detail: str = ""
    detail_look: Look | None = None
    trend: Trend = ()
    bar: Bar | None = None
    look: Look | None = None
    order: str | float = ""
    tooltip: str = ""
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """key is unique within its list; search is what the filter looks in, lower-case."""

    key: str
    cells: tuple[Cell, ...]
    search: str = ""

    @property
    def spoken(self) -> str:
        """The row in one sentence, for screen readers."""
        parts = (
            part
            for cell in self.cells
            for part in (cell.text, cell.detail_look.word if cell.detail_look else "", cell.detail)
        )
        return ", ".join(part for part in parts if part and part != DASH)
