"""Live logs: follow, search, filter by level, download."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QStackedWidget,
    QVBoxLayout,
)

from holdfast.domain.operation import Outcome
from holdfast.presenters.logs import ASKED_FOR, LEVEL_WORDS, NO_LINES, NO_MATCH, LogBook
from holdfast.presenters.problem import explain
from holdfast.ui import icons
from holdfast.ui.app_reader import AppReader
from holdfast.ui.log_follower import LogFollower
from holdfast.ui.widgets.buttons import button
from holdfast.ui.widgets.choice import Choice
from holdfast.ui.widgets.log_view import LogView
from holdfast.ui.widgets.notice import ProblemBox
from holdfast.ui.widgets.page import search_box
from holdfast.ui.widgets.tab import Tab
from holdfast.ui.widgets.text import GAP, label
from holdfast.ui.workbench import Workbench


class LogsTab(Tab):
    """Follows only while it is on show."""

    def __init__(self, bench: Workbench, reader: AppReader) -> None:
        super().__init__()
        self._bench = bench
        self._reader = reader
        self._book = LogBook()
        self._follower = LogFollower(bench, reader.name, ASKED_FOR, self)
        self._follower.arrived.connect(self._read)
        self._follower.ended.connect(self._ended)
        self.view = LogView(bench.theme, f"Log of {reader.name}")
        self.nothing = label(NO_LINES, "muted")
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.view)
        self._stack.addWidget(self.nothing)
        self.search = search_box("Search the log", "Search the log")
        self.level = Choice()
        self.level.setAccessibleName("Level")
        for words, level in LEVEL_WORDS:
            self.level.addItem(words, level)
        self.follow = button("Follow", kind="toggle")
        self.follow.setCheckable(True)
        self.follow.setChecked(True)
        self._problem = ProblemBox(can_retry=True)
        self._problem.retry.connect(self.enter)
        self._lay_out()
        self.search.textChanged.connect(self._filter)
        self.level.currentIndexChanged.connect(self._filter)
        self.follow.toggled.connect(self._set_follow)

    def enter(self) -> None:
        if not self._follower.is_following:
            self._book = LogBook()
            self._problem.show_problem(None)
            self._filter()
            self._follower.start()

    def leave(self) -> None:
        self._follower.stop()

    def reload(self) -> None:
        self.leave()
        self.enter()

    def search_field(self) -> QLineEdit:
        return self.search

    def save(self, file: Path) -> None:
        file.write_text(self._book.text(), encoding="utf-8")

    def _lay_out(self) -> None:
        bar = QHBoxLayout()
        bar.setSpacing(GAP)
        bar.addWidget(self.search)
        bar.addWidget(self.level)
        bar.addWidget(self.follow)
        bar.addStretch()
        download = button("Download", self._download)
        self._bench.icons.put(download, icons.DOWNLOAD, "text")
        bar.addWidget(download)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addLayout(bar)
        column.addWidget(self._problem)
        column.addWidget(self._stack, 1)

    def _read(self, texts: list[str]) -> None:
        lines = self._book.add(texts)
        self.view.add(line.text for line in lines)
        self._choose_page()

    def _ended(self, outcome: Outcome[None]) -> None:
        if outcome.error is not None:
            self._problem.show_problem(explain(outcome.error))
            self._choose_page()

    def _filter(self) -> None:
        lines = self._book.filter(self.search.text(), self.level.currentData())
        self.view.replace(line.text for line in lines)
        self._choose_page()

    def _choose_page(self) -> None:
        empty = self.view.document().isEmpty()
        unread = not len(self._book) and not self._problem.isHidden()
        self.nothing.setText("" if unread else NO_MATCH if len(self._book) else NO_LINES)
        self._stack.setCurrentWidget(self.nothing if empty else self.view)

    def _set_follow(self, follows: bool) -> None:
        self.view.follows = follows
        if follows:
            self.view.to_end()

    def _download(self) -> None:
        name = f"{self._reader.name}.log"
        chosen, _ = QFileDialog.getSaveFileName(self, "Download the log", name, "Log (*.log)")
        if chosen:
            self.save(Path(chosen))
