"""The encrypted volumes of all apps: cipher, size, sealed or not."""

from __future__ import annotations

from PySide6.QtWidgets import QLineEdit, QStackedWidget

from holdfast.presenters.notices import NO_VOLUMES, READING_VOLUMES, Notice, no_match, offline
from holdfast.presenters.volume import COLUMNS, volume_row
from holdfast.ui.volume_reader import VolumeReader
from holdfast.ui.widgets.list_view import ListView
from holdfast.ui.widgets.notice import Placeholder, ProblemBox
from holdfast.ui.widgets.page import Page, search_box
from holdfast.ui.workbench import Workbench


class VolumesScreen(Page):
    """Read when it is looked at, and with F5: sizes cost the node some work."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__("Volumes")
        self.search = search_box("Search volumes", "Search volumes")
        self.header.addWidget(self.search)
        self.list = ListView(bench.theme, COLUMNS, "Volumes", two_lines=False)
        self.list.sort_by(0)
        self.instead = Placeholder()
        self._problem = ProblemBox(can_retry=True)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.list)
        self._stack.addWidget(self.instead)
        self.body.addWidget(self._problem)
        self.body.addWidget(self._stack, 1)
        self._reader = VolumeReader(bench, self)
        self._reader.changed.connect(self.refresh)
        bench.watch.changed.connect(self._follow_the_node)
        self._problem.retry.connect(self.reload)
        self.search.textChanged.connect(self._filter)
        self.instead.acted.connect(self._help)
        self.list.opened.connect(bench.navigator.app_wanted)
        self.reload()

    def enter(self) -> None:
        self.list.setFocus()

    def _follow_the_node(self) -> None:
        """The node may answer, or another app may be there, after the page was opened."""
        if self.isVisible() and self._reader.is_old:
            self.reload()

    def reload(self) -> None:
        self._reader.read()

    def leave(self) -> None:
        self._reader.stop()

    def search_field(self) -> QLineEdit:
        return self.search

    def refresh(self) -> None:
        volumes = self._reader.volumes
        self._problem.show_problem(self._reader.problem if volumes else None)
        self.list.show_rows([volume_row(volume) for volume in volumes])
        instead = self._in_place_of_the_list()
        self.search.setVisible(bool(volumes))
        if instead is not None:
            self.instead.show_notice(instead)
        self._stack.setCurrentIndex(0 if instead is None else 1)

    def _in_place_of_the_list(self) -> Notice | None:
        if self.list.filtered.rowCount():
            return None
        if self._reader.volumes:
            return no_match("volume", self.search.text())
        if self._reader.problem is not None:
            return offline(self._reader.problem, seen=False)
        return READING_VOLUMES if self._reader.reading else NO_VOLUMES

    def _filter(self, needle: str) -> None:
        self.list.filtered.look_for(needle)
        self.refresh()

    def _help(self) -> None:
        """The button of what stands in place of the list: clear the search, or try again."""
        if self.search.text():
            self.search.clear()
        else:
            self.reload()
