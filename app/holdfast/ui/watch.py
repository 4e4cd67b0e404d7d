"""Follows the node and keeps what was last seen; tries again when the node does not answer."""

from __future__ import annotations

from datetime import UTC, datetime
from threading import Event

from PySide6.QtCore import QObject, QTimer, Signal

from holdfast.domain.node import AppSummary, NodeState, NodeStatus, Snapshot
from holdfast.domain.operation import Fact, Outcome, Update
from holdfast.presenters.desk import Desk
from holdfast.presenters.problem import Problem, explain
from holdfast.presenters.usage import UsageHistory
from holdfast.ui.runner import OperationRunner, RunningOperation

_FIRST_PAUSE_MS = 2_000
_LONGEST_PAUSE_MS = 30_000
_RELATIVE_TIMES_MS = 30_000


class NodeWatch(QObject):
    """snapshot: None until the node has answered once. problem: why it does not answer now.
    usage: what the apps used since this window was opened.

    stopped: whether it does not answer because its engine does not run.
    looked_at: to be set while the window is seen.
    changed: any of them did, or relative times have grown old.
    """

    changed = Signal()

    def __init__(self, desk: Desk, runner: OperationRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._runner = runner
        self._running: RunningOperation | None = None
        self.snapshot: Snapshot | None = None
        self.problem: Problem | None = None
        self.stopped = False
        self.usage = UsageHistory()
        self.looked_at = Event()
        self._pause = _FIRST_PAUSE_MS
        self._retry = QTimer(self, singleShot=True)
        self._retry.timeout.connect(self.start)
        self._ageing = QTimer(self, interval=_RELATIVE_TIMES_MS)
        self._ageing.timeout.connect(self.changed)
        self._ageing.start()

    def start(self) -> None:
        """Begin to follow, or try again at once; nothing happens while it follows already."""
        self._retry.stop()
        if self._running is None:
            self._running = self._runner.follow(self._desk.watch(self.looked_at))
            self._running.updated.connect(self._read)
            self._running.finished.connect(self._ended)

    def stop(self) -> None:
        self._retry.stop()
        self._ageing.stop()

    def app(self, name: str) -> AppSummary | None:
        apps = self.snapshot.apps if self.snapshot else ()
        return next((app for app in apps if app.name == name), None)

    @staticmethod
    def now() -> datetime:
        return datetime.now(UTC)

    def _read(self, updates: list[Update]) -> None:
        for update in updates:
            if isinstance(update, Fact) and isinstance(update.value, Snapshot):
                if self.looked_at.is_set():
                    self.usage.add(update.value, self.now())
                if update.value == self.snapshot and self.problem is None:
                    continue
                self.snapshot, self.problem, self.stopped = update.value, None, False
                self._pause = _FIRST_PAUSE_MS
                self.changed.emit()

    def _look_for_engine(self, outcome: Outcome[NodeStatus]) -> None:
        found = outcome.result is not None and outcome.result.state is NodeState.STOPPED
        if self.problem is not None and found != self.stopped:
            self.stopped = found
            self.changed.emit()

    def _ended(self, outcome: Outcome[None]) -> None:
        self._running = None
        if outcome.error is not None:
            self.problem = explain(outcome.error)
            self.changed.emit()
            self._runner.ask(self._desk.status(), self._look_for_engine)
        if not outcome.cancelled:
            self._retry.start(self._pause)
            self._pause = min(self._pause * 2, _LONGEST_PAUSE_MS)
