"""How a command fails: the errors of the command line's own, and their exit statuses."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from typing import Any

from holdfast.domain.errors import HoldfastError, UsageError

FAILED = 1
WRONG_USAGE = 2
#: What monitoring plugins tell with their status; 0 is all well.
MONITOR_WARNING = 1
MONITOR_CRITICAL = 2
MONITOR_UNKNOWN = 3


class ReaderGone(Exception):
    """Nobody reads standard output any more: `head` has its lines, or a pager was left."""


class Interrupted(HoldfastError):
    """A signal cancelled the command, which has cleaned up after itself."""

    def __init__(self, number: int, why: str = "") -> None:
        name = signal.Signals(number).name
        super().__init__("Cancelled", why or f"The command received {name}.")
        self.number = number


class Unexpected(HoldfastError):
    """A fault of Holdfast's own. details: a traceback for a report, without credentials."""

    def __init__(self, what: str, why: str, next: str, details: str) -> None:
        super().__init__(what, why, next)
        self.details = details


class NotAllWell(HoldfastError):
    """The command ran to its end, and what it found is bad. form: the JSON that it shows."""

    def __init__(
        self,
        form: Mapping[str, Any],
        what: str,
        why: str = "",
        next: str = "",
        status: int = FAILED,
    ) -> None:
        super().__init__(what, why, next)
        self.form = form
        self.status = status


def exit_status(error: HoldfastError) -> int:
    """128 and the signal's number for a signal, as shells count."""
    if isinstance(error, Interrupted):
        return 128 + error.number
    if isinstance(error, NotAllWell):
        return error.status
    return WRONG_USAGE if isinstance(error, UsageError) else FAILED
