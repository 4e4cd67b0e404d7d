"""Removing an app: what will go, the name typed, then the receipt."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from holdfast.domain.names import AppName
from holdfast.domain.node import Removal, VolumeFacts
from holdfast.domain.operation import Outcome
from holdfast.presenters.removal import (
    CLEAN,
    RECEIPT_COLUMNS,
    confirmation,
    key_sentence,
    receipt_look,
    receipt_rows,
    receipt_sentence,
    receipt_text,
    receipt_title,
    what_will_go,
)
from holdfast.ui.widgets.buttons import button
from holdfast.ui.widgets.confirmed_verb import ConfirmedVerb
from holdfast.ui.widgets.list_view import ListView
from holdfast.ui.widgets.page import Page
from holdfast.ui.widgets.text import GAP, StateLabel, label
from holdfast.ui.workbench import Workbench


class RemoveScreen(Page):
    def __init__(self, bench: Workbench, name: AppName) -> None:
        asked = confirmation(name)
        super().__init__(asked.act)
        self.name = name
        self._bench = bench
        self._volume: VolumeFacts | None = None
        self.receipt: Removal | None = None
        self.verb = ConfirmedVerb(bench, asked, lambda: bench.runner.start(bench.desk.remove(name)))
        self.list = ListView(bench.theme, RECEIPT_COLUMNS, "What was removed", two_lines=False)
        self._receipt_page = self._make_receipt()
        self.verb.addWidget(self._receipt_page)
        self.verb.kept.connect(bench.navigator.back_wanted)
        self.verb.ended.connect(self._ended)
        self.lead_back(bench.icons, bench.navigator.back_wanted.emit)
        self.body.addWidget(self.verb, 1)
        self._show_what_goes()
        bench.runner.ask(bench.desk.volume(name), self._read)

    def enter(self) -> None:
        self.verb.typed.setFocus()

    def save(self, file: Path) -> None:
        assert self.receipt is not None
        file.write_text(receipt_text(self.receipt), encoding="utf-8")

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
            self.verb.happens.show_parts(what_will_go(app, self._volume))

    def _ended(self, outcome: Outcome[Removal]) -> None:
        if outcome.result is not None:
            self.receipt = outcome.result
            self._receipt_title.setText(receipt_title(outcome.result))
            self._left.show_look(receipt_look(outcome.result))
            self._sentence.setText(receipt_sentence(outcome.result))
            self.key_sentence.setText(key_sentence(outcome.result))
            self.key_sentence.setVisible(outcome.result.key_destroyed is not None)
            self.list.show_rows(receipt_rows(outcome.result))
            self.verb.setCurrentWidget(self._receipt_page)

    def _save(self) -> None:
        name = f"{self.name} removed.txt"
        chosen, _ = QFileDialog.getSaveFileName(self, "Save the receipt", name, "Text (*.txt)")
        if chosen:
            self.save(Path(chosen))
