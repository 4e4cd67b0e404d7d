"""Knows whether the node has a recovery kit, and its admins, as sidebar and pages show them."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from holdfast.domain.operation import Fact, Outcome, Update
from holdfast.domain.recovery_kit import KIT_LANE, Kit, KitAdmin, KitStatus, Revoked
from holdfast.presenters.desk import Desk
from holdfast.presenters.problem import Problem, explain
from holdfast.ui.runner import OperationRunner, RunningOperation
from holdfast.ui.watch import NodeWatch


class KitWatch(QObject):
    """status: None until it is known. problem: why it is not. admins: who is let in. changed: one
    of them did. made: a Kit that counts from now on, while its revocation goes on. revoked: a
    Revoked, whose kit is shown this once."""

    changed = Signal()
    made = Signal(object)
    revoked = Signal(object)

    def __init__(self, desk: Desk, runner: OperationRunner, watch: NodeWatch) -> None:
        super().__init__(watch)
        self._desk = desk
        self._runner = runner
        self._watch = watch
        self._asked: RunningOperation | None = None
        self.status: KitStatus | None = None
        self.problem: Problem | None = None
        self.admins: tuple[KitAdmin, ...] = ()
        watch.changed.connect(self._begin)
        runner.started.connect(self._follow)

    def read(self) -> None:
        if self._asked is None:
            self._asked = self._runner.ask(self._desk.kit(), self._answer)

    def revoke(self, admin: KitAdmin) -> RunningOperation:
        alone = [each.name for each in self.admins].count(admin.name) == 1
        wanted = admin.name if alone else admin.recipient
        return self._runner.start(self._desk.revoke_admin(wanted))

    def _follow(self, running: RunningOperation) -> None:
        """Whoever began it, or tried it again, and has left its page meanwhile."""
        if running.operation.target == KIT_LANE:
            running.updated.connect(self._look)
            running.finished.connect(self._ended)

    def _look(self, updates: list[Update]) -> None:
        for update in updates:
            if isinstance(update, Fact) and isinstance(update.value, Kit):
                self.made.emit(update.value)
                self.read()

    def _ended(self, outcome: Outcome[object]) -> None:
        if isinstance(outcome.result, Revoked):
            self.revoked.emit(outcome.result)
        self.read()

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
            self._asked = self._runner.ask(self._desk.admins(), self._list)
        self.changed.emit()

    def _list(self, outcome: Outcome[tuple[KitAdmin, ...]]) -> None:
        self._asked = None
        # who has not been let in may not know
        self.admins = outcome.result or ()
        self.changed.emit()
