"""A card with which an app's volume gets another key; it says what that does not do."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from holdfast.domain.operation import Outcome
from holdfast.presenters import volume as words
from holdfast.presenters.problem import explain
from holdfast.ui.app_reader import AppReader
from holdfast.ui.widgets.buttons import button
from holdfast.ui.widgets.notice import ProblemBox
from holdfast.ui.widgets.text import GAP, WIDE, label
from holdfast.ui.workbench import Workbench


class KeyCard(QFrame):
    """problem: why the last change failed, where it did."""

    def __init__(self, bench: Workbench, reader: AppReader, problem: ProblemBox) -> None:
        super().__init__()
        self.setProperty("surface", "card")
        self._bench = bench
        self._reader = reader
        self._problem = problem
        self.change = button(words.CHANGE_KEY, self._change)
        self.told = label("", "muted", wrap=True)
        self._lay_out()
        self.refresh()

    def refresh(self) -> None:
        self.change.setVisible(self._reader.app is not None)

    def _change(self) -> None:
        self.change.setEnabled(False)
        self.told.hide()
        self._problem.show_problem(None)
        running = self._bench.runner.start(self._bench.desk.change_key(self._reader.name))
        running.finished.connect(self._changed)

    def _changed(self, outcome: Outcome[None]) -> None:
        self.change.setEnabled(True)
        self._problem.show_problem(explain(outcome.error) if outcome.error else None)
        done = outcome.error is None and not outcome.cancelled
        self.told.setText(words.KEY_CHANGED if done else "")
        self.told.setVisible(done)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(WIDE, WIDE, WIDE, WIDE)
        column.setSpacing(GAP)
        column.addWidget(label(words.KEY, "head"))
        column.addWidget(label(words.ABOUT_KEY, wrap=True))
        for limit in (words.NO_REVOCATION, words.REVOKE_IN_WINDOW):
            column.addWidget(label(limit, "muted", wrap=True))
        bar = QHBoxLayout()
        bar.setContentsMargins(0, GAP, 0, 0)
        bar.setSpacing(WIDE)
        bar.addWidget(self.change)
        bar.addWidget(self.told, 1)
        bar.addStretch()
        column.addLayout(bar)
        self.told.hide()
