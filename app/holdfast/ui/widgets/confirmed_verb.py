"""A verb that nothing undoes: what will happen, a name typed, then the steps as they go."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from holdfast.presenters.confirmation import Confirmation
from holdfast.ui.runner import RunningOperation
from holdfast.ui.widgets.buttons import button
from holdfast.ui.widgets.fields import Field
from holdfast.ui.widgets.operation_view import OperationView
from holdfast.ui.widgets.page import scrolling
from holdfast.ui.widgets.parts import PartsCard
from holdfast.ui.widgets.text import GAP, WIDE, frame
from holdfast.ui.workbench import Workbench


class ConfirmedVerb(QStackedWidget):
    """start: begins the verb. kept: rather not. ended: the verb's Outcome."""

    kept = Signal()
    ended = Signal(object)

    def __init__(
        self, bench: Workbench, asked: Confirmation, start: Callable[[], RunningOperation]
    ) -> None:
        super().__init__()
        self._bench = bench
        self._start = start
        self.happens = PartsCard(asked.heading)
        self.typed = QLineEdit()
        self.typed.setPlaceholderText(asked.name)
        self.confirm = button(asked.act, self._confirm, "danger")
        self.confirm.setEnabled(False)
        self.addWidget(self._make_question(asked))
        self.typed.textChanged.connect(lambda text: self.confirm.setEnabled(asked.is_given(text)))
        self.typed.returnPressed.connect(self.confirm.click)

    def _make_question(self, asked: Confirmation) -> QWidget:
        inside = frame("plain")
        inside.setMaximumWidth(640)
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(WIDE)
        column.addWidget(self.happens)
        field = Field(asked.ask, self.typed)
        field.note(asked.warning)
        column.addWidget(field)
        bar = QHBoxLayout()
        bar.setSpacing(GAP)
        bar.addWidget(self.confirm)
        bar.addWidget(button(asked.keep, self.kept.emit))
        bar.addStretch()
        column.addLayout(bar)
        column.addStretch()
        return scrolling(inside, asked.heading)

    def _confirm(self) -> None:
        self.confirm.setEnabled(False)
        self._follow(self._start())

    def _follow(self, running: RunningOperation) -> None:
        view = OperationView(running, self._bench.runner, self._bench.theme, compact=False)
        view.retried.connect(self._follow)
        self.addWidget(view)
        self.setCurrentWidget(view)
        running.finished.connect(self.ended)
