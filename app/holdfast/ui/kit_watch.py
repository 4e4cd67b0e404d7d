"""Knows whether the node has a recovery kit, as the sidebar and the kit's page show it."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from holdfast.domain.operation import Outcome
from holdfast.domain.recovery_kit import KitStatus
from holdfast.presenters.desk import Desk
from holdfast.presenters.problem import Problem, explain
from holdfast.ui.runner import OperationRunner, RunningOperation
from holdfast.ui.watch import NodeWatch


class KitWatch(QObject):
    """status: None until it is known. problem: why it is not. changed: either did."""

    changed = Signal()

    def __init__(self, desk: Desk, runner: OperationRunner, watch: NodeWatch) -> None:
        super().__init__(watch)
        self._desk = desk
        self._runner = runner
        self._watch = watch
        self._asked: RunningOperation | None = None
        self.status: KitStatus | None = None
        self.problem: Problem | None = None
        watch.changed.connect(self._begin)

    def read(self) -> None:
        if self._asked is None:
            self._asked = self._runner.ask(self._desk.kit(), self._answer)

    def _begin(self) -> None:
        """Once, when the node has answered; later those read again who change it."""
        if self._watch.snapshot is not None:
            self._watch.changed.disconnect(self._begin)
            self.read()

    def _answer(self, outcome: Outcome[KitStatus]) -> None:
        self._asked = None
        if outcome.error is not None:
            self.problem = explain(outcome.error)
        elif outcome.result is not None:
            self.status, self.problem = outcome.result, None
        self.changed.emit()
