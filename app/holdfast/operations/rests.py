"""What failed rests before it is tried again, longer each time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from holdfast.ports import Clock


@dataclass(frozen=True, slots=True)
class _Rest:
    until: datetime
    length: timedelta


class Rests:
    """By name. Each rest is twice as long as the one before, from `first` up to `longest`."""

    def __init__(self, clock: Clock, first: timedelta, longest: timedelta) -> None:
        self._clock = clock
        self._first = first
        self._longest = longest
        self._rests: dict[str, _Rest] = {}

    def is_resting(self, name: str) -> bool:
        rest = self._rests.get(name)
        return rest is not None and rest.until > self._clock.now()

    def let_rest(self, name: str, longest: bool = False) -> None:
        """It failed. longest: not by degrees."""
        before = self._rests.get(name)
        length = min(before.length * 2, self._longest) if before else self._first
        length = self._longest if longest else length
        self._rests[name] = _Rest(self._clock.now() + length, length)

    def forget(self, name: str) -> None:
        """It did not fail: the next rest is a first one."""
        self._rests.pop(name, None)
