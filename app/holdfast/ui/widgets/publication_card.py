"""Where visitors reach the node: what holds, the choice of another place, what is left to do."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QLineEdit, QVBoxLayout

from holdfast.domain.operation import Outcome
from holdfast.domain.publication import Published
from holdfast.presenters import publication as words
from holdfast.presenters.problem import explain
from holdfast.ui.widgets.buttons import button, reword
from holdfast.ui.widgets.choice import Choice
from holdfast.ui.widgets.fields import Field
from holdfast.ui.widgets.notice import ProblemBox
from holdfast.ui.widgets.text import GAP, WIDE, label
from holdfast.ui.workbench import Workbench


class PublicationCard(QFrame):
    def __init__(self, bench: Workbench) -> None:
        super().__init__()
        self.setProperty("surface", "card")
        self._bench = bench
        self._told: Published | None = None
        self.sentence = label(words.READING, "muted", wrap=True)
        self.steps = label("", "muted", wrap=True)
        self.address, self.domain = Choice(), QLineEdit()
        self.domain.setPlaceholderText(words.DOMAIN_HINT)
        self.where = Field("Visitors come", self.address)
        self.names = Field("New apps are named below", self.domain)
        self.private = label("", wrap=True)
        self.leave_open = QCheckBox(words.LEAVE_OPEN)
        self.publish = button("", self._publish, "primary")
        self._problem = ProblemBox()
        self._lay_out()
        self.address.currentIndexChanged.connect(self._judge)
        self.domain.textChanged.connect(self._judge)

    def reload(self) -> None:
        self._bench.runner.ask(self._bench.desk.publication(), self._read)

    def _read(self, outcome: Outcome[Published]) -> None:
        if outcome.cancelled:
            return
        if outcome.result is not None:
            self._show(outcome.result)
        elif self._told is None:
            self.sentence.setText(words.UNKNOWN)

    def _show(self, told: Published) -> None:
        self._told = None
        self.address.clear()
        for address, text in words.places(told):
            self.address.addItem(text, address)
        self.address.setCurrentIndex(self.address.findData(told.publication.address))
        self.domain.setText(told.publication.base_domain)
        self.leave_open.setChecked(False)
        self._told = told
        self.sentence.setText(words.reach_sentence(told))
        self.steps.setText("\n".join(f"• {step}" for step in words.still_to_do(told)))
        self.steps.setVisible(bool(self.steps.text()))
        self._judge()

    def _judge(self) -> None:
        """After every change: what can be done is offered."""
        told = self._told
        for part in (self.where, self.names):
            part.setVisible(told is not None)
        if told is None:
            self._ask_about("")
            self.publish.hide()
            return
        wanted, wrong = words.parsed(self.address.currentData(), self.domain.text())
        self.names.refuse(wrong)
        differs = words.differs(told, self.address.currentData(), self.domain.text())
        self.where.note(words.consequence(told, self.address.currentData()) if differs else "")
        self._ask_about(words.to_be_asked(told, self.address.currentData()))
        reword(self.publish, words.action(told, self.address.currentData()))
        self.publish.setVisible(differs)
        self.publish.setEnabled(wanted is not None)

    def _ask_about(self, private: str) -> None:
        """private: what becomes of apps whose code is; "" where nothing does."""
        self.private.setText(private)
        self.private.setVisible(bool(private))
        self.leave_open.setVisible(bool(private))

    def _publish(self) -> None:
        wanted, _ = words.parsed(self.address.currentData(), self.domain.text())
        if wanted is None:
            return
        self._problem.show_problem(None)
        self.setEnabled(False)
        leave_open = self.leave_open.isChecked() and self.leave_open.isVisible()
        operation = self._bench.desk.publish(wanted, leave_open)
        self._bench.runner.start(operation).finished.connect(self._published)

    def _published(self, outcome: Outcome[Published]) -> None:
        self.setEnabled(True)
        if outcome.result is not None:
            self._show(outcome.result)
        elif outcome.error is not None:
            self._problem.show_problem(explain(outcome.error))

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(WIDE, WIDE, WIDE, WIDE)
        column.setSpacing(12)
        fields = QHBoxLayout()
        fields.setSpacing(WIDE)
        for field in (self.where, self.names):
            fields.addWidget(field, 1, Qt.AlignmentFlag.AlignTop)
        acts = QHBoxLayout()
        acts.setSpacing(GAP)
        acts.addWidget(self.publish)
        acts.addStretch()
        column.addWidget(label(words.TITLE, "head"))
        column.addWidget(self.sentence)
        column.addLayout(fields)
        column.addWidget(self.private)
        column.addWidget(self.leave_open)
        column.addLayout(acts)
        column.addWidget(self.steps)
        column.addWidget(self._problem)
        self._judge()
