"""A list with columns: rows of two lines, a state's shape, sorting, and its place kept."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QItemSelectionModel, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeView

from holdfast.presenters.rows import Column, Row
from holdfast.ui.rows import KEY, FilteredRows, RowsModel
from holdfast.ui.theme import Theme
from holdfast.ui.widgets.cell_delegate import CellDelegate


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
