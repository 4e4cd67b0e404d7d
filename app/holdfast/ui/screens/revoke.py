"""Revoking an admin: what will happen, their name typed, then the steps as they go."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from holdfast.domain.operation import Outcome
from holdfast.domain.recovery_kit import KitAdmin, Revoked
from holdfast.presenters.removal import typed_right
from holdfast.presenters.revocation import what_will_happen
from holdfast.presenters.verbs import Place
from holdfast.ui import icons
from holdfast.ui.runner import RunningOperation
from holdfast.ui.widgets.buttons import button
from holdfast.ui.widgets.fields import Field
from holdfast.ui.widgets.operation_view import OperationView
from holdfast.ui.widgets.page import Page, scrolling
from holdfast.ui.widgets.parts import PartsCard
from holdfast.ui.widgets.text import GAP, WIDE, frame
from holdfast.ui.workbench import Workbench


class RevokeScreen(Page):
    """What comes of it, the new kit and what is left to do, is on the recovery kit's page."""

    def __init__(self, bench: Workbench, admin: KitAdmin) -> None:
        super().__init__(f"Revoke {admin.name}")
        self._bench = bench
        self._admin = admin
        self.typed = QLineEdit()
        self.typed.setPlaceholderText(admin.name)
        self.revoke = button(f"Revoke {admin.name}", self._revoke, "danger")
        self.revoke.setEnabled(False)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._make_question())
        back = button("", self._go_back, "icon", "Back")
        bench.icons.put(back, icons.BACK, "text")
        self.lead_back(back)
        self.body.addWidget(self._stack, 1)
        self.typed.textChanged.connect(self._judge)
        self.typed.returnPressed.connect(self.revoke.click)

    def enter(self) -> None:
        self.typed.setFocus()

    def _make_question(self) -> QWidget:
        inside = frame("plain")
        inside.setMaximumWidth(640)
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(WIDE)
        happens = PartsCard("What will happen")
        happens.show_parts(what_will_happen(self._admin))
        column.addWidget(happens)
        field = Field(f"Type {self._admin.name} to confirm", self.typed)
        field.note("The node has to be unsealed. What they have seen, they know.")
        column.addWidget(field)
        bar = QHBoxLayout()
        bar.setSpacing(GAP)
        bar.addWidget(self.revoke)
        bar.addWidget(button(f"Keep {self._admin.name}", self._go_back))
        bar.addStretch()
        column.addLayout(bar)
        column.addStretch()
        return scrolling(inside, "What will happen")

    def _judge(self, typed: str) -> None:
        self.revoke.setEnabled(typed_right(self._admin.name, typed))

    def _revoke(self) -> None:
        self.revoke.setEnabled(False)
        self._follow(self._bench.kit.revoke(self._admin))

    def _follow(self, running: RunningOperation) -> None:
        view = OperationView(running, self._bench.runner, self._bench.theme, compact=False)
        view.retried.connect(self._follow)
        self._stack.addWidget(view)
        self._stack.setCurrentWidget(view)
        running.finished.connect(self._ended)

    def _ended(self, outcome: Outcome[Revoked]) -> None:
        if outcome.result is not None:
            self._go_back()

    def _go_back(self) -> None:
        self._bench.navigator.place_wanted.emit(Place.KIT)
