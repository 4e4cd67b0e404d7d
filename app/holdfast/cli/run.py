"""Drives one operation to its end, and lets SIGINT and SIGTERM cancel it."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread, current_thread, main_thread
from types import FrameType
from typing import TypeVar, cast

from holdfast.cli.failures import Interrupted, ReaderGone, Unexpected
from holdfast.domain.errors import HoldfastError
from holdfast.domain.operation import CancelToken, Operation, Outcome, Update, drive
from holdfast.presenters.problem import explain

Result = TypeVar("Result")
Notify = Callable[[Update], None]

#: Seconds.
_HEEDED_WITHIN = 0.5


def carry_out(operation: Operation[Result], notify: Notify) -> Result:
    """Return the operation's result, or raise a HoldfastError: its own, or Interrupted.

    notify: called on another thread. When it raises ReaderGone the operation is cancelled,
    and the error raised here once it has cleaned up.
    """
    token = CancelToken()
    with _cancelling(token) as signals:
        outcome, gone = _drive_on_a_thread(operation, token, notify)
    if gone is not None:
        raise gone
    if signals and (outcome.cancelled or outcome.error is not None):
        # what a closed stream raises is no news beside the signal, but may name what is left
        why = outcome.error.what if isinstance(outcome.error, HoldfastError) else ""
        raise Interrupted(signals[0], why) from outcome.error
    if outcome.error is not None:
        raise _told(outcome.error)
    if outcome.cancelled:
        raise HoldfastError("The operation was cancelled.")
    return cast(Result, outcome.result)


def follow(operation: Operation[None], notify: Notify) -> None:
    """Run a follower until its end or a signal; a signal always raises Interrupted."""
    token = CancelToken()
    with _cancelling(token) as signals:
        outcome, gone = _drive_on_a_thread(operation, token, notify)
    if gone is not None:
        raise gone
    if signals:
        raise Interrupted(signals[0])
    if outcome.error is not None:
        raise _told(outcome.error)


def _drive_on_a_thread(
    operation: Operation[Result], token: CancelToken, notify: Notify
) -> tuple[Outcome[Result], ReaderGone | None]:
    """The main thread only waits: so a signal never finds it holding what cancel() needs."""
    ended: list[Outcome[Result]] = []
    gone: list[ReaderGone] = []

    def tell(update: Update) -> None:
        try:
            notify(update)
        except ReaderGone as error:
            gone.append(error)
            token.cancel()

    thread = Thread(target=lambda: ended.append(drive(operation, token, tell)), name="operation")
    thread.start()
    while thread.is_alive():
        # a signal that comes just before the wait does not end it
        thread.join(_HEEDED_WITHIN)
    return ended[0], gone[0] if gone else None


@contextmanager
def _cancelling(token: CancelToken) -> Iterator[list[int]]:
    """Cancel on the first signal; yields the one that came. Further ones are not heeded."""
    came: list[int] = []

    def on_signal(number: int, frame: FrameType | None) -> None:
        # in this order: a signal within this very handler must neither lock nor be lost
        if not came:
            came.append(number)
            token.cancel()

    if current_thread() is not main_thread():
        yield came
        return
    before = {each: signal.signal(each, on_signal) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield came
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _told(error: Exception) -> HoldfastError:
    if isinstance(error, HoldfastError):
        return error
    problem = explain(error)
    return Unexpected(problem.what, problem.why, problem.next, problem.details)
