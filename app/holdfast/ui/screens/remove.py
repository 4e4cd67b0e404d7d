"""Removing an app: what will go, the name typed, then the receipt."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from holdfast.domain.names import AppName
from holdfast.domain.node import Removal, VolumeFacts
from holdfast.domain.operation import Outcome
from holdfast.presenters.removal import (
    CLEAN,
    RECEIPT_COLUMNS,
    key_sentence,
    receipt_look,
    receipt_rows,
    receipt_sentence,
    receipt_text,
    receipt_title,
    typed_right,
    what_will_go,
)
from holdfast.ui import icons
from holdfast.ui.runner import RunningOperation
from holdfast.ui.widgets.buttons import button
from holdfast.ui.widgets.fields import Field
from holdfast.ui.widgets.list_view import ListView
from holdfast.ui.widgets.operation_view import OperationView
from holdfast.ui.widgets.page import Page, scrolling
from holdfast.ui.widgets.parts import PartsCard
from holdfast.ui.widgets.text import GAP, WIDE, StateLabel, frame, label
from holdfast.ui.workbench import Workbench


class RemoveScreen(Page):
    def __init__(self, bench: Workbench, name: AppName) -> None:
        super().__init__(f"Remove {name}")
        self.name = name
        self._bench = bench
        self._volume: VolumeFacts | None = None
        self.receipt: Removal | None = None
        self._goes = PartsCard("What will be removed")
        self.typed = QLineEdit()
        self.typed.setPlaceholderText(name)
        self.remove = button(f"Remove {name}", self._remove, "danger")
        self.remove.setEnabled(False)
        self.list = ListView(bench.theme, RECEIPT_COLUMNS, "What was removed", two_lines=False)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._make_question())
        self._receipt_page = self._make_receipt()
        self._stack.addWidget(self._receipt_page)
        back = button("", bench.navigator.back_wanted.emit, "icon", "Back")
        bench.icons.put(back, icons.BACK, "text")
        self.lead_back(back)
        self.body.addWidget(self._stack, 1)
        self.typed.textChanged.connect(self._judge)
        self.typed.returnPressed.connect(self.remove.click)
        self._show_what_goes()
        bench.runner.ask(bench.desk.volume(name), self._read)

    def enter(self) -> None:
        self.typed.setFocus()

    def save(self, file: Path) -> None:
        assert self.receipt is not None
        file.write_text(receipt_text(self.receipt), encoding="utf-8")

    def _make_question(self) -> QWidget:
        inside = frame("plain")
        inside.setMaximumWidth(640)
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(WIDE)
        column.addWidget(self._goes)
        field = Field(f"Type {self.name} to confirm", self.typed)
        field.note("This cannot be undone: without its key, no copy of the volume opens again.")
        column.addWidget(field)
        bar = QHBoxLayout()
        bar.setSpacing(GAP)
        bar.addWidget(self.remove)
        bar.addWidget(button(f"Keep {self.name}", self._bench.navigator.back_wanted.emit))
        bar.addStretch()
        column.addLayout(bar)
        column.addStretch()
        return scrolling(inside, "What will be removed")

    def _make_receipt(self) -> QWidget:
        made = QWidget()
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        head = QHBoxLayout()
        head.setSpacing(GAP)
        self._receipt_title = label("", "head")
        self._left = StateLabel(self._bench.theme, CLEAN)
        head.addWidget(self._receipt_title)
        head.addWidget(self._left)
        head.addStretch()
        head.addWidget(button("Save receipt", self._save))
        head.addWidget(button("Back to apps", self._bench.navigator.back_wanted.emit, "primary"))
        self.key_sentence, self._sentence = label("", wrap=True), label("", "muted", wrap=True)
        column.addLayout(head)
        column.addWidget(self.key_sentence)
        column.addWidget(self._sentence)
        column.addWidget(self.list, 1)
        return made

    def _read(self, outcome: Outcome[VolumeFacts]) -> None:
        self._volume = outcome.result
        self._show_what_goes()

    def _show_what_goes(self) -> None:
        app = self._bench.watch.app(self.name)
        if app is not None:
            self._goes.show_parts(what_will_go(app, self._volume))

    def _judge(self, typed: str) -> None:
        self.remove.setEnabled(typed_right(self.name, typed))

    def _remove(self) -> None:
        self.remove.setEnabled(False)
        self._follow(self._bench.runner.start(self._bench.desk.remove(self.name)))

    def _follow(self, running: RunningOperation) -> None:
        view = OperationView(running, self._bench.runner, self._bench.theme, compact=False)
        view.retried.connect(self._follow)
        self._stack.addWidget(view)
        self._stack.setCurrentWidget(view)
        running.finished.connect(self._ended)

    def _ended(self, outcome: Outcome[Removal]) -> None:
        if outcome.result is not None:
            self.receipt = outcome.result
            self._receipt_title.setText(receipt_title(outcome.result))
            self._left.show_look(receipt_look(outcome.result))
            self._sentence.setText(receipt_sentence(outcome.result))
            self.key_sentence.setText(key_sentence(outcome.result))
            self.key_sentence.setVisible(outcome.result.key_destroyed is not None)
            self.list.show_rows(receipt_rows(outcome.result))
            self._stack.setCurrentWidget(self._receipt_page)

    def _save(self) -> None:
        name = f"{self.name} removed.txt"
        chosen, _ = QFileDialog.getSaveFileName(self, "Save the receipt", name, "Text (*.txt)")
        if chosen:
            self.save(Path(chosen))
