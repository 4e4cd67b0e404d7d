"""The strip at the foot of the window, and the panel of operations that it opens into."""

from __future__ import annotations

import time

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from holdfast.presenters.activity import strip_text
from holdfast.presenters.states import UNKNOWN
from holdfast.ui.icons import DOWN, UP
from holdfast.ui.runner import RunningOperation
from holdfast.ui.widgets.buttons import button
from holdfast.ui.widgets.operation_view import OperationView
from holdfast.ui.widgets.text import GAP, MARGIN, WIDE, ElidedLabel, StateLabel, frame
from holdfast.ui.workbench import Workbench

KEPT = 30
_PANEL_HEIGHT = 280
_TICK_MS = 500


class ActivityStrip(QFrame):
    """Hidden until the first operation; the newest stands on top of the panel."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__()
        self._bench = bench
        self.setProperty("surface", "strip")
        self._views: list[OperationView] = []
        self._state = StateLabel(bench.theme, UNKNOWN, "")
        self._text = ElidedLabel()
        self._toggle = button("", self.toggle, "icon", "Show what runs")
        bench.icons.put(self._toggle, UP)
        self._panel, self._rows = self._make_panel()
        line = QHBoxLayout()
        line.setContentsMargins(MARGIN, 4, WIDE, 4)
        line.setSpacing(GAP)
        line.addWidget(self._state)
        line.addWidget(self._text, 1)
        line.addWidget(self._toggle)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(line)
        column.addWidget(self._panel)
        self._tick = QTimer(self, interval=_TICK_MS)
        self._tick.timeout.connect(self._refresh)
        # only after the layouts of the rows have heard of what was shown or hidden
        self._fit = QTimer(self, singleShot=True, interval=0)
        self._fit.timeout.connect(self._fit_panel)
        self.hide()
        bench.runner.started.connect(self.add)

    @property
    def views(self) -> tuple[OperationView, ...]:
        return tuple(self._views)

    def add(self, running: RunningOperation) -> None:
        view = OperationView(running, self._bench.runner, self._bench.theme, compact=True)
        self._views.insert(0, view)
        self._rows.insertWidget(0, view)
        running.changed.connect(self._refresh)
        self._drop_oldest()
        self._refresh()
        self.show()

    def toggle(self) -> None:
        opened = self._panel.isHidden()
        self._panel.setVisible(opened)
        self._fit.start()
        self._bench.icons.put(self._toggle, DOWN if opened else UP)
        words = "Hide what runs" if opened else "Show what runs"
        self._toggle.setToolTip(words)
        self._toggle.setAccessibleName(words)

    def _make_panel(self) -> tuple[QScrollArea, QVBoxLayout]:
        inside: QWidget = frame("plain")
        rows = QVBoxLayout(inside)
        rows.setContentsMargins(MARGIN, GAP, MARGIN, WIDE)
        rows.setSpacing(GAP)
        rows.addStretch()
        panel = QScrollArea()
        panel.setWidgetResizable(True)
        panel.setWidget(inside)
        panel.setAccessibleName("Operations")
        panel.hide()
        return panel, rows

    def _fit_panel(self) -> None:
        """As high as its rows, up to a third of the window."""
        self._panel.setFixedHeight(min(_PANEL_HEIGHT, self._rows.sizeHint().height() + 4))

    def _drop_oldest(self) -> None:
        for view in self._views[KEPT:]:
            if view.running.outcome is not None:
                self._views.remove(view)
                self._rows.removeWidget(view)
                view.running.deleteLater()
                view.deleteLater()

    def _refresh(self) -> None:
        records = [view.running.record for view in reversed(self._views)]
        if not records:
            return
        self._fit.start()
        look, text = strip_text(records, time.monotonic())
        self._state.show_look(look, "")
        self._state.setAccessibleName(look.word)
        self._text.show_text(text)
        if all(record.over for record in records):
            self._tick.stop()
        elif not self._tick.isActive():
            self._tick.start()
