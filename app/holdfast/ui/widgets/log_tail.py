"""The last lines of an app's log as a card, live while it is on show."""

from __future__ import annotations

from collections import deque

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from holdfast.domain.names import AppName
from holdfast.domain.operation import Outcome
from holdfast.presenters.logs import LAST_LINES, NO_LINES
from holdfast.ui.log_follower import LogFollower
from holdfast.ui.widgets.buttons import button
from holdfast.ui.widgets.log_view import LogView
from holdfast.ui.widgets.text import GAP, WIDE, label
from holdfast.ui.workbench import Workbench


class LogTail(QFrame):
    """all_wanted: the whole log, please."""

    all_wanted = Signal()

    def __init__(self, bench: Workbench, name: AppName) -> None:
        super().__init__()
        self.setProperty("surface", "card")
        self._bench = bench
        self._name = name
        self._follower = LogFollower(bench, name, LAST_LINES, self)
        self._follower.arrived.connect(self._read)
        self._follower.ended.connect(self._ended)
        self._lines: deque[str] = deque(maxlen=LAST_LINES)
        self.view = LogView(bench.theme, f"Last lines of the log of {name}")
        self.view.setProperty("surface", "plain")
        self.view.document().setDocumentMargin(0)
        self.view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.view.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._nothing = label(NO_LINES, "muted")
        head = QHBoxLayout()
        head.addWidget(label("Last lines of the log", "head"), 1)
        head.addWidget(button("Show the whole log", self.all_wanted.emit, "link"))
        column = QVBoxLayout(self)
        column.setContentsMargins(WIDE, 12, WIDE, 12)
        column.setSpacing(GAP)
        column.addLayout(head)
        column.addWidget(self._nothing)
        column.addWidget(self.view)
        self.hide()

    def enter(self) -> None:
        """Begin to follow; a sealed app has no log that can be read."""
        app = self._bench.watch.app(self._name)
        sealed = app is None or app.state.is_closed
        if not sealed and not self._follower.is_following:
            self._lines.clear()
            self._follower.start()
            self._show()

    def leave(self) -> None:
        self._follower.stop()

    def _read(self, lines: list[str]) -> None:
        self._lines.extend(lines)
        self._show()

    def _ended(self, outcome: Outcome[None]) -> None:
        """The tab Logs says why a log cannot be read; here nothing is shown then."""
        self.setVisible(outcome.error is None)

    def _show(self) -> None:
        self.setVisible(True)
        self.view.replace(self._lines)
        self.view.setVisible(bool(self._lines))
        self._nothing.setVisible(not self._lines)
        line = self.view.fontMetrics().lineSpacing()
        self.view.setFixedHeight(line * len(self._lines) + 4)
