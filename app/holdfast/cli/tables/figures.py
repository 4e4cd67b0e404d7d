"""What is kept of Holdfast's own figures."""

from __future__ import annotations

from rich.console import Group, RenderableType

from holdfast.cli.tables.layout import pairs
from holdfast.domain.figures import FIGURES, AppFigures, FiguresChanged
from holdfast.presenters.figures import HOW, NEVER, VISITORS, held_sentence, receipt


def figures_table(figures: AppFigures) -> RenderableType:
    held = pairs(("Holdfast's figures", held_sentence(figures)))
    if not figures.kept:
        return held
    return Group(held, "", HOW, VISITORS, NEVER, pairs(*FIGURES.items()))


def figures_changed_table(changed: FiguresChanged) -> RenderableType:
    told = pairs(("Holdfast's figures", held_sentence(changed.figures)))
    return Group(receipt(changed), told) if changed.deleted or not changed.figures.kept else told
