"""A card with the further host names of an app: each to be taken away, and one to be added."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout

from holdfast.domain.host_names import AppNames, NamesChange
from holdfast.domain.names import AppName
from holdfast.domain.operation import Outcome
from holdfast.presenters import host_names as words
from holdfast.presenters.problem import explain
from holdfast.ui.widgets.buttons import button
from holdfast.ui.widgets.card_rows import CardRows
from holdfast.ui.widgets.choice import Choice
from holdfast.ui.widgets.fields import Field
from holdfast.ui.widgets.notice import ProblemBox
from holdfast.ui.widgets.text import WIDE, ElidedLabel, label
from holdfast.ui.workbench import Workbench


class NamesCard(QFrame):
    """rows: with buttons by name."""

    def __init__(self, bench: Workbench, app: AppName) -> None:
        super().__init__()
        self.setProperty("surface", "card")
        self._bench = bench
        self._app = app
        self._told: AppNames | None = None
        self.rows = CardRows(1)
        self.sentence = label(words.READING, "muted", wrap=True)
        self.name, self.way = QLineEdit(), Choice()
        self.name.setPlaceholderText(words.HINT)
        for redirects, text in words.WAYS.items():
            self.way.addItem(text, redirects)
        self.named = Field(words.NAME, self.name)
        self._how = Field(words.DOES, self.way)
        self.add = button(words.ADD, self._add)
        self._problem = ProblemBox()
        self._lay_out()
        self.name.textChanged.connect(self._judge)
        self.name.returnPressed.connect(self.add.click)
        self.way.currentIndexChanged.connect(self._judge)

    def reload(self) -> None:
        self._bench.runner.ask(self._bench.desk.names(self._app), self._read)

    def _read(self, outcome: Outcome[AppNames]) -> None:
        if outcome.cancelled:
            return
        if outcome.result is not None:
            self._show(outcome.result)
        elif self._told is None:
            self.sentence.setText(words.UNKNOWN)

    def _show(self, told: AppNames) -> None:
        self._told = told
        self.sentence.setText(words.ABOUT)
        self.rows.clear()
        for each in told.further:
            parts = (ElidedLabel(each.host), label(words.way(each), "muted"))
            taken = partial(self._change, NamesChange(remove=(each.host,)))
            self.rows.add_with_button(parts, each.host, words.REMOVE, each.host, taken)
        self._judge()

    def _judge(self) -> None:
        """After every change: what can be done is offered."""
        told = self._told
        for part in (self.named, self._how, self.add):
            part.setVisible(told is not None)
        if told is not None:
            change, wrong = words.adding(told, self.name.text(), self.way.currentData())
            self.named.refuse(wrong)
            self.add.setEnabled(change is not None)

    def _add(self) -> None:
        if self._told is not None:
            change, _ = words.adding(self._told, self.name.text(), self.way.currentData())
            if change is not None:
                self._change(change)

    def _change(self, change: NamesChange) -> None:
        self._problem.show_problem(None)
        self.setEnabled(False)
        operation = self._bench.desk.change_names(self._app, change)
        self._bench.runner.start(operation).finished.connect(self._changed)

    def _changed(self, outcome: Outcome[AppNames]) -> None:
        self.setEnabled(True)
        if outcome.result is not None:
            self.name.clear()
            self._show(outcome.result)
        elif outcome.error is not None:
            self._problem.show_problem(explain(outcome.error))

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(WIDE, WIDE, WIDE, WIDE)
        column.setSpacing(12)
        fields = QHBoxLayout()
        fields.setSpacing(WIDE)
        for field in (self.named, self._how):
            fields.addWidget(field, 1, Qt.AlignmentFlag.AlignTop)
        acts = QHBoxLayout()
        acts.addWidget(self.add)
        acts.addStretch()
        column.addWidget(label(words.TITLE, "head"))
        column.addWidget(self.sentence)
        column.addLayout(self.rows)
        column.addLayout(fields)
        column.addLayout(acts)
        column.addWidget(self._problem)
        self._judge()
