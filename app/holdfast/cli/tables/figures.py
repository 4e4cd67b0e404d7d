"""What is kept of Holdfast's own figures."""

from __future__ import annotations

from rich.console import Group, RenderableType

from holdfast.cli.tables.layout import pairs
from holdfast.domain.figures import FIGURES, AppFigures, FiguresChanged
from holdfast.presenters.figures import (
    APART,
    HOW,
    NEVER,
    VISITORS,
    held_sentence,
    newest_sentence,
    receipt,
)


def figures_table(figures: AppFigures) -> RenderableType:
    held = ("Holdfast's figures", held_sentence(figures))
    if not figures.kept:
        return pairs(held)
    newest = ("Newest", newest_sentence(figures))
    return Group(pairs(held, newest), "", HOW, APART, VISITORS, NEVER, pairs(*FIGURES.items()))


def figures_changed_table(changed: FiguresChanged) -> RenderableType:
    told = pairs(("Holdfast's figures", held_sentence(changed.figures)))
    if changed.deleted or not changed.figures.kept:
        return Group(receipt(changed), told)
    return Group(told, APART)
