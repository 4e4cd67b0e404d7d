"""The certificates that guard one app: what its visitors are shown, and what the edge is."""

from __future__ import annotations

from PySide6.QtWidgets import QStackedWidget, QVBoxLayout

from holdfast.presenters import certificates_page as words
from holdfast.presenters.notices import offline
from holdfast.ui.app_reader import AppReader
from holdfast.ui.widgets.certificate_details import CertificateDetails
from holdfast.ui.widgets.choice import Choice
from holdfast.ui.widgets.notice import Placeholder
from holdfast.ui.widgets.tab import Tab
from holdfast.ui.widgets.text import WIDE, frame
from holdfast.ui.workbench import Workbench


class CertificateTab(Tab):
    def __init__(self, bench: Workbench, reader: AppReader) -> None:
        super().__init__()
        self._bench = bench
        self._reader = reader
        self._listed: tuple[tuple[str, str], ...] = ()
        self.which = Choice()
        self.which.setAccessibleName("Certificate")
        self.which.take_what_room_there_is()
        self.details = CertificateDetails(bench)
        self._shown, self._none = frame("plain"), Placeholder()
        self._stack = QStackedWidget()
        for part in (self._shown, self._none):
            self._stack.addWidget(part)
        shown = QVBoxLayout(self._shown)
        shown.setContentsMargins(0, 0, 0, 0)
        shown.setSpacing(WIDE)
        shown.addWidget(self.which)
        shown.addWidget(self.details, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)
        self.which.currentIndexChanged.connect(lambda _: self._show_chosen())
        self.details.source.changed.connect(self.reload)
        bench.certificates.changed.connect(self.refresh)
        self.refresh()

    def enter(self) -> None:
        """What is served is asked anew: it is what one comes here for."""
        self.reload()

    def reload(self) -> None:
        self._bench.certificates.read()

    def refresh(self) -> None:
        watch = self._bench.certificates
        listed = words.of_app(watch.found, self._reader.name) if watch.found is not None else ()
        if listed != self._listed:
            self._listed = listed
            chosen = self.which.currentData()
            self.which.clear()
            for key, told in listed:
                self.which.addItem(told, key)
            self.which.setCurrentIndex(max(0, self.which.findData(chosen)))
        self._stack.setCurrentWidget(self._shown if listed else self._none)
        if not listed:
            none = words.NONE_OF_APP if watch.found is not None else words.READING
            problem = watch.problem
            self._none.show_notice(none if problem is None else offline(problem, seen=False))
        self._show_chosen()

    def _show_chosen(self) -> None:
        found = self._bench.certificates.found
        if found is not None:
            self.details.show_row(found, self.which.currentData())
