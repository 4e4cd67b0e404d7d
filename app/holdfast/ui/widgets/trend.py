"""A line over the last minutes, small within a list and larger on a card of its own."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from holdfast.presenters.states import Tone
from holdfast.presenters.usage import REACH, Marks, Trend
from holdfast.ui.theme import Theme
from holdfast.ui.widgets.text import GAP, WIDE, label

_HEIGHT = 48


def paint_trend(painter: QPainter, area: QRectF, trend: Trend, colour: QColor) -> None:
    """Where nothing was seen, nothing is drawn."""
    if len(trend) < 2:
        return
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour, 1.5))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    step = area.width() / (len(trend) - 1)
    run: list[QPointF] = []
    for at, share in enumerate((*trend, None)):
        if share is not None:
            run.append(QPointF(area.x() + at * step, area.bottom() - share * area.height()))
        elif run:
            if len(run) == 1:
                # one value alone is a dash: a line of no length would not be seen
                run.insert(0, run[0] - QPointF(min(step, 4.0), 0))
            painter.drawPolyline(QPolygonF(run))
            run = []
    painter.restore()


class TrendCard(QFrame):
    """A title, the value of now, and the line that leads to it."""

    def __init__(self, theme: Theme, title: str) -> None:
        super().__init__()
        self.setProperty("surface", "card")
        self._title = title
        self._value = label()
        self._plot = _Plot(theme)
        head = QHBoxLayout()
        head.addWidget(label(title, "head"), 1)
        head.addWidget(self._value)
        foot = QHBoxLayout()
        foot.addWidget(label(f"{REACH} ago", "muted"), 1)
        foot.addWidget(label("now", "muted"))
        column = QVBoxLayout(self)
        column.setContentsMargins(WIDE, 12, WIDE, 12)
        column.setSpacing(GAP)
        column.addLayout(head)
        column.addWidget(self._plot)
        column.addLayout(foot)

    def show_trend(self, value: str, trend: Trend, marks: Marks = ()) -> None:
        self._value.setText(value)
        self._plot.show_trend(trend, marks)
        happened = "".join(f", {word}" for _, word in marks)
        self.setAccessibleName(f"{self._title}: {value}{happened}")


class _Plot(QWidget):
    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._trend: Trend = ()
        self._marks: Marks = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_trend(self, trend: Trend, marks: Marks) -> None:
        if (trend, marks) != (self._trend, self._marks):
            self._trend, self._marks = trend, marks
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(160, _HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(QPen(QColor(self._theme.tokens.line), 1))
        for share in (0.0, 0.5, 1.0):
            y = 0.5 + round(share * (self.height() - 1))
            painter.drawLine(QPointF(0, y), QPointF(self.width(), y))
        area = QRectF(1, 2, self.width() - 2, self.height() - 4)
        self._paint_marks(painter, area)
        paint_trend(painter, area, self._trend, self._theme.colour(Tone.TEXT))
        painter.end()

    def _paint_marks(self, painter: QPainter, area: QRectF) -> None:
        """Each word stands on the side where there is room for it."""
        metrics = painter.fontMetrics()
        for at, word in self._marks:
            x = area.x() + at * area.width()
            painter.setPen(QPen(QColor(self._theme.tokens.control), 1, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
            painter.setPen(self._theme.colour(Tone.MUTED))
            wide = metrics.horizontalAdvance(word)
            left = x + 4 if x + 4 + wide < area.right() else x - 4 - wide
            painter.drawText(QPointF(left, area.top() + metrics.ascent()), word)
