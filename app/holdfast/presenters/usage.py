"""What apps used in the last minutes, out of the snapshots that were seen: nothing is guessed."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

from holdfast.domain.mark_kind import MarkKind
from holdfast.domain.names import AppName
from holdfast.domain.node import AppSummary, Snapshot

MARKS = {
    MarkKind.RELEASE: "release",
    MarkKind.START: "start",
    MarkKind.RESTART: "restart",
}

_SLOT_SECONDS = 10
_SLOTS = 30
#: How far back it reaches, in words.
REACH = "5 min"
#: An idle app's noise is no mountain: a CPU's line is drawn against this share at least.
_LEAST_PERCENT = 10.0

#: Shares of the height, from 0 to 1, the oldest first; None where nothing was seen.
Trend = tuple[float | None, ...]
#: What happened to the app: where, as a share of the width, and a word for it.
Marks = tuple[tuple[float, str], ...]


@dataclass(slots=True)
class _Seen:
    slot: int
    cpu_percent: float | None
    memory_bytes: int | None
    release: str | None
    started: datetime | None
    restarts: int


@dataclass
class UsageHistory:
    """One value for each ten seconds, the latest that was seen in them."""

    _seen: dict[AppName, deque[_Seen]] = field(default_factory=dict)

    def add(self, snapshot: Snapshot, now: datetime) -> None:
        slot = _slot(now)
        there = {app.name for app in snapshot.apps}
        self._seen = {name: seen for name, seen in self._seen.items() if name in there}
        for app in snapshot.apps:
            if app.memory_bytes is None:
                continue
            seen = self._seen.setdefault(app.name, deque(maxlen=_SLOTS))
            if seen and seen[-1].slot == slot:
                seen.pop()
            used = (app.cpu_percent, app.memory_bytes)
            seen.append(_Seen(slot, *used, app.release, app.started, app.restarts))

    def cpu(self, app: AppSummary, now: datetime) -> Trend:
        """Against its own highest value, and a tenth of a core at least."""
        seen = self._seen.get(app.name, ())
        highest = max((each.cpu_percent or 0.0 for each in seen), default=0.0)
        scale = max(highest, _LEAST_PERCENT)
        return _line([(s.slot, s.cpu_percent) for s in seen], scale, now)

    def memory(self, app: AppSummary, now: datetime) -> Trend:
        """Against the app's limit."""
        seen = self._seen.get(app.name, ())
        if not app.memory_limit:
            return ()
        return _line([(s.slot, s.memory_bytes) for s in seen], app.memory_limit, now)

    def marks(self, app: AppSummary, now: datetime) -> Marks:
        """Releases, starts and restarts that were seen."""
        first = _slot(now) - _SLOTS + 1
        return tuple(
            ((after.slot - first) / (_SLOTS - 1), MARKS[kind])
            for before, after in pairwise(self._seen.get(app.name, ()))
            if after.slot >= first and (kind := _what_happened(before, after)) is not None
        )


def _what_happened(before: _Seen, after: _Seen) -> MarkKind | None:
    if after.release != before.release:
        return MarkKind.RELEASE
    if after.restarts > before.restarts:
        return MarkKind.RESTART
    return MarkKind.START if after.started != before.started else None


def _line(seen: Sequence[tuple[int, float | None]], scale: float, now: datetime) -> Trend:
    first = _slot(now) - _SLOTS + 1
    values: list[float | None] = [None] * _SLOTS
    for slot, value in seen:
        if value is not None and 0 <= slot - first < _SLOTS:
            values[slot - first] = min(1.0, value / scale)
    return tuple(values) if any(value is not None for value in values) else ()


def _slot(now: datetime) -> int:
    return int(now.timestamp()) // _SLOT_SECONDS
