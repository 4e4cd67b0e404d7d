"""Measures things in turn, so that what else the machine does meets all of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

Measure = Callable[[], float]


def medians(rounds: int, *measures: Measure) -> tuple[float, ...]:
    """The median of each: A B A B, for so many rounds."""
    taken: list[list[float]] = [[] for _ in measures]
    for _ in range(rounds):
        for measure, values in zip(measures, taken, strict=True):
            values.append(measure())
    return tuple(map(median, taken))


class Stopwatch:
    """Runs from its making on. seconds: 0 until it is stopped."""

    def __init__(self) -> None:
        self._began = time.perf_counter()
        self.seconds = 0.0

    def stop(self) -> None:
        self.seconds = time.perf_counter() - self._began
