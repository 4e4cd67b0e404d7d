"""A secret as dots, and the button that shows it while it is held."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from holdfast.presenters.secrets import DOTS
from holdfast.presenters.states import Tone
from holdfast.ui.theme import Theme
from holdfast.ui.widgets.buttons import button
from holdfast.ui.widgets.text import monospace


class HeldText(QWidget):
    """It paints its text and has it nowhere else: not as a label, a tooltip or a description."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self._theme = theme
        self._read: Callable[[], str | None] = lambda: None
        self._held = False
        self.setFont(monospace())
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_value(self, read: Callable[[], str | None]) -> None:
        """read: gives the value when it is to be seen; None where there is none."""
        self._read = read
        self.hold(False)

    def hold(self, held: bool) -> None:
        self._held = held
        self.update()

    @property
    def painted(self) -> str:
        """What is to be seen now."""
        value = self._read()
        if value is None:
            return ""
        return value if self._held else DOTS

    def sizeHint(self) -> QSize:
        return QSize(120, self.fontMetrics().height() + 8)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self._theme.colour(Tone.TEXT if self._held else Tone.MUTED))
        lines = self.painted.splitlines()
        more = f" … {len(lines)} lines" if len(lines) > 1 else ""
        text = (lines[0] if lines else "") + more
        elide = Qt.TextElideMode.ElideRight
        fitted = painter.fontMetrics().elidedText(text, elide, self.width())
        area = QRect(0, 0, self.width(), self.height())
        painter.drawText(area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, fitted)
        painter.end()


class HoldButton(QObject):
    """held: True while its button is pressed, by mouse or space; False however that ends."""

    held = Signal(bool)

    def __init__(self, words: str) -> None:
        super().__init__()
        self.button: QPushButton = button(words)
        self.button.pressed.connect(lambda: self.held.emit(True))
        self.button.released.connect(lambda: self.held.emit(False))
        self.button.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusOut, QEvent.Type.WindowDeactivate, QEvent.Type.Hide):
            self.button.setDown(False)
            self.held.emit(False)
        return False
