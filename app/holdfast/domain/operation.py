"""A long piece of work, told once: a generator of updates that returns a result."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

T = TypeVar("T")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Step:
    """The work enters its next part, named in the words that a user reads."""

    title: str


@dataclass(frozen=True, slots=True)
class StepTime:
    """How long a step took. name: its title."""

    name: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Line:
    """One line of output of the running step, or of a followed log."""

    text: str


@dataclass(frozen=True, slots=True)
class Fact(Generic[T]):
    """A value that a follower publishes while it runs (a new snapshot of the node, say)."""

    value: T


Update: TypeAlias = Step | Line | Fact[Any]
Steps: TypeAlias = Generator[Update, None, Result]


class Cancelled(Exception):
    """Thrown into an operation's generator at its next update after a cancel."""


class Closable(Protocol):
    def close(self) -> Any: ...


C = TypeVar("C", bound=Closable)


class CancelToken:
    """A one-shot flag that also closes whatever the operation is blocked on."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._closers: list[Callable[[], Any]] = []
        self._set = False

    @property
    def is_set(self) -> bool:
        return self._set

    def cancel(self) -> None:
        """Set the flag and close what is being read; safe from any thread, and twice."""
        with self._lock:
            self._set, closers = True, list(self._closers)
        for close in closers:
            close()

    def check(self) -> None:
        """Raise Cancelled if the flag is set."""
        if self._set:
            raise Cancelled

    @contextmanager
    def closing(self, stream: C) -> Iterator[C]:
        """Read `stream` so that cancel() closes it; a read cut short raises Cancelled."""
        with self._lock:
            self._closers.append(stream.close)
            already = self._set
        if already:
            stream.close()
        try:
            yield stream
        except Exception:
            # what a closed stream raises depends on where the reader stood
            self.check()
            raise
        finally:
            with self._lock:
                self._closers.remove(stream.close)
            stream.close()
        self.check()


@dataclass(frozen=True, slots=True)
class Operation(Generic[Result]):
    """Work that has not started. `target` names its lane: one at a time per target."""

    title: str
    target: str
    body: Callable[[CancelToken], Steps[Result]]


@dataclass(frozen=True, slots=True)
class Outcome(Generic[Result]):
    """How an operation ended: with a result, with an error, or cancelled."""

    result: Result | None = None
    error: Exception | None = None
    cancelled: bool = False


def drive(
    operation: Operation[Result], cancel: CancelToken, notify: Callable[[Update], None]
) -> Outcome[Result]:
    """Run an operation to its end on this thread. Never raises."""
    body = operation.body(cancel)
    try:
        while True:
            notify(body.throw(Cancelled()) if cancel.is_set else next(body))
    except StopIteration as stop:
        return Outcome(result=stop.value)
    except Cancelled:
        return Outcome(cancelled=True)
    except Exception as error:  # noqa: BLE001  the operation runner reports every failure
        return Outcome(error=error)
