"""The recovery kit: made, printed, given back, checked; or opened on another workstation."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from PySide6.QtGui import QTextDocument
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from holdfast.domain.operation import Operation, Outcome
from holdfast.domain.recovery_kit import Kit, KitOpened, KitState, Revoked
from holdfast.presenters import recovery_kit as words
from holdfast.presenters.kit_page import kit_page
from holdfast.presenters.private_file import save_private
from holdfast.presenters.problem import explain
from holdfast.presenters.revocation import KEPT, STILL_TO_DO, revoked_sentence, tasks_as_parts
from holdfast.ui.widgets.admins_card import AdminsCard
from holdfast.ui.widgets.buttons import button, reword
from holdfast.ui.widgets.fields import Field
from holdfast.ui.widgets.notice import ProblemBox
from holdfast.ui.widgets.page import Page, scrolling
from holdfast.ui.widgets.parts import FactsCard, PartsCard
from holdfast.ui.widgets.text import GAP, WIDE, frame, label, monospace, restyle
from holdfast.ui.workbench import Workbench

Result = TypeVar("Result")


class KitScreen(Page):
    """The page is kept on show until it was confirmed, or the window is closed."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__("Recovery kit")
        self._bench = bench
        self._title, self._text = label("", "head", wrap=True), label("", wrap=True)
        self._problem = ProblemBox(can_retry=True)
        self._facts, self.admins = FactsCard(), AdminsCard()
        self.tasks = PartsCard(STILL_TO_DO)
        self.tasks.hide()
        self.identity = QLineEdit()
        self.identity.setEchoMode(QLineEdit.EchoMode.Password)
        self.identity.setPlaceholderText(words.HINT)
        self.field = Field(words.FIELD, self.identity)
        self.make = button(words.MAKE, self._make, "primary")
        self.use = button("", self._use, "primary")
        self.show_page = button(words.SHOW, self._ask_for_page)
        self.sheet = QPlainTextEdit()
        self.sheet.setReadOnly(True)
        self.sheet.setFont(monospace())
        self.sheet.setAccessibleName("The recovery kit's page")
        self.sheet.setMinimumHeight(280)
        self.print = button("Print…", self._print)
        self.save = button("Save…", self._choose_file)
        self.body.addWidget(self._problem)
        self.body.addWidget(scrolling(self._make_column(), "Recovery kit"), 1)
        self._problem.retry.connect(self.reload)
        self.identity.textChanged.connect(self._judge)
        self.identity.returnPressed.connect(self.use.click)
        self.admins.revoke_wanted.connect(bench.navigator.revocation_wanted)
        bench.kit.changed.connect(self._refresh)
        bench.kit.made.connect(self._show_kit)
        bench.kit.revoked.connect(self._show_revoked)
        self._refresh()
        if bench.kit.status is None:
            self.reload()

    def enter(self) -> None:
        (self.identity if self.identity.isVisible() else self.make).setFocus()

    def reload(self) -> None:
        self._bench.kit.read()

    def save_page(self, file: Path) -> None:
        """Over what is there, for its owner alone. Raises OSError."""
        file.unlink(missing_ok=True)
        save_private(self.sheet.toPlainText().encode(), file)

    def print_page(self, printer: QPrinter) -> None:
        document = QTextDocument(self.sheet.toPlainText())
        document.setDefaultFont(monospace())
        document.print_(printer)

    def _make_column(self) -> QWidget:
        inside = frame("plain")
        inside.setMaximumWidth(760)
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, GAP, 0)
        column.setSpacing(WIDE)
        sheet = QHBoxLayout()
        sheet.setSpacing(GAP)
        acts = QHBoxLayout()
        acts.setSpacing(GAP)
        for row, parts in ((sheet, (self.print, self.save)), (acts, self._verbs)):
            for part in parts:
                row.addWidget(part)
            row.addStretch()
        for shown in (self._title, self._text, self.sheet):
            column.addWidget(shown)
        column.addLayout(sheet)
        column.addWidget(self.field)
        column.addLayout(acts)
        for card in (self.tasks, self._facts, self.admins):
            column.addWidget(card)
        column.addStretch(1)
        return inside

    @property
    def _verbs(self) -> tuple[QPushButton, ...]:
        return (self.use, self.show_page, self.make)

    def _refresh(self) -> None:
        status, problem = self._bench.kit.status, self._bench.kit.problem
        self._problem.show_problem(problem)
        state = status.state if status else None
        said = words.kit_words(state) if state else words.READING
        self._title.setVisible(problem is None)
        self._title.setText(said.title)
        self._text.setText(said.text)
        self.field.setVisible(bool(said.action))
        self.use.setVisible(bool(said.action))
        reword(self.use, said.action)
        self.show_page.setVisible(state is KitState.CONFIRMED)
        self.make.setVisible(state in (KitState.MISSING, KitState.UNCONFIRMED))
        reword(self.make, words.MAKE if state is KitState.MISSING else words.MAKE_ANOTHER)
        restyle(self.make, "kind", "primary" if state is KitState.MISSING else "")
        for part in (self.sheet, self.print, self.save):
            part.setVisible(bool(self.sheet.toPlainText()))
        self._facts.setVisible(bool(status and status.recipient))
        self._facts.show_facts(words.kit_facts(status) if status else ())
        self.admins.setVisible(bool(self._bench.kit.admins))
        self.admins.show_admins(self._bench.kit.admins)
        self._judge()

    def _judge(self) -> None:
        typed = bool(self.identity.text().strip())
        self.use.setEnabled(typed)
        self.show_page.setEnabled(typed)

    def _make(self) -> None:
        self.make.setEnabled(False)
        self._start(self._bench.desk.create_kit(another=False), self._made)

    def _use(self) -> None:
        status, typed = self._bench.kit.status, self.identity.text().encode()
        desk = self._bench.desk
        foreign = status is not None and status.state is KitState.FOREIGN
        self._start(desk.open_kit(typed) if foreign else desk.check_kit(typed), self._used)

    def _ask_for_page(self) -> None:
        self._bench.runner.ask(self._bench.desk.show_kit(self.identity.text().encode()), self._made)

    def _start(
        self, operation: Operation[Result], ended: Callable[[Outcome[Result]], None]
    ) -> None:
        self._bench.runner.start(operation).finished.connect(ended)

    def _made(self, outcome: Outcome[Kit]) -> None:
        self.make.setEnabled(True)
        if outcome.result is not None:
            self.sheet.setPlainText(kit_page(outcome.result))
            self.identity.setFocus()
        self._settle(outcome, "")

    def _show_kit(self, kit: Kit) -> None:
        self.sheet.setPlainText(kit_page(kit))
        self._refresh()

    def _show_revoked(self, revoked: Revoked) -> None:
        if revoked.kit is not None:
            self._show_kit(revoked.kit)
        self.tasks.show_parts(tasks_as_parts(revoked))
        self.tasks.show()
        self.field.note(f"{revoked_sentence(revoked)} {KEPT}")

    def _used(self, outcome: Outcome[KitOpened]) -> None:
        if outcome.result is not None:
            self.identity.clear()
            self.sheet.clear()
            self._settle(outcome, words.opened_sentence(outcome.result))
        else:
            self._settle(outcome, "")

    def _settle(self, outcome: Outcome[Kit] | Outcome[KitOpened], said: str) -> None:
        self.field.note(said)
        if outcome.error is not None:
            problem = explain(outcome.error)
            self.field.refuse(f"{problem.what} {problem.why}".strip())
        self._bench.kit.read()

    def _print(self) -> None:
        printer = QPrinter()
        if QPrintDialog(printer, self).exec():
            self.print_page(printer)

    def _choose_file(self) -> None:
        chosen, _ = QFileDialog.getSaveFileName(self, "Save the page", "kit.txt", "Text (*.txt)")
        if chosen:
            try:
                self.save_page(Path(chosen))
            except OSError as error:
                self.field.refuse(words.not_saved(error))
