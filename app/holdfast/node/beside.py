"""Work on threads of its own, beside an operation's steps: begun ahead, or left to end later."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from types import TracebackType
from typing import Any, Self, TypeVar

Result = TypeVar("Result")

_SIDE_BY_SIDE = 8


class Beside:
    """The block ends after all of the work, however it is left: what was made can be cleared then.
    Work that failed fails the block, unless that has failed already. Work may begin more; it waits
    for no work that was begun after it."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(_SIDE_BY_SIDE, thread_name_prefix="beside")
        self._begun: list[Future[Any]] = []

    def begin(self, work: Callable[[], Result]) -> Callable[[], Result]:
        """Returns what waits for the result, or raises the work's error."""
        begun = self._pool.submit(work)
        self._begun.append(begun)
        return begun.result

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        while not all(begun.done() for begun in self._begun):
            wait(list(self._begun))
        self._pool.shutdown()
        if error is None:
            for begun in self._begun:
                begun.result()
