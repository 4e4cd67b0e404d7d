"""Reads what one app's page shows beyond the list, and reads it anew when the app changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from holdfast.domain.app import AppState, Release
from holdfast.domain.following import Followed
from holdfast.domain.names import AppName
from holdfast.domain.node import AppSummary, VolumeFacts
from holdfast.domain.operation import Operation, Outcome
from holdfast.domain.requests import Verification
from holdfast.presenters.app_page import Knowledge
from holdfast.presenters.problem import explain
from holdfast.ui.runner import OperationRunner, RunningOperation
from holdfast.ui.watch import NodeWatch
from holdfast.ui.workbench import Workbench


class AppReader(QObject):
    """known: what has been read so far. changed: more, or the app itself did.

    renewed: the app is in another state, or has another release.
    """

    changed = Signal()
    renewed = Signal()

    def __init__(self, bench: Workbench, name: AppName, parent: QObject) -> None:
        super().__init__(parent)
        self.name = name
        self.known = Knowledge()
        self._desk = bench.desk
        self._runner: OperationRunner = bench.runner
        self._watch: NodeWatch = bench.watch
        self._asked: list[RunningOperation] = []
        self._seen: AppSummary | None = bench.watch.app(name)
        bench.watch.changed.connect(self._compare)

    @property
    def app(self) -> AppSummary | None:
        """The app as last seen; None once it is gone."""
        return self._watch.app(self.name)

    def read(self) -> None:
        """Ask for volume, releases and, where it runs, a verification."""
        app = self.app
        if app is None:
            return
        self.stop()
        runs = app.state is AppState.RUNNING
        self.known = replace(self.known, checking=runs, problem=None)
        self._ask(self._desk.volume(self.name), self._volume)
        self._ask(self._desk.releases(self.name), self._releases)
        self._ask(self._desk.branch(self.name), self._branch)
        if runs:
            self._ask(self._desk.verify(self.name), self._verified)
        elif app.state is not AppState.DEPLOYING:
            # while a new release is made, the one before goes on as it was seen
            self.known = replace(self.known, verification=None)
        self.changed.emit()

    def stop(self) -> None:
        for running in self._asked:
            running.cancel()
        self._asked.clear()

    def _ask(self, operation: Operation[Any], answered: Callable[[Outcome[Any]], None]) -> None:
        running = self._runner.ask(operation, answered)
        self._asked.append(running)
        running.finished.connect(lambda _: self._forget(running))

    def _forget(self, running: RunningOperation) -> None:
        if running in self._asked:
            self._asked.remove(running)

    def _volume(self, outcome: Outcome[VolumeFacts]) -> None:
        self._learn(outcome, volume=outcome.result or self.known.volume)

    def _releases(self, outcome: Outcome[tuple[Release, ...]]) -> None:
        kept = self.known.releases if outcome.result is None else outcome.result
        self._learn(outcome, releases=kept)

    def read_branch(self, look: bool = False) -> None:
        """Read what the last look at its branch found, or look now."""
        ask = self._desk.check_branch if look else self._desk.branch
        self._ask(ask(self.name), self._branch)

    def _branch(self, outcome: Outcome[Followed]) -> None:
        # what cannot be read is told with the volume and the releases
        if outcome.result is not None:
            self.known = replace(self.known, followed=outcome.result)
            self.changed.emit()

    def _verified(self, outcome: Outcome[Verification]) -> None:
        if not outcome.cancelled:
            self._learn(outcome, verification=outcome.result, checking=False)

    def _learn(self, outcome: Outcome[Any], **facts: Any) -> None:
        if outcome.cancelled:
            return
        problem = explain(outcome.error) if outcome.error else self.known.problem
        self.known = replace(self.known, problem=problem, **facts)
        self.changed.emit()

    def _compare(self) -> None:
        """A change of state or release makes what was read old."""
        app, seen = self.app, self._seen
        self._seen = app
        if app and (seen is None or (app.state, app.release) != (seen.state, seen.release)):
            self.read()
            self.renewed.emit()
        else:
            self.changed.emit()
