"""Who may visit an app: everybody, or whoever has a certificate that is issued here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from holdfast.domain.operation import Operation, Outcome
from holdfast.domain.visitor_access import AccessMode, IssuedVisitor, VisitorAccess
from holdfast.presenters import visitor_access as words
from holdfast.presenters.private_file import save_private
from holdfast.presenters.problem import explain
from holdfast.ui.app_reader import AppReader
from holdfast.ui.secret_clipboard import copy_secret
from holdfast.ui.widgets.buttons import button
from holdfast.ui.widgets.choice import Choice
from holdfast.ui.widgets.fields import Field
from holdfast.ui.widgets.list_view import ListView
from holdfast.ui.widgets.notice import ProblemBox
from holdfast.ui.widgets.tab import Tab
from holdfast.ui.widgets.text import GAP, WIDE, frame, label, monospace, selectable
from holdfast.ui.workbench import Workbench

Result = TypeVar("Result")


class AccessTab(Tab):
    def __init__(self, bench: Workbench, reader: AppReader) -> None:
        super().__init__()
        self._bench = bench
        self._reader = reader
        self._told: VisitorAccess | None = None
        self._file = Path()
        self._reading = label(words.READING, "muted", wrap=True)
        self._problem = ProblemBox()
        self.choice, self.visitor = Choice(), QLineEdit()
        for mode, text in words.CHOICES.items():
            self.choice.addItem(text, mode)
        self.visitor.setPlaceholderText(words.VISITOR_HINT)
        self.who = Field(words.WHO, self.choice)
        self.whom = Field(words.VISITOR, self.visitor)
        self.apply = button("Apply", self._apply, "primary")
        self.issue = button(words.ISSUE, self._choose_file)
        self.list = ListView(bench.theme, words.COLUMNS, "Certificates of visitors", False)
        self.none = label(words.NONE_ISSUED, "muted")
        self.revoke = button("Revoke", self._revoke, "danger")
        self.issued = _Issued()
        self._lay_out()
        self.choice.currentIndexChanged.connect(self._judge)
        self.visitor.textChanged.connect(self._judge)
        self.visitor.returnPressed.connect(self.issue.click)
        self.list.chosen.connect(self._judge)
        reader.renewed.connect(self.reload)
        self.reload()

    def reload(self) -> None:
        self._bench.runner.ask(self._bench.desk.access(self._reader.name), self._read)

    def leave(self) -> None:
        """The passphrase is not on show twice."""
        self.issued.forget()

    def issue_to(self, file: Path) -> None:
        """Over what is there, for its owner alone."""
        self._file = file
        name = self._reader.name
        operation = self._bench.desk.issue_visitor(name, self.visitor.text())
        self._start(operation, self._made)

    def _read(self, outcome: Outcome[VisitorAccess]) -> None:
        if outcome.cancelled:
            return
        if outcome.result is not None:
            self._show(outcome.result)
        else:
            self._reading.setText(words.UNKNOWN)
        known = outcome.result is not None
        self._body.setVisible(known)
        self._reading.setVisible(not known)

    def _show(self, told: VisitorAccess) -> None:
        self._told = told
        self.choice.setCurrentIndex(self.choice.findData(told.mode))
        rows = words.rows(told, self._bench.watch.now())
        self.list.show_rows(rows)
        self.list.setVisible(bool(rows))
        self.none.setVisible(not rows)
        self.revoke.setVisible(bool(rows))
        self._judge()

    def _judge(self) -> None:
        """After every change: what can be done is offered."""
        told = self._told
        if told is None:
            return
        chosen = AccessMode(self.choice.currentData())
        self.who.note(words.about(chosen, told))
        self.apply.setVisible(chosen is not told.mode)
        typed = self.visitor.text()
        wrong = words.wrong_visitor(typed) if typed else ""
        self.whom.refuse(wrong)
        self.issue.setEnabled(bool(typed.strip()) and not wrong)
        reason = words.why_not_revoked(told, self.list.current_key, self._bench.watch.now())
        self.revoke.setEnabled(not reason)
        self.revoke.setToolTip(reason)

    def _apply(self) -> None:
        chosen = AccessMode(self.choice.currentData())
        self._start(self._bench.desk.set_access(self._reader.name, chosen), self._changed)

    def _revoke(self) -> None:
        serial = self.list.current_key
        if serial is not None:
            operation = self._bench.desk.revoke_visitor(self._reader.name, serial)
            self._start(operation, self._changed)

    def _choose_file(self) -> None:
        proposed = words.file_name(self._reader.name, self.visitor.text())
        chosen, _ = QFileDialog.getSaveFileName(
            self, "Save the certificate", proposed, "PKCS#12 (*.p12)"
        )
        if chosen:
            self.issue_to(Path(chosen))

    def _start(
        self, operation: Operation[Result], ended: Callable[[Outcome[Result]], None]
    ) -> None:
        self._problem.show_problem(None)
        self.issued.forget()
        self._body.setEnabled(False)
        self._bench.runner.start(operation).finished.connect(ended)

    def _changed(self, outcome: Outcome[VisitorAccess]) -> None:
        self._settle(outcome)
        if outcome.result is not None:
            self._show(outcome.result)

    def _made(self, outcome: Outcome[IssuedVisitor]) -> None:
        self._settle(outcome)
        if outcome.result is not None:
            try:
                self._file.unlink(missing_ok=True)
                save_private(outcome.result.bundle.reveal(), self._file)
            except OSError as error:
                self.whom.refuse(words.not_saved(outcome.result, error))
            else:
                self.issued.show_issued(outcome.result, self._file)
                self.visitor.clear()
        self.reload()

    def _settle(self, outcome: Outcome[Result]) -> None:
        self._body.setEnabled(True)
        if outcome.error is not None:
            self._problem.show_problem(explain(outcome.error))

    def _lay_out(self) -> None:
        both = QWidget()
        both.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        pair = QHBoxLayout(both)
        pair.setContentsMargins(0, 0, 0, 0)
        pair.setSpacing(WIDE)
        pair.addWidget(_card(self.who, self.apply), 1)
        pair.addWidget(_card(self.whom, self.issue), 1)
        self._body = frame("plain")
        inside = QVBoxLayout(self._body)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(WIDE)
        inside.addWidget(both)
        for part in (self.issued, self.none):
            inside.addWidget(part)
        inside.addWidget(self.list, 1)
        acts = QHBoxLayout()
        acts.addStretch()
        acts.addWidget(self.revoke)
        inside.addLayout(acts)
        inside.addStretch()
        self._body.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(WIDE)
        for shown in (self._reading, self._problem):
            column.addWidget(shown)
        column.addWidget(self._body, 1)


class _Issued(QWidget):
    """The passphrase of the certificate that was issued just now."""

    def __init__(self) -> None:
        super().__init__()
        self._made: IssuedVisitor | None = None
        self.sentence = label("", wrap=True)
        self.passphrase = selectable(label("", "head"))
        self.passphrase.setFont(monospace())
        self.copy = button("Copy the passphrase", self._copy)
        card = frame("card")
        column = QVBoxLayout(card)
        column.setContentsMargins(WIDE, WIDE, WIDE, WIDE)
        column.setSpacing(GAP)
        row = QHBoxLayout()
        row.addWidget(self.passphrase)
        row.addWidget(self.copy)
        row.addStretch()
        column.addWidget(self.sentence)
        column.addLayout(row)
        outside = QVBoxLayout(self)
        outside.setContentsMargins(0, 0, 0, 0)
        outside.addWidget(card)
        self.forget()

    def show_issued(self, made: IssuedVisitor, file: Path) -> None:
        self._made = made
        self.sentence.setText(words.issued_sentence(made, file))
        self.passphrase.setText(made.passphrase.reveal().decode())
        self.show()

    def forget(self) -> None:
        self._made = None
        self.passphrase.clear()
        self.hide()

    def _copy(self) -> None:
        if self._made is not None:
            copy_secret(self._made.passphrase.reveal().decode())


def _card(*parts: QWidget) -> QWidget:
    made = frame("card")
    column = QVBoxLayout(made)
    column.setContentsMargins(WIDE, WIDE, WIDE, WIDE)
    column.setSpacing(GAP)
    for part in parts[:-1]:
        column.addWidget(part)
    row = QHBoxLayout()
    row.addWidget(parts[-1])
    row.addStretch()
    column.addStretch()
    column.addLayout(row)
    return made
