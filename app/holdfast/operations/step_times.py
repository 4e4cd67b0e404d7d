"""How long each step of an operation took."""

from __future__ import annotations

from datetime import datetime

from holdfast.domain.operation import Step, StepTime
from holdfast.ports import Clock


class StepTimes:
    """Enter each step through it, and ask for the times at the end."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._entered: list[tuple[str, datetime]] = []

    def enter(self, title: str) -> Step:
        self._entered.append((title, self._clock.now()))
        return Step(title)

    def total(self) -> float:
        """Seconds since the first step was entered."""
        return round((self._clock.now() - self._entered[0][1]).total_seconds(), 3)

    def finished(self) -> tuple[StepTime, ...]:
        ends = [began for _, began in self._entered[1:]] + [self._clock.now()]
        return tuple(
            StepTime(title, round((end - began).total_seconds(), 3))
            for (title, began), end in zip(self._entered, ends, strict=True)
        )
