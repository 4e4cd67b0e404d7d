"""What is kept of Holdfast's own figures, as JSON."""

from __future__ import annotations

from holdfast.cli.forms.form import Form
from holdfast.domain.figures import FIGURES, KEPT_DAYS, KEPT_EVERY, AppFigures, FiguresChanged
from holdfast.presenters.figures import WHERE, row_form


def figures_form(figures: AppFigures) -> Form:
    """first, last: when the oldest and the newest that are held were measured, or null. newest:
    that one, as it is kept, or null."""
    measured = figures.measured
    return {
        "kept": figures.kept,
        "every_seconds": KEPT_EVERY,
        "days": KEPT_DAYS,
        "where": WHERE,
        "meaning": dict(FIGURES),
        "measurements": len(measured),
        "first": measured[0].at.isoformat() if measured else None,
        "last": measured[-1].at.isoformat() if measured else None,
        "newest": row_form(measured[-1]) if measured else None,
        "size_bytes": figures.size_bytes,
    }


def figures_changed_form(changed: FiguresChanged) -> Form:
    return {
        "name": changed.figures.app,
        "figures": figures_form(changed.figures),
        "deleted": changed.deleted,
        "left": changed.left,
        "at": changed.at.isoformat(),
    }
