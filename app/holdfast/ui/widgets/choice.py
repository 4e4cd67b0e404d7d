"""A drop-down whose arrow follows the theme: style sheets cannot draw one."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen, QStandardItemModel
from PySide6.QtWidgets import QComboBox

#: Letters that are seen of a choice in any case.
_SEEN = 12


class Choice(QComboBox):
    def add_heading(self, text: str) -> None:
        """A line above others, which cannot be chosen."""
        font = self.font()
        font.setBold(True)
        self.addItem(text)
        self.setItemData(self.count() - 1, font, Qt.ItemDataRole.FontRole)
        model = self.model()
        assert isinstance(model, QStandardItemModel)
        model.item(self.count() - 1).setEnabled(False)

    def take_what_room_there_is(self) -> None:
        """Its longest choice does not widen the page."""
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(_SEEN)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.PlaceholderText), 1.5))
        x, y = self.width() - 16, self.height() / 2
        painter.drawPolyline([QPointF(x - 4, y - 2), QPointF(x, y + 2), QPointF(x + 4, y - 2)])
        painter.end()
