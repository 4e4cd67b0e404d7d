"""The releases of an app, and rolling back to one of them."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout

from holdfast.domain.app import Release
from holdfast.presenters.notices import NO_RELEASES, READING_RELEASES, offline
from holdfast.presenters.releases import ABOUT, COLUMNS, release_rows, roll_back_words
from holdfast.ui.app_reader import AppReader
from holdfast.ui.widgets.buttons import button
from holdfast.ui.widgets.list_view import ListView
from holdfast.ui.widgets.notice import Placeholder
from holdfast.ui.widgets.tab import Tab
from holdfast.ui.widgets.text import GAP, label
from holdfast.ui.workbench import Workbench


class ReleasesTab(Tab):
    def __init__(self, bench: Workbench, reader: AppReader) -> None:
        super().__init__()
        self._bench = bench
        self._reader = reader
        self.list = ListView(bench.theme, COLUMNS, "Releases")
        self.roll_back = button("Roll back", self._roll_back)
        self.instead = Placeholder()
        self.instead.acted.connect(reader.read)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.list)
        self._stack.addWidget(self.instead)
        bar = QHBoxLayout()
        bar.setSpacing(GAP)
        bar.addWidget(label(ABOUT, "muted", wrap=True), 1)
        bar.addWidget(self.roll_back)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addLayout(bar)
        column.addWidget(self._stack, 1)
        self.list.chosen.connect(self.refresh)
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
        words, reason = roll_back_words(self._chosen(), serving)
        self.roll_back.setText(words)
        self.roll_back.setEnabled(not reason)
        self.roll_back.setToolTip(reason)

    def _chosen(self) -> Release | None:
        key = self.list.current_key
        return next((r for r in self._reader.known.releases or () if r.id == key), None)

    def _roll_back(self) -> None:
        release = self._chosen()
        if release is not None:
            self._bench.actions.roll_back(self._reader.name, release.id)
