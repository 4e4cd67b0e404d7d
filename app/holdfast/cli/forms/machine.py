"""What Holdfast needs of this machine, as JSON."""

from __future__ import annotations

from collections.abc import Iterable

from holdfast.cli.forms.form import Form
from holdfast.domain.node import Precondition


def preconditions_form(preconditions: Iterable[Precondition]) -> Form:
    return {
        "preconditions": [
            {
                "name": each.name,
                "state": each.state,
                "reason": each.reason,
                "remedy": each.remedy,
            }
            for each in preconditions
        ]
    }
