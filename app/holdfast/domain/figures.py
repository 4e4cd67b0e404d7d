"""Holdfast's own figures of an app: what is measured and kept, and what it comes to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from math import ceil

from holdfast.domain.mark_kind import MarkKind
from holdfast.domain.names import AppName

#: One measurement is kept in so many seconds, while a desktop is connected.
KEPT_EVERY = 60.0
#: For so long.
KEPT_DAYS = 7
#: A pause that is longer than this is a hole: nobody measured.
_HOLE = timedelta(seconds=2.5 * KEPT_EVERY)

#: Each figure that is kept, and what it is.
FIGURES: Mapping[str, str] = {
    "at": "when it was measured",
    "release": "the release that served",
    "restarts": "how often its process was started again",
    "cpu_seconds": "processor time since its container began",
    "memory_bytes": "memory of its container",
    "memory_limit": "the most that it may have",
    "requests": "requests since the edge was begun",
    "refused": "answers from 400 to 499 among them",
    "failed": "answers from 500 on among them",
    "bytes_in": "bytes from visitors",
    "bytes_out": "bytes to visitors",
    "open": "what is being answered: websockets, so open pages, and requests",
    "visitors": "different addresses that asked within five minutes, or have a page open",
    "answer_ms": "milliseconds until an answer begins, of the last 1024",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What the edge tells of a host; `FIGURES` says of each what it is. visitors: None where the
    edge does not count them, or did not yet."""

    requests: int = 0
    refused: int = 0
    failed: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    open: int = 0
    visitors: int | None = None
    answer_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured(Counted):
    """One measurement as it is kept; `FIGURES` says of each what it is."""

    at: datetime
    release: str
    restarts: int
    cpu_seconds: float
    memory_bytes: int
    memory_limit: int


@dataclass(frozen=True, slots=True)
class AppFigures:
    """kept: whether figures are measured and kept. measured: the oldest first. size_bytes: what
    they take on the app's volume."""

    app: AppName
    kept: bool
    measured: tuple[Measured, ...] = ()
    size_bytes: int = 0


@dataclass(frozen=True, slots=True)
class FiguresChanged:
    """A receipt. deleted: so many measurements; left: so many were found when they were searched
    for again."""

    figures: AppFigures
    deleted: int
    left: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Point(Counted):
    """What happened between two measurements, so that what is counted is what was added. seconds:
    how far they are apart.

    cpu_percent: of one core; None where the app was begun anew in between.
    after_hole: nobody measured for a while before it.
    """

    at: datetime
    seconds: float
    cpu_percent: float | None
    memory_bytes: int
    memory_limit: int
    after_hole: bool = False

    @property
    def requests_per_second(self) -> float:
        return self.requests / self.seconds

    @property
    def received_per_second(self) -> float:
        return self.bytes_in / self.seconds

    @property
    def sent_per_second(self) -> float:
        return self.bytes_out / self.seconds


@dataclass(frozen=True, slots=True)
class Mark:
    """release: the one that served from then on."""

    at: datetime
    kind: MarkKind
    release: str


def points(measured: Sequence[Measured], most: int | None = None) -> tuple[Point, ...]:
    """One for each measurement but the first, which has nothing before it. most: not more than
    so many, each of a longer time; nothing that was counted is lost by that."""
    step = max(1, ceil(len(measured) / most)) if most else 1
    # the first and the last one are among them
    offset = (len(measured) - 1) % step
    chosen = [*measured[:1][:offset], *measured[offset::step]]
    return tuple(_point(before, now, step * _HOLE) for before, now in _pairs(chosen))


def marks(measured: Sequence[Measured]) -> tuple[Mark, ...]:
    found = []
    for before, now in _pairs(measured):
        if now.release != before.release:
            kind = MarkKind.RELEASE
        elif now.cpu_seconds < before.cpu_seconds:
            kind = MarkKind.START
        elif now.restarts > before.restarts:
            kind = MarkKind.RESTART
        else:
            continue
        found.append(Mark(now.at, kind, now.release))
    return tuple(found)


def _pairs(measured: Sequence[Measured]) -> Iterator[tuple[Measured, Measured]]:
    """Two desktops may have measured in the same moment."""
    return ((before, now) for before, now in pairwise(measured) if now.at > before.at)


def _point(before: Measured, now: Measured, hole: timedelta) -> Point:
    passed = now.at - before.at
    seconds = passed.total_seconds()
    used = now.cpu_seconds - before.cpu_seconds
    anew = used < 0 or now.release != before.release
    return Point(
        at=now.at,
        seconds=seconds,
        cpu_percent=None if anew else 100 * used / seconds,
        memory_bytes=now.memory_bytes,
        memory_limit=now.memory_limit,
        requests=_more(before.requests, now.requests),
        refused=_more(before.refused, now.refused),
        failed=_more(before.failed, now.failed),
        bytes_in=_more(before.bytes_in, now.bytes_in),
        bytes_out=_more(before.bytes_out, now.bytes_out),
        open=now.open,
        visitors=now.visitors,
        answer_ms=now.answer_ms,
        after_hole=passed > hole,
    )


def _more(before: int, now: int) -> int:
    """An edge that was begun anew counts from nothing."""
    return now - before if now >= before else now
