"""Follows the log of one app, from its last lines on, until it is told to stop."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from holdfast.domain.names import AppName
from holdfast.domain.operation import Line, Outcome, Update
from holdfast.ui.runner import RunningOperation
from holdfast.ui.workbench import Workbench


class LogFollower(QObject):
    """arrived: a batch of lines. ended: the Outcome, when it was not stopped here."""

    arrived = Signal(list)
    ended = Signal(object)

    def __init__(self, bench: Workbench, name: AppName, lines: int, parent: QObject) -> None:
        super().__init__(parent)
        self._bench = bench
        self._name = name
        self._lines = lines
        self._running: RunningOperation | None = None

    @property
    def is_following(self) -> bool:
        return self._running is not None

    def start(self) -> None:
        operation = self._bench.desk.follow_logs(self._name, self._lines)
        self._running = self._bench.runner.follow(operation)
        self._running.updated.connect(self._read)
        self._running.finished.connect(self._end)

    def stop(self) -> None:
        if self._running is not None:
            self._running.updated.disconnect(self._read)
            self._running.finished.disconnect(self._end)
            self._running.cancel()
            self._running = None

    def _read(self, updates: list[Update]) -> None:
        self.arrived.emit([update.text for update in updates if isinstance(update, Line)])

    def _end(self, outcome: Outcome[None]) -> None:
        self._running = None
        self.ended.emit(outcome)
