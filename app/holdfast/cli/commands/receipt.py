"""The receipt of a removal, which fails when something is left."""

from __future__ import annotations

from holdfast.cli.failures import NotAllWell
from holdfast.cli.forms.receipt import removal_form
from holdfast.cli.session import Session
from holdfast.cli.tables.receipt import removal_table
from holdfast.domain.node import Removal
from holdfast.presenters.quantities import count


def show_removal(session: Session, removal: Removal | None) -> None:
    form = removal_form(removal)
    if removal is None or not removal.left:
        session.show(form, removal_table(removal))
        return
    session.fail(
        NotAllWell(
            form,
            f"Not everything is gone: {count(len(removal.left), 'object')} left.",
            "A second search still found them.",
            "Run the same command again.",
        ),
        removal_table(removal),
    )
