"""A bar that says how much is left, before the words that say it too."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter

_HEIGHT = 6.0


def paint_bar(
    painter: QPainter, area: QRectF, share: float, colour: QColor, ground: QColor
) -> None:
    """share: 0 to 1. What is nearly nothing is still seen."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    track = QRectF(area.x(), area.center().y() - _HEIGHT / 2, area.width(), _HEIGHT)
    painter.setBrush(ground)
    painter.drawRoundedRect(track, _HEIGHT / 2, _HEIGHT / 2)
    if share > 0:
        track.setWidth(max(_HEIGHT, share * area.width()))
        painter.setBrush(colour)
        painter.drawRoundedRect(track, _HEIGHT / 2, _HEIGHT / 2)
    painter.restore()
