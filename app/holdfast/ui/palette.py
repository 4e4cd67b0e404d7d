"""Ctrl+K: every verb and every app, a few letters away."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from holdfast.presenters.verbs import Command, commands, matching
from holdfast.ui.watch import NodeWatch

_SHOWN = 50


class Palette(QDialog):
    """picked: a Command."""

    picked = Signal(object)

    def __init__(self, watch: NodeWatch, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAccessibleName("Commands")
        self._all = commands(watch.snapshot)
        self._found: tuple[Command, ...] = ()
        self.field = QLineEdit()
        self.field.setProperty("big", True)
        self.field.setPlaceholderText("Go to, stop, restart, redeploy…")
        self.field.setAccessibleName("Command")
        self.list = QListWidget()
        self.list.setAccessibleName("Matching commands")
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.addWidget(self.field)
        column.addWidget(self.list)
        self.field.textChanged.connect(self._show)
        self.field.returnPressed.connect(self._pick)
        self.list.itemClicked.connect(lambda _: self._pick())
        self.field.installEventFilter(self)
        self._show("")
        self.resize(520, 380)
        middle = parent.mapToGlobal(parent.rect().center())
        self.move(middle.x() - 260, middle.y() - 220)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Up and down move through the list while the field keeps the focus."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
            if step is not None and self.list.count():
                self.list.setCurrentRow((self.list.currentRow() + step) % self.list.count())
                return True
        return super().eventFilter(watched, event)

    def _show(self, needle: str) -> None:
        self._found = matching(self._all, needle)[:_SHOWN]
        self.list.clear()
        for command in self._found:
            tail = f"   {command.detail}" if command.detail else ""
            self.list.addItem(QListWidgetItem(f"{command.title}{tail}"))
        self.list.setCurrentRow(0)

    def _pick(self) -> None:
        at = self.list.currentRow()
        if 0 <= at < len(self._found):
            self.accept()
            self.picked.emit(self._found[at])
