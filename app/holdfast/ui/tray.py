"""The desktop's tray: an icon while something was told, and its messages."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QSystemTrayIcon

from holdfast.presenters.tray import TrayMessage
from holdfast.ui import icons
from holdfast.ui.icons import Icons

_ICONS = {
    True: QSystemTrayIcon.MessageIcon.Critical,
    False: QSystemTrayIcon.MessageIcon.Warning,
}


class SystemTray(QObject):
    """The icon is made for the first message: without one a desktop shows none."""

    def __init__(self, drawings: Icons) -> None:
        super().__init__(drawings)
        self._drawings = drawings
        self._icon: QSystemTrayIcon | None = None
        self._opened: Callable[[], None] = lambda: None

    @property
    def available(self) -> bool:
        return QSystemTrayIcon.isSystemTrayAvailable() and QSystemTrayIcon.supportsMessages()

    def show(self, message: TrayMessage, opened: Callable[[], None]) -> None:
        """A desktop does not tell which message was clicked: the last one is opened."""
        self._opened = opened
        if self._icon is None:
            self._icon = QSystemTrayIcon(self._drawings.icon(icons.CERTIFICATES), self)
            self._icon.setToolTip("Holdfast")
            self._icon.messageClicked.connect(lambda: self._opened())
            self._icon.activated.connect(lambda: self._opened())
            self._icon.show()
        self._icon.showMessage(message.title, message.text, _ICONS[message.severe])

    def hide(self) -> None:
        if self._icon is not None:
            self._icon.hide()
