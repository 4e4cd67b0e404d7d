"""The real clock, some time away, or stopped."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from holdfast.adapters.system_clock import SystemClock


@dataclass
class ShiftedClock(SystemClock):
    shift: timedelta

    def now(self) -> datetime:
        return super().now() + self.shift


@dataclass
class StoppedClock(SystemClock):
    at: datetime

    def now(self) -> datetime:
        return self.at
