"""Reads the volumes of all apps one after another, so that the node is not flooded."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from holdfast.domain.names import AppName
from holdfast.domain.node import VolumeFacts
from holdfast.domain.operation import Outcome
from holdfast.presenters.problem import Problem, explain
from holdfast.ui.runner import RunningOperation
from holdfast.ui.workbench import Workbench


class VolumeReader(QObject):
    """volumes: those read so far. problem: the first that could not be read."""

    changed = Signal()

    def __init__(self, bench: Workbench, parent: QObject) -> None:
        super().__init__(parent)
        self._bench = bench
        self._left: list[AppName] = []
        self._asked: RunningOperation | None = None
        self._found: dict[AppName, VolumeFacts] = {}
        self._known: frozenset[tuple[AppName, bool]] | None = None
        self.problem: Problem | None = None

    @property
    def is_old(self) -> bool:
        """Whether apps have come, gone, or been sealed or opened since they were read."""
        return not self.reading and self._known != self._now()

    def _now(self) -> frozenset[tuple[AppName, bool]] | None:
        """Every app, and whether its volume is sealed; None while the node does not answer."""
        watch = self._bench.watch
        if watch.snapshot is None or watch.problem is not None:
            return None
        return frozenset((app.name, app.state.is_closed) for app in watch.snapshot.apps)

    @property
    def volumes(self) -> tuple[VolumeFacts, ...]:
        return tuple(self._found[name] for name in sorted(self._found))

    @property
    def reading(self) -> bool:
        return self._asked is not None

    def read(self) -> None:
        self.stop()
        snapshot = self._bench.watch.snapshot
        self._left = [app.name for app in snapshot.apps] if snapshot else []
        self._found = {name: kept for name, kept in self._found.items() if name in self._left}
        self._known = self._now()
        self.problem = self._bench.watch.problem
        self._next()

    def stop(self) -> None:
        self._left = []
        if self._asked is not None:
            self._asked.finished.disconnect(self._answer)
            self._asked.cancel()
            self._asked = None

    def _next(self) -> None:
        if self._left:
            name = self._left.pop(0)
            self._asked = self._bench.runner.ask(self._bench.desk.volume(name), self._answer)
        self.changed.emit()

    def _answer(self, outcome: Outcome[VolumeFacts]) -> None:
        self._asked = None
        if outcome.result is not None:
            self._found[outcome.result.app] = outcome.result
        elif outcome.error is not None and self.problem is None:
            self.problem = explain(outcome.error)
        self._next()
