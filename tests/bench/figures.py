"""A figure: what was measured, what it should be, and whether that holds."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rich.table import Table

_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Goal:
    """A bound that a figure may reach, but not cross."""

    direction: Literal["at most", "at least"]
    bound: float

    def holds(self, value: float) -> bool:
        return value <= self.bound if self.direction == "at most" else value >= self.bound

    def __str__(self) -> str:
        return f"{self.direction} {self.bound:g}"


def at_most(bound: float) -> Goal:
    return Goal("at most", bound)


def at_least(bound: float) -> Goal:
    return Goal("at least", bound)


@dataclass(frozen=True, slots=True)
class Figure:
    """unit: `ratio` where two things were compared. how: one sentence, with what was compared."""

    name: str
    value: float
    unit: str
    goal: Goal
    how: str

    @property
    def shown(self) -> float:
        """The value as it is told: what is judged is what is read."""
        return float(f"{self.value:.{_DIGITS}g}")

    @property
    def holds(self) -> bool:
        return self.goal.holds(self.shown)


def as_json(figures: Sequence[Figure]) -> str:
    """One object; raises ValueError for a value that is no number."""
    told = [
        {
            "name": figure.name,
            "value": figure.shown,
            "unit": figure.unit,
            "goal": str(figure.goal),
            "holds": figure.holds,
            "how": figure.how,
        }
        for figure in figures
    ]
    return json.dumps({"figures": told}, indent=1, allow_nan=False)


def write(figures: Sequence[Figure], file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(as_json(figures) + "\n", "utf-8")


def as_table(figures: Sequence[Figure]) -> Table:
    table = Table("Figure", "Value", "Unit", "Goal", "", "How", title="Figures")
    for figure in figures:
        verdict = "holds" if figure.holds else "[bold red]missed[/]"
        value = f"{figure.shown:g}"
        table.add_row(figure.name, value, figure.unit, str(figure.goal), verdict, figure.how)
    return table
