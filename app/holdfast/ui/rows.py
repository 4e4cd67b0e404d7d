"""One model for every list: give it the new rows, it makes the smallest change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
)

from holdfast.presenters.rows import Cell, Column, Row

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
CELL = Qt.ItemDataRole.UserRole
ORDER = Qt.ItemDataRole.UserRole + 1
KEY = Qt.ItemDataRole.UserRole + 2


class RowsModel(QAbstractTableModel):
    def __init__(self, columns: Sequence[Column], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._columns = tuple(columns)
        self._rows: list[Row] = []

    @property
    def rows(self) -> tuple[Row, ...]:
        return tuple(self._rows)

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        return self._value(row, row.cells[index.column()], role)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        column = self._columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column.numeric else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def show(self, rows: Sequence[Row]) -> None:
        """Keys must be unique. What is unchanged is not touched, so selections live on."""
        wanted = {row.key for row in rows}
        for at in range(len(self._rows) - 1, -1, -1):
            if self._rows[at].key not in wanted:
                self.beginRemoveRows(QModelIndex(), at, at)
                del self._rows[at]
                self.endRemoveRows()
        changed = {at: columns for at, row in enumerate(rows) if (columns := self._place(at, row))}
        for first, last in _runs(tuple(changed)):
            columns = [column for at in range(first, last + 1) for column in changed[at]]
            # a list paints and sorts anew what is named here: no column that is as it was
            self.dataChanged.emit(self.index(first, min(columns)), self.index(last, max(columns)))

    def _place(self, at: int, row: Row) -> Sequence[int]:
        """The columns in which a row that was there before has other values now."""
        old = next((i for i in range(at, len(self._rows)) if self._rows[i].key == row.key), None)
        if old is None:
            self.beginInsertRows(QModelIndex(), at, at)
            self._rows.insert(at, row)
            self.endInsertRows()
            return ()
        if old != at:
            self.beginMoveRows(QModelIndex(), old, old, QModelIndex(), at)
            self._rows.insert(at, self._rows.pop(old))
            self.endMoveRows()
        before, self._rows[at] = self._rows[at], row
        if before == row:
            return ()
        cells = zip(before.cells, row.cells, strict=True)
        # where none differs, what the row is found by does
        return [at for at, (was, now) in enumerate(cells) if was != now] or (0,)

    @staticmethod
    def _value(row: Row, cell: Cell, role: int) -> Any:
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return cell.text
            case Qt.ItemDataRole.ToolTipRole:
                return cell.tooltip or None
            case Qt.ItemDataRole.AccessibleTextRole:
                return row.spoken
            case _ if role == CELL:
                return cell
            case _ if role == ORDER:
                return cell.order
            case _ if role == KEY:
                return row.key
        return None


def _runs(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """(first, last) of each run of neighbours, so that a view hears of them at once."""
    for _, run in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0]):
        found = [number for _, number in run]
        yield found[0], found[-1]


class FilteredRows(QSortFilterProxyModel):
    """Sorts by the native values and shows the rows that contain what was typed."""

    def __init__(self, source: RowsModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._source = source
        self._needle = ""
        self.setSortRole(ORDER)
        self.setSourceModel(source)

    def look_for(self, needle: str) -> None:
        self.beginFilterChange()
        self._needle = needle.strip().lower()
        self.endFilterChange()

    def filterAcceptsRow(self, row: int, parent: Index) -> bool:
        return self._needle in self._source.rows[row].search if self._needle else True
