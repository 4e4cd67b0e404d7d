"""The receipt of a removal, which fails when something is left."""

from __future__ import annotations

from holdfast.cli import tables
from holdfast.cli.failures import NotAllWell
from holdfast.cli.forms import removal_form
from holdfast.cli.session import Session
from holdfast.domain.node import Removal
from holdfast.presenters.quantities import count


def show_removal(session: Session, removal: Removal | None) -> None:
    form = removal_form(removal)
    if removal is None or not removal.left:
        session.show(form, tables.removal(removal))
        return
    session.fail(
        NotAllWell(
            form,
            f"Not everything is gone: {count(len(removal.left), 'object')} left.",
            "A second search still found them.",
            "Run the same command again.",
        ),
        tables.removal(removal),
    )
