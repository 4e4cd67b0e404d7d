"""Knows how the node's certificates are, for the sidebar and their page."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from holdfast.domain.certificate import Certificates
from holdfast.domain.operation import Outcome
from holdfast.presenters.desk import Desk
from holdfast.presenters.problem import Problem, explain
from holdfast.ui.runner import OperationRunner, RunningOperation
from holdfast.ui.watch import NodeWatch

_AGAIN_MS = 10 * 60 * 1000


class CertificateWatch(QObject):
    """found: of the last look, None before the first. problem: why there is no newer one.
    changed: either did, or a look began or ended."""

    changed = Signal()

    def __init__(self, desk: Desk, runner: OperationRunner, watch: NodeWatch) -> None:
        super().__init__(watch)
        self._desk = desk
        self._runner = runner
        self._watch = watch
        self._asked: RunningOperation | None = None
        self._serving: frozenset[tuple[str, str | None]] | None = None
        self.found: Certificates | None = None
        self.problem: Problem | None = None
        self._again = QTimer(self, interval=_AGAIN_MS)
        self._again.timeout.connect(self.read)
        watch.changed.connect(self._follow)

    @property
    def reading(self) -> bool:
        return self._asked is not None

    def read(self) -> None:
        if self._asked is None:
            self._asked = self._runner.ask(self._desk.certificates(), self._answer)
            self.changed.emit()

    def _follow(self) -> None:
        """With the first answer of the node, and whenever other releases serve than before."""
        snapshot = self._watch.snapshot
        if snapshot is None or self._watch.problem is not None:
            return
        serving = frozenset((app.name, app.release) for app in snapshot.apps if app.started)
        if serving != self._serving and not self.reading:
            self._serving = serving
            self._again.start()
            self.read()

    def _answer(self, outcome: Outcome[Certificates]) -> None:
        self._asked = None
        if outcome.error is not None:
            self.problem = explain(outcome.error)
        elif outcome.result is not None:
            self.found, self.problem = outcome.result, None
        self.changed.emit()
        # what has changed while it was looked at
        self._follow()
