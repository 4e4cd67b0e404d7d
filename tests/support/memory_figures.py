"""What a desk in memory measures of its apps, and keeps."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from holdfast.domain.app import AppState
from holdfast.domain.figures import AppFigures, FiguresChanged, Measured
from holdfast.domain.names import AppName
from holdfast.domain.node import AppSummary

_MEBIBYTE = 1 << 20
_LINE_BYTES = 240


def a_day(end: datetime) -> tuple[Measured, ...]:
    """One a minute: a working day, a release at noon, and an hour in which nobody measured."""
    rows: list[Measured] = []
    row = first(end - timedelta(hours=24))
    for minute in range(24 * 60):
        at = end - timedelta(minutes=24 * 60 - minute - 1)
        day = max(0.0, math.sin(minute / 230)) ** 2
        wave = 0.5 + 0.5 * math.sin(minute * 2.4)
        requests = int(60 * (0.2 + 9 * day * (0.6 + 0.4 * wave)))
        anew = minute in (700, 1100)
        row = replace(
            row,
            at=at,
            release="r8" if minute >= 700 else "r7",
            restarts=row.restarts + (minute == 980),
            cpu_seconds=0.4 if anew else row.cpu_seconds + 1 + 24 * day * (0.7 + 0.3 * wave),
            memory_bytes=int((190 if anew else 210 + 340 * day + 9 * wave) * _MEBIBYTE),
            requests=row.requests + requests,
            refused=row.refused + (minute % 37 == 0),
            failed=row.failed + (5 if 975 <= minute < 984 else 0),
            bytes_in=row.bytes_in + 900 * requests,
            bytes_out=row.bytes_out + 21_000 * requests,
            open=int(14 * day),
            visitors=int(11 * day + 2 * wave),
            answer_ms=int(9 + 30 * day + 5 * wave),
        )
        if not 400 <= minute < 460:
            rows.append(row)
    return tuple(rows)


def first(at: datetime) -> Measured:
    return Measured(
        at=at,
        release="r7",
        restarts=0,
        cpu_seconds=12.0,
        memory_bytes=210 * _MEBIBYTE,
        memory_limit=1024 * _MEBIBYTE,
        requests=0,
        refused=0,
        failed=0,
        bytes_in=0,
        bytes_out=0,
        open=0,
        visitors=0,
        answer_ms=9,
    )


class MemoryFigures:
    """kept: by app, where they are. faults: those of its desk."""

    def __init__(self, faults: set[str]) -> None:
        self._faults = faults
        self.kept: dict[AppName, tuple[Measured, ...]] = {}

    def of(self, app: AppName) -> AppFigures:
        if "measured" in self._faults:
            self.kept.setdefault(app, a_day(datetime.now(UTC)))
        if app not in self.kept:
            return AppFigures(app, kept=False)
        rows = self.kept[app]
        return AppFigures(app, True, rows, _LINE_BYTES * len(rows))

    def live(self, app: AppName, before: AppFigures) -> AppFigures:
        """With one more."""
        last = before.measured[-1] if before.measured else first(datetime.now(UTC))
        now = replace(
            last,
            at=last.at + timedelta(seconds=5),
            cpu_seconds=last.cpu_seconds + 1,
            requests=last.requests + 7,
        )
        return replace(before, measured=(*before.measured, now))

    def keep(self, app: AppSummary, wanted: bool) -> FiguresChanged:
        before = len(self.of(app.name).measured)
        self._faults.discard("measured")
        if wanted:
            runs = app.state is AppState.RUNNING
            now = (first(datetime.now(UTC)),) if runs else ()
            self.kept[app.name] = (*self.kept.get(app.name, ()), *now)
            return FiguresChanged(self.of(app.name), 0, before, datetime.now(UTC))
        self.kept.pop(app.name, None)
        return FiguresChanged(self.of(app.name), before, 0, datetime.now(UTC))

    def delete(self, app: AppName) -> FiguresChanged:
        self._faults.discard("measured")
        before = len(self.kept.get(app, ()))
        if app in self.kept:
            self.kept[app] = ()
        return FiguresChanged(self.of(app), before, 0, datetime.now(UTC))
