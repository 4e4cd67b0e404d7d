"""The encrypted volumes of all apps: cipher, size, sealed or not."""

from __future__ import annotations

from holdfast.presenters.notices import NO_VOLUMES, READING_VOLUMES, Notice, offline
from holdfast.presenters.volume import COLUMNS, volume_row
from holdfast.ui.volume_reader import VolumeReader
from holdfast.ui.widgets.list_page import ListPage
from holdfast.ui.widgets.list_view import ListView
from holdfast.ui.widgets.notice import ProblemBox
from holdfast.ui.workbench import Workbench


class VolumesScreen(ListPage):
    """Read when it is looked at, and with F5: sizes cost the node some work."""

    def __init__(self, bench: Workbench) -> None:
        listed = ListView(bench.theme, COLUMNS, "Volumes", two_lines=False)
        listed.sort_by(0)
        super().__init__("Volumes", "volume", listed)
        self._problem = ProblemBox(can_retry=True)
        self.body.addWidget(self._problem)
        self.body.addWidget(self.stack, 1)
        self._reader = VolumeReader(bench, self)
        self._reader.changed.connect(self.refresh)
        bench.watch.changed.connect(self._follow_the_node)
        self._problem.retry.connect(self.reload)
        self.list.opened.connect(bench.navigator.app_wanted)
        self.reload()

    def _follow_the_node(self) -> None:
        """The node may answer, or another app may be there, after the page was opened."""
        if self.isVisible() and self._reader.is_old:
            self.reload()

    def reload(self) -> None:
        self._reader.read()

    def leave(self) -> None:
        self._reader.stop()

    def refresh(self) -> None:
        volumes = self._reader.volumes
        self._problem.show_problem(self._reader.problem if volumes else None)
        self.show_rows([volume_row(volume) for volume in volumes], self._none())

    def _none(self) -> Notice:
        if self._reader.problem is not None:
            return offline(self._reader.problem, seen=False)
        return READING_VOLUMES if self._reader.reading else NO_VOLUMES
