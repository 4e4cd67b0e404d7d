"""A list with columns: rows of two lines, a state's shape, sorting, and its place kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from PySide6.QtCore import (
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFocusEvent, QFont, QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
    QWidget,
)

from holdfast.presenters.rows import Cell, Column, Row
from holdfast.presenters.states import Tone
from holdfast.ui.rows import CELL, KEY, FilteredRows, RowsModel
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
        side_of = (
            Qt.AlignmentFlag.AlignRight
            if self._columns[index.column()].numeric
            else (Qt.AlignmentFlag.AlignLeft)
        )
        font = QFont(option.font)
        if cell.strong:
            font.setWeight(QFont.Weight.DemiBold)
        if cell.bar:
            side_of = Qt.AlignmentFlag.AlignRight
        self._write(painter, first, cell.text, colour, font, side_of)
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
    ) -> None:
        painter.setFont(font)
        painter.setPen(colour)
        fitted = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, area.width())
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


class ListView(QTreeView):
    """opened: the key of a row that was double-clicked or entered. chosen: the current key."""

    opened = Signal(str)
    chosen = Signal(str)
    removal_wanted = Signal(str)

    def __init__(
        self, theme: Theme, columns: Sequence[Column], name: str, two_lines: bool = True
    ) -> None:
        super().__init__()
        self._columns = tuple(columns)
        self.rows = RowsModel(columns, self)
        self.filtered = FilteredRows(self.rows, self)
        self.setModel(self.filtered)
        self.setItemDelegate(CellDelegate(theme, columns, two_lines, self))
        self.setAccessibleName(name)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setMinimumSectionSize(40)
        header.setHighlightSections(False)
        self.doubleClicked.connect(lambda index: self.opened.emit(index.data(KEY)))
        self.selectionModel().currentChanged.connect(
            lambda index, _: self.chosen.emit(index.data(KEY) or "")
        )
        theme.changed.connect(self.viewport().update)

    def sort_by(self, column: int, descending: bool = False) -> None:
        order = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
        self.setSortingEnabled(True)
        self.sortByColumn(column, order)

    def show_rows(self, rows: Sequence[Row]) -> None:
        self.rows.show(rows)

    @property
    def current_key(self) -> str | None:
        key = self.currentIndex().data(KEY)
        return str(key) if key is not None else None

    def choose(self, key: str) -> None:
        for at in range(self.filtered.rowCount()):
            if self.filtered.index(at, 0).data(KEY) == key:
                self.setCurrentIndex(self.filtered.index(at, 0))

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Whoever comes by keyboard sees where they are."""
        super().focusInEvent(event)
        if not self.selectionModel().hasSelection() and self.filtered.rowCount():
            index = self.currentIndex()
            chosen = index if index.isValid() else self.filtered.index(0, 0)
            how = QItemSelectionModel.SelectionFlag
            self.selectionModel().setCurrentIndex(chosen, how.ClearAndSelect | how.Rows)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = self.current_key
        if key is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit(key)
        elif key is not None and event.key() == Qt.Key.Key_Delete:
            self.removal_wanted.emit(key)
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_out(self.viewport().width())

    def _share_out(self, width: int) -> None:
        """Columns with a share take what is spare, and give way where the width is short."""
        scale = max(1.0, self.fontMetrics().height() / 16)
        least = [column.width * scale for column in self._columns]
        spare = width - sum(least)
        shares = sum(column.share for column in self._columns) or 1
        edge = 0.0
        for at, column in enumerate(self._columns):
            begin, edge = round(edge), edge + least[at] + spare * column.share / shares
            self.header().resizeSection(at, round(edge) - begin)
