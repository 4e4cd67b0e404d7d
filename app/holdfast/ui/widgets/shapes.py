"""The shapes that stand for states, painted so that they look the same in every font."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from holdfast.presenters.states import Shape


def paint_shape(painter: QPainter, area: QRectF, shape: Shape, colour: QColor) -> None:
    """Paint `shape` into the square `area`."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = QPen(colour, max(1.6, area.width() / 6))
    inner = area.adjusted(pen.widthF() / 2, pen.widthF() / 2, -pen.widthF() / 2, -pen.widthF() / 2)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    match shape:
        case Shape.DISC:
            painter.drawEllipse(area)
        case Shape.SQUARE:
            painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), 1.5, 1.5)
        case Shape.TRIANGLE:
            painter.drawPolygon(_points(area, ((0.5, 0.02), (1.0, 0.94), (0.0, 0.94))))
        case Shape.DIAMOND:
            painter.drawPolygon(_points(area, ((0.5, 0), (1, 0.5), (0.5, 1), (0, 0.5))))
        case Shape.LOCK:
            _paint_lock(painter, area, colour)
        case Shape.RING | Shape.HALF:
            if shape is Shape.HALF:
                painter.drawPie(inner, 90 * 16, 180 * 16)
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(inner)
    painter.restore()


def _paint_lock(painter: QPainter, area: QRectF, colour: QColor) -> None:
    side = area.width()
    body = QRectF(area.x() + side * 0.1, area.y() + side * 0.45, side * 0.8, side * 0.55)
    painter.drawRoundedRect(body, side * 0.1, side * 0.1)
    painter.setPen(QPen(colour, max(1.2, side / 8)))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    bow = QRectF(area.x() + side * 0.26, area.y() + side * 0.06, side * 0.48, side * 0.7)
    painter.drawArc(bow, 0, 180 * 16)


def _points(area: QRectF, shares: tuple[tuple[float, float], ...]) -> QPolygonF:
    return QPolygonF(
        [QPointF(area.x() + x * area.width(), area.y() + y * area.height()) for x, y in shares]
    )
