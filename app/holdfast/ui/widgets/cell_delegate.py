"""Paints one cell of a list: its state's shape, its lines of text, a trend or a bar before them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTreeView, QWidget

from holdfast.presenters.rows import Cell, Column
from holdfast.presenters.states import Tone
from holdfast.ui.rows import CELL
from holdfast.ui.theme import Theme
from holdfast.ui.widgets.bar import paint_bar
from holdfast.ui.widgets.shapes import paint_shape
from holdfast.ui.widgets.trend import paint_trend

_PAD = 12
#: The longest value that stands beside a line of the last minutes.
_WIDEST = "100 %"
#: The same of what stands beside a bar.
_LONGEST_LEFT = "expired"
_LINE = Qt.AlignmentFlag.AlignVCenter
_END, _MIDDLE = Qt.TextElideMode.ElideRight, Qt.TextElideMode.ElideMiddle
Index = QModelIndex | QPersistentModelIndex


class CellDelegate(QStyledItemDelegate):
    """Paints a Cell: perhaps a shape, a first line, perhaps a muted second one."""

    def __init__(self, theme: Theme, columns: Sequence[Column], two_lines: bool, parent: QWidget):
        super().__init__(parent)
        self._theme = theme
        self._columns = tuple(columns)
        self._two_lines = two_lines

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        line = option.fontMetrics.height()
        return QSize(0, max(44, 2 * line + 12) if self._two_lines else max(32, line + 14))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        cell = cast("Cell | None", index.data(CELL))
        if cell is None:
            return
        painter.save()
        self._paint_ground(painter, option, index)
        area = option.rect.adjusted(_PAD, 0, -_PAD, 0)
        line = option.fontMetrics.height()
        two = bool(cell.detail)
        top = area.y() + (area.height() - line * (2 if two else 1)) // 2
        first = QRect(area.x(), top, area.width(), line)
        colour = self._theme.colour(cell.look.tone if cell.look else Tone.TEXT)
        if cell.look:
            side = round(line * 0.62)
            square = QRectF(first.x(), first.y() + (line - side) / 2, side, side)
            paint_shape(painter, square, cell.look.shape, colour)
            area.setLeft(area.left() + side + 8)
            first.setLeft(area.left())
        column = self._columns[index.column()]
        elide = _MIDDLE if column.addresses else _END
        side_of = Qt.AlignmentFlag.AlignRight if column.numeric else Qt.AlignmentFlag.AlignLeft
        font = QFont(option.font)
        if cell.strong:
            font.setWeight(QFont.Weight.DemiBold)
        if cell.bar:
            side_of = Qt.AlignmentFlag.AlignRight
        self._write(painter, first, cell.text, colour, font, side_of, elide)
        if cell.trend:
            room = area.width() - option.fontMetrics.horizontalAdvance(_WIDEST) - _PAD
            space = QRectF(area.x(), area.center().y() - 8, room, 16)
            paint_trend(painter, space, cell.trend, self._theme.colour(Tone.MUTED))
        if cell.bar:
            room = area.width() - option.fontMetrics.horizontalAdvance(_LONGEST_LEFT) - _PAD
            space = QRectF(area.x(), first.y(), room, line)
            colours = self._theme.colour(cell.bar.tone), QColor(self._theme.tokens.line)
            paint_bar(painter, space, cell.bar.share, *colours)
        if two:
            second = QRect(area.x(), top + line, area.width(), line)
            tone = self._theme.colour(cell.detail_look.tone if cell.detail_look else Tone.MUTED)
            if cell.detail_look:
                side = round(line * 0.7)
                square = QRectF(second.x(), second.y() + (line - side) / 2, side, side)
                paint_shape(painter, square, cell.detail_look.shape, tone)
                second.setLeft(second.left() + side + 4)
            self._write(painter, second, cell.detail, tone, option.font, side_of)
        painter.restore()

    def _write(
        self,
        painter: QPainter,
        area: QRect,
        text: str,
        colour: QColor,
        font: QFont,
        side: Qt.AlignmentFlag,
        elide: Qt.TextElideMode = _END,
    ) -> None:
        painter.setFont(font)
        painter.setPen(colour)
        fitted = painter.fontMetrics().elidedText(text, elide, area.width())
        painter.drawText(area, side | _LINE, fitted)

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        tokens = self._theme.tokens
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if selected:
            painter.fillRect(option.rect, QColor(tokens.selection))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(option.rect, QColor(tokens.raised))
        painter.setPen(QColor(tokens.line))
        painter.drawLine(option.rect.bottomLeft(), option.rect.bottomRight())
        view = cast("QTreeView | None", option.widget)
        if selected and index.column() == 0 and view is not None and view.hasFocus():
            edge = QRect(option.rect.x(), option.rect.y(), 3, option.rect.height())
            painter.fillRect(edge, QColor(tokens.accent))
