"""An operation's steps as a keeper tells them: without its lines.

What a keeper tells is written down by a system's journal, in the clear, and among the lines of a
start that fails are those that the app printed.
"""

from __future__ import annotations

from contextlib import closing
from typing import TypeVar

from holdfast.domain.operation import Line, Steps

T = TypeVar("T")


def without_lines(steps: Steps[T]) -> Steps[T]:
    with closing(steps):
        while True:
            try:
                update = next(steps)
            except StopIteration as ended:
                return ended.value  # type: ignore[no-any-return]
            if not isinstance(update, Line):
                yield update
