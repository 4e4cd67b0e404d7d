"""Ctrl+K: every verb and every app, a few letters away."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QLineEdit, QVBoxLayout, QWidget

from holdfast.presenters.verbs import (
    COMMAND_COLUMNS,
    NO_COMMAND,
    Command,
    command_rows,
    commands,
    matching,
)
from holdfast.ui.theme import Theme
from holdfast.ui.watch import NodeWatch
from holdfast.ui.widgets.list_view import ListView
from holdfast.ui.widgets.text import label

_SHOWN = 50


class Palette(QDialog):
    """picked: a Command."""

    picked = Signal(object)

    def __init__(self, watch: NodeWatch, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAccessibleName("Commands")
        self._all = commands(watch.snapshot)
        self._found: tuple[Command, ...] = ()
        self.field = QLineEdit()
        self.field.setProperty("big", True)
        self.field.setPlaceholderText("Go to, stop, restart, redeploy…")
        self.field.setAccessibleName("Command")
        self.list = ListView(theme, COMMAND_COLUMNS, "Matching commands", two_lines=False)
        self.list.setHeaderHidden(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.addWidget(self.field)
        self.nothing = label(NO_COMMAND, "muted")
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(self.list, 1)
        column.addWidget(self.nothing, 1)
        self.field.textChanged.connect(self._show)
        self.field.returnPressed.connect(self._pick)
        self.list.clicked.connect(lambda _: self._pick())
        self.field.installEventFilter(self)
        self._show("")
        self.resize(520, 380)
        middle = parent.mapToGlobal(parent.rect().center())
        self.move(middle.x() - 260, middle.y() - 220)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Up and down move through the list while the field keeps the focus."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
            if step is not None and self._found:
                self._choose((self.list.currentIndex().row() + step) % len(self._found))
                return True
        return super().eventFilter(watched, event)

    def _show(self, needle: str) -> None:
        self._found = matching(self._all, needle)[:_SHOWN]
        self.list.show_rows(command_rows(self._found))
        self.list.setVisible(bool(self._found))
        self.nothing.setVisible(not self._found)
        self._choose(0)

    def _choose(self, at: int) -> None:
        self.list.setCurrentIndex(self.list.filtered.index(at, 0))

    def _pick(self) -> None:
        at = self.list.currentIndex().row()
        if 0 <= at < len(self._found):
            self.accept()
            self.picked.emit(self._found[at])
