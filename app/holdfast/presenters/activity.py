"""The record of one operation: its steps with times, its output, how it ended."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from holdfast.domain.operation import Line, Operation, Outcome, Step, Update
from holdfast.presenters.problem import Problem, explain, mask
from holdfast.presenters.quantities import count, stopwatch
from holdfast.presenters.states import Look, Shape, Tone

KEPT_LINES = 5_000


class Phase(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    CANCELLING = "cancelling"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


PHASE_LOOKS = {
    Phase.WAITING: Look("Waiting", Shape.RING, Tone.QUIET),
    Phase.RUNNING: Look("Running", Shape.HALF, Tone.BUSY),
    Phase.CANCELLING: Look("Cancelling", Shape.HALF, Tone.BUSY),
    Phase.DONE: Look("Done", Shape.DISC, Tone.GOOD),
    Phase.FAILED: Look("Failed", Shape.TRIANGLE, Tone.BAD),
    Phase.CANCELLED: Look("Cancelled", Shape.RING, Tone.QUIET),
}


@dataclass(slots=True)
class StepRecord:
    """began, ended: seconds of the monotonic clock; ended is None while it runs."""

    title: str
    began: float
    ended: float | None = None

    def seconds(self, now: float) -> float:
        return (now if self.ended is None else self.ended) - self.began


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step as shown: its look, its title, its time."""

    look: Look
    title: str
    time: str


class Record:
    """Filled on the window's thread with what the worker stamped; times are monotonic seconds."""

    def __init__(self, operation: Operation[Any], now: float) -> None:
        self.title = operation.title
        self.target = operation.target
        self.phase = Phase.WAITING
        self.began = now
        self.ended: float | None = None
        self.steps: list[StepRecord] = []
        self.lines: deque[str] = deque(maxlen=KEPT_LINES)
        self.problem: Problem | None = None

    def begin(self, now: float) -> None:
        self.phase, self.began = Phase.RUNNING, now

    def cancelling(self) -> None:
        if not self.over:
            self.phase = Phase.CANCELLING

    def add(self, batch: Sequence[tuple[float, Update]]) -> None:
        for stamp, update in batch:
            if isinstance(update, Step):
                self._close_step(stamp)
                self.steps.append(StepRecord(update.title, stamp))
            elif isinstance(update, Line):
                self.lines.append(mask(update.text))

    def finish(self, stamp: float, outcome: Outcome[Any]) -> None:
        self._close_step(stamp)
        self.ended = stamp
        if outcome.cancelled:
            self.phase = Phase.CANCELLED
        elif outcome.error is not None:
            self.phase, self.problem = Phase.FAILED, explain(outcome.error)
        else:
            self.phase = Phase.DONE

    def _close_step(self, stamp: float) -> None:
        if self.steps and self.steps[-1].ended is None:
            self.steps[-1].ended = stamp

    @property
    def over(self) -> bool:
        return self.phase in (Phase.DONE, Phase.FAILED, Phase.CANCELLED)

    @property
    def look(self) -> Look:
        return PHASE_LOOKS[self.phase]

    @property
    def current_step(self) -> str | None:
        return self.steps[-1].title if self.steps and not self.over else None

    def seconds(self, now: float) -> float:
        return (now if self.ended is None else self.ended) - self.began

    def status(self, now: float) -> str:
        """“Running · 4.2 s”, with the reason after a failure."""
        if self.phase is Phase.WAITING:
            return "Waits for the operation before it"
        return f"{self.look.word} · {stopwatch(self.seconds(now))}"

    def step_lines(self, now: float) -> tuple[StepLine, ...]:
        lines = []
        for at, step in enumerate(self.steps):
            last = at == len(self.steps) - 1
            look = self.look if last else PHASE_LOOKS[Phase.DONE]
            lines.append(StepLine(look, step.title, stopwatch(step.seconds(now))))
        return tuple(lines)

    def details(self) -> str:
        """Everything a report needs, masked: steps, output, error."""
        parts = [f"{self.title}: {self.look.word.lower()}"]
        parts += [
            f"{step.title}: {stopwatch(step.seconds(self.ended or step.began))}"
            for step in self.steps
        ]
        parts += self.lines
        if self.problem:
            parts += [self.problem.what, self.problem.why, self.problem.next, self.problem.details]
        return "\n".join(part for part in parts if part)


def strip_text(records: Sequence[Record], now: float) -> tuple[Look, str]:
    """The one line at the foot of the window: what runs, or how the last thing ended."""
    going = [record for record in records if not record.over]
    if not going:
        last = records[-1]
        took = stopwatch(last.seconds(now))
        return last.look, f"{last.title} · {last.look.word.lower()} after {took}"
    newest = going[-1]
    parts = [newest.title]
    if newest.current_step:
        parts.append(newest.current_step)
    parts.append(stopwatch(newest.seconds(now)))
    if len(going) > 1:
        parts.append(f"and {count(len(going) - 1, 'other')}")
    return newest.look, " · ".join(parts)
