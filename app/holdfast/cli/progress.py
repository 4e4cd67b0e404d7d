"""Tells on a terminal how an operation goes: each step as it ends, with its time."""

from __future__ import annotations

import time

from rich.console import Console
from rich.status import Status
from rich.text import Text

from holdfast.cli.terminal import plain
from holdfast.domain.operation import Line, Step, StepTime, Update
from holdfast.presenters.quantities import stopwatch


class Progress:
    """steps: those that have ended, in order. Used by one thread at a time."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._spinner: Status | None = None
        self._title = ""
        self._begun = 0.0
        self.steps: list[StepTime] = []

    def notify(self, update: Update) -> None:
        if isinstance(update, Step):
            self.end(True)
            self._begin(update.title)
        elif isinstance(update, Line):
            self._console.print(Text("  ").append_text(plain(update.text)), style="dim")

    def end(self, done: bool) -> None:
        """Close the running step, if there is one."""
        if self._spinner is not None:
            self._spinner.stop()
            self._spinner = None
        if self._title:
            seconds = time.monotonic() - self._begun
            self.steps.append(StepTime(self._title, round(seconds, 3)))
            sign = Text("✓ ", "green") if done else Text("✗ ", "red")
            self._console.print(sign, self._title, Text(f" {stopwatch(seconds)}", "dim"), sep="")
            self._title = ""

    def _begin(self, title: str) -> None:
        self._title, self._begun = title, time.monotonic()
        if self._console.is_terminal:
            self._spinner = self._console.status(Text(title))
            self._spinner.start()
