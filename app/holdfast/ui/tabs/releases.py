"""The releases of an app: the branch they come from, rolling back, and what differs."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QStackedWidget, QVBoxLayout

from holdfast.domain.app import Release
from holdfast.domain.changes import Change
from holdfast.domain.operation import Outcome
from holdfast.presenters.notices import NO_RELEASES, READING_RELEASES, offline
from holdfast.presenters.problem import explain
from holdfast.presenters.releases import (
    ABOUT,
    COLUMNS,
    compare_words,
    comparison,
    details,
    release_rows,
    roll_back_words,
)
from holdfast.ui.app_reader import AppReader
from holdfast.ui.tabs.branch import BranchCard
from holdfast.ui.widgets.buttons import button, reword
from holdfast.ui.widgets.list_view import ListView
from holdfast.ui.widgets.notice import Placeholder
from holdfast.ui.widgets.tab import Tab
from holdfast.ui.widgets.text import GAP, label, monospace, selectable
from holdfast.ui.workbench import Workbench

#: Pixels: six lines of what differs, or so.
_DIFFERENCES = 132


class ReleasesTab(Tab):
    def __init__(self, bench: Workbench, reader: AppReader) -> None:
        super().__init__()
        self._bench = bench
        self._reader = reader
        self.branch = BranchCard(bench, reader)
        self.list = ListView(bench.theme, COLUMNS, "Releases")
        self.compare = button("Compare", self._compare)
        self.roll_back = button("Roll back", self._roll_back)
        self.details = selectable(label("", "muted", wrap=True))
        self.differences = QPlainTextEdit(readOnly=True)
        self.differences.setAccessibleName("What differs")
        self.differences.setFont(monospace())
        self.differences.setMaximumHeight(_DIFFERENCES)
        self.differences.hide()
        self.instead = Placeholder()
        self.instead.acted.connect(reader.read)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.list)
        self._stack.addWidget(self.instead)
        bar = QHBoxLayout()
        bar.setSpacing(GAP)
        bar.addWidget(label(ABOUT, "muted", wrap=True), 1)
        bar.addWidget(self.compare)
        bar.addWidget(self.roll_back)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self.branch)
        column.addLayout(bar)
        column.addWidget(self._stack, 1)
        column.addWidget(self.details)
        column.addWidget(self.differences)
        self.list.chosen.connect(self.refresh)
        self.list.chosen.connect(self.differences.hide)
        reader.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        app, releases = self._reader.app, self._reader.known.releases
        serving = app.release if app else None
        self.list.show_rows(release_rows(releases or (), serving, self._bench.watch.now()))
        self._stack.setCurrentIndex(0 if releases else 1)
        if releases == ():
            self.instead.show_notice(NO_RELEASES)
        elif self._reader.known.problem is not None:
            self.instead.show_notice(offline(self._reader.known.problem, seen=False))
        else:
            self.instead.show_notice(READING_RELEASES)
        told = details(self._chosen())
        self.details.setText(told)
        self.details.setVisible(bool(told))
        words, reason = roll_back_words(self._chosen(), serving)
        reword(self.roll_back, words)
        self.roll_back.setEnabled(not reason)
        self.roll_back.setToolTip(reason)
        reason, _ = compare_words(self._chosen(), self._find(serving))
        self.compare.setEnabled(not reason)
        self.compare.setToolTip(reason)

    def _find(self, wanted: str | None) -> Release | None:
        return next((r for r in self._reader.known.releases or () if r.id == wanted), None)

    def _chosen(self) -> Release | None:
        return self._find(self.list.current_key)

    def _roll_back(self) -> None:
        release = self._chosen()
        if release is not None:
            self._bench.actions.roll_back(self._reader.name, release.id)

    def _compare(self) -> None:
        app = self._reader.app
        _, pair = compare_words(self._chosen(), self._find(app.release if app else None))
        if pair is None:
            return
        before, after = self._find(pair[0]), self._find(pair[1])
        assert before is not None
        assert after is not None

        def answered(outcome: Outcome[tuple[Change, ...]]) -> None:
            if outcome.result is not None:
                self.differences.setPlainText(comparison(before, after, outcome.result))
            elif outcome.error is not None:
                self.differences.setPlainText(explain(outcome.error).what)
            self.differences.setVisible(not outcome.cancelled)

        self._bench.runner.ask(self._bench.desk.compare(self._reader.name, *pair), answered)
