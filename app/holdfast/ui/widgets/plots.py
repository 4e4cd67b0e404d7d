"""Plots over time, in cards. The only place that loads pyqtgraph, and with it numpy: whoever wants
this imports it when plots are first looked at."""

from __future__ import annotations

from math import isfinite

import pyqtgraph
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from holdfast.presenters.figures import Line, Plots
from holdfast.ui.theme import Theme
from holdfast.ui.widgets.text import GAP, WIDE, label

_COLUMNS = 2
_HEIGHT = 132
#: Above the highest value.
_ROOM = 1.15


class PlotGrid(QWidget):
    """cards: one for each line."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.cards: list[_PlotCard] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(WIDE)

    def show_plots(self, plots: Plots) -> None:
        while len(self.cards) < len(plots.lines):
            card = _PlotCard(self._theme)
            self._grid.addWidget(card, *divmod(len(self.cards), _COLUMNS))
            self.cards.append(card)
        for card, line in zip(self.cards, plots.lines, strict=True):
            card.show_line(line, plots.marks)


class _PlotCard(QFrame):
    """A title, the value of now, and the line that leads to it."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setProperty("surface", "card")
        self._theme = theme
        self._title, self._value = label("", "head"), label()
        self._unit = label("", "muted")
        self._plot = pyqtgraph.PlotWidget(axisItems={"bottom": pyqtgraph.DateAxisItem()})
        self._plot.setFixedHeight(_HEIGHT)
        self._plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        # it stands still, and lets the page scroll
        self._plot.setMouseEnabled(x=False, y=False)
        self._plot.setMenuEnabled(False)
        self._plot.hideButtons()
        self._plot.viewport().setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._curve = self._plot.plot(connect="finite")
        self._marks: list[pyqtgraph.InfiniteLine] = []
        self._limit = pyqtgraph.InfiniteLine(angle=0)
        self._plot.addItem(self._limit)
        head = QHBoxLayout()
        head.setSpacing(GAP)
        head.addWidget(self._title)
        head.addWidget(self._unit, 1)
        head.addWidget(self._value)
        column = QVBoxLayout(self)
        column.setContentsMargins(WIDE, 12, WIDE, 12)
        column.setSpacing(GAP)
        column.addLayout(head)
        column.addWidget(self._plot)
        theme.changed.connect(self._paint)

    def show_line(self, line: Line, marks: tuple[tuple[float, str], ...]) -> None:
        self._title.setText(line.title)
        self._unit.setText(line.unit)
        self._value.setText(line.now)
        self.setAccessibleName(f"{line.title}: {line.now}")
        self._plot.setAccessibleName(f"{line.title}, {line.unit}, plotted over time")
        self._curve.setData(line.at, line.values)
        self._plot.setXRange(line.at[0], line.at[-1], padding=0.01)
        highest = max((value for value in line.values if isfinite(value)), default=0.0)
        self._plot.setYRange(0, max(_ROOM * highest, line.limit or 0.0, 1.0), padding=0.06)
        self._limit.setVisible(line.limit is not None)
        self._limit.setValue(line.limit or 0.0)
        for old in self._marks:
            self._plot.removeItem(old)
        self._marks = [_mark(at, word) for at, word in marks]
        for new in self._marks:
            self._plot.addItem(new)
        self._paint()

    def _paint(self) -> None:
        tokens = self._theme.tokens
        self._plot.setBackground(tokens.surface)
        self._curve.setPen(pyqtgraph.mkPen(tokens.busy, width=1))
        dashed = pyqtgraph.mkPen(tokens.control, width=1, style=Qt.PenStyle.DashLine)
        self._limit.setPen(pyqtgraph.mkPen(tokens.warn, width=1, style=Qt.PenStyle.DashLine))
        for mark in self._marks:
            mark.setPen(dashed)
            mark.label.setColor(QColor(tokens.muted))
        for side in ("left", "bottom"):
            axis = self._plot.getAxis(side)
            axis.setPen(pyqtgraph.mkPen(tokens.line))
            axis.setTextPen(pyqtgraph.mkPen(tokens.muted))
        self._plot.getAxis("left").setWidth(44)


def _mark(at: float, word: str) -> pyqtgraph.InfiniteLine:
    options = {"position": 0.92, "anchors": [(0, 0.5), (0, 0.5)]}
    return pyqtgraph.InfiniteLine(at, angle=90, label=word, labelOpts=options)
