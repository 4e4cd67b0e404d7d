"""An operation's steps, told otherwise than it tells them itself."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from typing import TypeVar

from holdfast.domain.operation import Line, Step, Steps, Update

Told = TypeVar("Told")
Result = TypeVar("Result")


def retold(
    steps: Generator[Told, None, Result], tell: Callable[[Told], Update | None]
) -> Steps[Result]:
    """tell: what is told in the place of each; None for nothing."""
    with closing(steps):
        while True:
            try:
                told = tell(next(steps))
            except StopIteration as ended:
                result: Result = ended.value
                return result
            if told is not None:
                yield told


def without_lines(steps: Steps[Result]) -> Steps[Result]:
    """As a keeper tells them. What it tells is written down by a system's journal, in the clear,
    and among the lines of a start that fails are those that the app printed."""
    return retold(steps, lambda update: None if isinstance(update, Line) else update)


def in_lines(steps: Steps[Result]) -> Steps[Result]:
    """As a part of another operation's step."""
    return retold(steps, lambda update: Line(update.title) if isinstance(update, Step) else update)
