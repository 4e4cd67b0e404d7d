"""A command's failure as JSON."""

from __future__ import annotations

from holdfast.cli.forms.form import Form
from holdfast.domain.errors import HoldfastError


def error_form(error: HoldfastError) -> Form:
    return {"error": {"what": error.what, "why": error.why, "next": error.next}}
