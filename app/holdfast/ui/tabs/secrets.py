"""An app's secrets: a list with dots, the secrets.toml to edit, and every change shown first."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from holdfast.domain.errors import UsageError
from holdfast.domain.operation import Outcome
from holdfast.domain.requests import AppSecrets, SecretsApplied
from holdfast.domain.secret import Secret
from holdfast.domain.secrets_document import parse
from holdfast.presenters import package_indexes as indexes
from holdfast.presenters import secrets as words
from holdfast.presenters.private_file import unreadable
from holdfast.presenters.problem import explain
from holdfast.presenters.verbs import Place
from holdfast.ui.app_reader import AppReader
from holdfast.ui.widgets.buttons import button
from holdfast.ui.widgets.held_text import HoldButton
from holdfast.ui.widgets.notice import NoticeBar, Placeholder, ProblemBox
from holdfast.ui.widgets.package_indexes import PackageIndexes
from holdfast.ui.widgets.secrets_review import SecretsReview
from holdfast.ui.widgets.secrets_table import SecretsTable
from holdfast.ui.widgets.tab import Tab
from holdfast.ui.widgets.text import GAP, ElidedLabel, label
from holdfast.ui.widgets.toml_editor import TomlEditor
from holdfast.ui.workbench import Workbench


class SecretsTab(Tab):
    """What was edited and not saved stays in the workbench's drafts when the page is left."""

    def __init__(self, bench: Workbench, reader: AppReader) -> None:
        super().__init__()
        self._bench = bench
        self._reader = reader
        self._kept: AppSecrets | None = None
        self._wanted = Secret(b"")
        self._why: Exception | None = None
        self._committed, self._problem = NoticeBar(), ProblemBox()
        self._refused = Placeholder()
        self.table = SecretsTable(bench.theme)
        self.editor = TomlEditor(bench.theme, f"secrets.toml of {reader.name}")
        self.review = SecretsReview(bench.theme)
        self._summary = ElidedLabel(words.READING, "muted")
        self._note = label("", "muted", wrap=True)
        self._mistake = label("", "error", wrap=True)
        self.as_text = button("Edit as text", kind="toggle")
        self.indexes = PackageIndexes()
        self.show_indexes = button(indexes.TITLE, kind="toggle")
        for toggle in (self.as_text, self.show_indexes):
            toggle.setCheckable(True)
        self.hold = HoldButton("Hold to reveal all")
        self.bring = button("Import")
        self.undo = button("Undo…", self._undo)
        self.save = button("Review and save…", self._review, "primary")
        self._lay_out()
        self._connect()
        self.reload()

    def reload(self) -> None:
        self._bench.runner.ask(self._bench.desk.secrets(self._reader.name), self._read)

    def bring_file(self, file: Path) -> None:
        """Join what a file holds to the text that is edited; nothing is saved yet."""
        try:
            given = file.read_bytes()
        except OSError as error:
            self._problem.show_problem(explain(unreadable(file.name, error)))
            return
        dotenv = file.name.endswith(".env")
        self._bring(lambda before: words.imported(before, given, dotenv))

    def bring_clipboard(self) -> None:
        text = QGuiApplication.clipboard().text()
        self._bring(lambda before: words.from_clipboard(before, text))

    def _read(self, outcome: Outcome[AppSecrets]) -> None:
        if outcome.cancelled:
            return
        self._kept = outcome.result
        if outcome.result is None:
            assert outcome.error is not None
            self._why = outcome.error
            self._refused.show_notice(words.refused(outcome.error))
            self._stack.setCurrentWidget(self._refused)
            self._bar.hide()
            return
        self._bar.show()
        self._committed.show_notice(words.committed(outcome.result))
        draft = self._bench.drafts.pop(self._reader.name, outcome.result.document)
        if not self.editor.load(draft.reveal().decode()):
            self._note.setText(words.NOT_SHOWN)
            for toggle in (self.as_text, self.show_indexes):
                toggle.setEnabled(False)
        self._show_main()
        self._judge()

    def _judge(self) -> None:
        """After every key: a mistake stands at its place, and what can be saved is offered."""
        kept = self._kept
        if kept is None:
            return
        judged = words.judge(self.editor.text()) if self.as_text.isEnabled() else None
        document = judged.document if judged else kept.document
        differs = judged is not None and self.editor.text() != kept.document.reveal().decode()
        mistake = judged.mistake if judged else None
        self.editor.show_mistake(mistake)
        self._mistake.setText(mistake.words if mistake else "")
        self._mistake.setVisible(mistake is not None)
        if self.as_text.isEnabled():
            self._note.setText(words.DRAFT if differs else "")
        self._note.setVisible(bool(self._note.text()))
        self.save.setEnabled(differs and document is not None)
        self.undo.setEnabled(kept.before is not None and not differs)
        self.indexes.show_document(document)
        if document is not None:
            self._summary.show_text(words.summary(document, kept.keychain))
            self.table.show_secrets(document, kept.asked)
        if differs:
            self._bench.drafts[self._reader.name] = Secret(self.editor.text().encode())
        else:
            self._bench.drafts.pop(self._reader.name, None)

    def _review(self) -> None:
        judged = words.judge(self.editor.text())
        if judged.document is not None:
            self._show_review(judged.document)

    def _undo(self) -> None:
        if self._kept is not None and self._kept.before is not None:
            self._show_review(self._kept.before)

    def _show_review(self, wanted: Secret) -> None:
        app = self._reader.app
        if self._kept is None or app is None:
            return
        self._wanted = wanted
        self.review.show_change(self._kept, app, wanted)
        self._stack.setCurrentWidget(self.review)
        self._bar.hide()
        self._note.hide()

    def _store(self, later: bool) -> None:
        if self._kept is None:
            return
        name, before = self._reader.name, self._kept.document
        operation = self._bench.desk.edit_secrets(name, before, self._wanted, later)
        self.review.setEnabled(False)
        self._bench.runner.start(operation).finished.connect(self._stored)

    def _stored(self, outcome: Outcome[SecretsApplied]) -> None:
        self.review.setEnabled(True)
        self._show_main()
        if outcome.error is not None:
            self._problem.show_problem(explain(outcome.error))
        elif not outcome.cancelled:
            self._bench.drafts.pop(self._reader.name, None)
            self.reload()

    def _bring(self, join: Callable[[Secret], Secret]) -> None:
        self._problem.show_problem(None)
        try:
            document = join(parse(self.editor.text()))
        except UsageError as error:
            self._problem.show_problem(explain(error))
            return
        self._take(document)

    def _take(self, document: Secret) -> None:
        """Into the text, which is not saved by that."""
        self.editor.load(document.reveal().decode())

    def _show_main(self) -> None:
        self._problem.show_problem(None)
        self._bar.show()
        self._note.setVisible(bool(self._note.text()))
        text = self.as_text.isChecked()
        self.hold.button.setVisible(text)
        logins = self.indexes if self.show_indexes.isChecked() else self.table
        self._stack.setCurrentWidget(self.editor if text else logins)

    def _act_on_refusal(self) -> None:
        if words.wants_kit(self._why):
            self._bench.navigator.place_wanted.emit(Place.KIT)
        else:
            self.reload()

    def _show_text(self) -> None:
        self.as_text.setChecked(True)
        self.editor.setFocus()

    def _toggle(self, other: QPushButton, chosen: bool) -> None:
        """One page instead of the list, or the other."""
        if chosen:
            other.setChecked(False)
        self._show_main()

    def _choose_file(self) -> None:
        title = f"Import secrets into {self._reader.name}"
        chosen, _ = QFileDialog.getOpenFileName(self, title, "", words.FILES)
        if chosen:
            self.bring_file(Path(chosen))

    def _connect(self) -> None:
        self._refused.acted.connect(self._act_on_refusal)
        self.table.write_wanted.connect(self._show_text)
        self.as_text.toggled.connect(partial(self._toggle, self.show_indexes))
        self.show_indexes.toggled.connect(partial(self._toggle, self.as_text))
        self.indexes.changed.connect(self._take)
        self.hold.held.connect(lambda held: self.editor.conceal(not held))
        self.editor.textChanged.connect(self._judge)
        self.review.left.connect(self._show_main)
        self.review.confirmed.connect(self._store)
        menu = QMenu(self.bring)
        menu.addAction("From a file…").triggered.connect(self._choose_file)
        menu.addAction("From the clipboard").triggered.connect(self.bring_clipboard)
        self.bring.setMenu(menu)

    def _lay_out(self) -> None:
        self._bar = QWidget()
        row = QHBoxLayout(self._bar)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP)
        row.addWidget(self._summary, 1)
        shown = (self.hold.button, self.as_text, self.show_indexes, self.bring)
        for each in (*shown, self.undo, self.save):
            row.addWidget(each)
        self._stack = QStackedWidget()
        for page in (self.table, self.editor, self.indexes, self.review, self._refused):
            self._stack.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        for part in (self._committed, self._problem, self._bar, self._note):
            column.addWidget(part)
        column.addWidget(self._stack, 1)
        column.addWidget(self._mistake)
        self._bar.hide()
        self._mistake.hide()
        self._note.hide()
