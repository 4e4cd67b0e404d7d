"""The encrypted volumes of all apps: cipher, size, sealed or not."""

from __future__ import annotations

from PySide6.QtWidgets import QLineEdit, QStackedWidget

from holdfast.presenters.apps_page import Notice
from holdfast.presenters.volume import COLUMNS, NO_VOLUMES, READING, volume_row
from holdfast.ui.volume_reader import VolumeReader
from holdfast.ui.widgets.list_view import ListView
from holdfast.ui.widgets.notice import Placeholder, ProblemBox
from holdfast.ui.widgets.page import Page, search_box
from holdfast.ui.workbench import Workbench


class VolumesScreen(Page):
    """Read when it is looked at, and with F5: sizes cost the node some work."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__("Volumes")
        self._bench = bench
        self.search = search_box("Search volumes", "Search volumes")
        self.header.addWidget(self.search)
        self.list = ListView(bench.theme, COLUMNS, "Volumes", two_lines=False)
        self.list.sort_by(0)
        self._instead = Placeholder()
        self._problem = ProblemBox(can_retry=True)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.list)
        self._stack.addWidget(self._instead)
        self.body.addWidget(self._problem)
        self.body.addWidget(self._stack, 1)
        self._reader = VolumeReader(bench, self)
        self._reader.changed.connect(self.refresh)
        self._problem.retry.connect(self.reload)
        self.search.textChanged.connect(self.list.filtered.look_for)
        self.list.opened.connect(bench.navigator.app_wanted)
        self.reload()

    def enter(self) -> None:
        self.list.setFocus()

    def reload(self) -> None:
        self._reader.read()

    def leave(self) -> None:
        self._reader.stop()

    def search_field(self) -> QLineEdit:
        return self.search

    def refresh(self) -> None:
        self._problem.show_problem(self._reader.problem)
        self.list.show_rows([volume_row(volume) for volume in self._reader.volumes])
        empty = not self._reader.volumes
        self._instead.show_notice(Notice(READING if self._reader.reading else NO_VOLUMES, ""))
        self._stack.setCurrentIndex(1 if empty else 0)
