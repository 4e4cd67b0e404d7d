"""The encrypted volume of an app: cipher, size, sealed or not, what is in it."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout

from holdfast.presenters.volume import CONTENT_COLUMNS, NOT_READ, content_rows, volume_facts
from holdfast.ui.app_reader import AppReader
from holdfast.ui.widgets.key_card import KeyCard
from holdfast.ui.widgets.list_view import ListView
from holdfast.ui.widgets.notice import ProblemBox
from holdfast.ui.widgets.parts import FactsCard
from holdfast.ui.widgets.tab import Tab
from holdfast.ui.widgets.text import WIDE, label
from holdfast.ui.workbench import Workbench


class VolumeTab(Tab):
    def __init__(self, bench: Workbench, reader: AppReader) -> None:
        super().__init__()
        self._reader = reader
        self._facts = FactsCard()
        self._reading = label("Reading the volume…", "muted")
        self._sealed = label(NOT_READ, "muted", wrap=True)
        self.contents = ListView(bench.theme, CONTENT_COLUMNS, "Contents", two_lines=False)
        problem = ProblemBox()
        self.key = KeyCard(bench, reader, problem)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(WIDE)
        for part in (problem, self._reading, self._facts, self.key, self._sealed):
            column.addWidget(part)
        column.addWidget(self.contents, 1)
        column.addStretch()
        reader.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        volume = self._reader.known.volume
        self.key.refresh()
        self._reading.setVisible(volume is None)
        self._facts.setVisible(volume is not None)
        self._sealed.setVisible(volume is not None and volume.sealed)
        self.contents.setVisible(volume is not None and not volume.sealed)
        if volume is not None:
            self._facts.show_facts(volume_facts(volume))
            self.contents.show_rows(content_rows(volume))
