"""A failure as the user meets it: what happened, why, what to do, and details to copy."""

from __future__ import annotations

import re
import traceback
from dataclasses import dataclass

from holdfast.domain.errors import DeployFailed, HoldfastError

#: Credentials within an address, and values that follow a telling word.
_MASKS = (
    (re.compile(r"(\w+://)[^\s/@]+@"), r"\1•••@"),
    (
        re.compile(r"(?i)\b(password|passwd|token|secret|api[_-]?key)(['\"]?\s*[:=]\s*)\S+"),
        r"\1\2•••",
    ),
    (re.compile(r"\b(gh[pousr]_|glpat-|github_pat_)\w+"), r"\1•••"),
)


@dataclass(frozen=True, slots=True)
class Problem:
    what: str
    why: str = ""
    next: str = ""
    details: str = ""


def mask(text: str) -> str:
    """Hide what looks like a credential."""
    for pattern, replacement in _MASKS:
        text = pattern.sub(replacement, text)
    return text


def explain(error: Exception) -> Problem:
    details = mask("".join(traceback.format_exception(error)).rstrip())
    if isinstance(error, HoldfastError):
        return Problem(mask(error.what), mask(error.why), mask(error.next), details)
    return Problem(
        "Holdfast itself went wrong.",
        mask(f"{type(error).__name__}: {error}".rstrip(": ")),
        "Nothing was left half done on purpose. Copy the details and report them.",
        details,
    )


def in_one(problem: Problem) -> str:
    """All of it, where there is one text for it."""
    return " ".join(part for part in (problem.what, problem.why, problem.next) if part)


def explain_unattended(error: Exception) -> Problem:
    """What is told where it is written down in the clear, as a journal does: why a release failed
    may be what its app printed."""
    problem = explain(error)
    if not isinstance(error, DeployFailed):
        return problem
    return Problem(problem.what, next="See why in the window, or update the app by hand.")
