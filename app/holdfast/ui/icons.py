"""Icons of one family, tinted by the theme: drawings that travel with the program."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QObject, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QAbstractButton

from holdfast.presenters.states import Tone
from holdfast.shipped import RESOURCES
from holdfast.ui.theme import Theme

APPS = "view-grid-outline"
REPOSITORIES = "source-branch"
CERTIFICATES = "certificate-outline"
VOLUMES = "database-lock-outline"
SETTINGS = "cog-outline"
KIT = "lifebuoy"
NEW = "plus"
OPEN = "open-in-new"
MORE = "dots-horizontal"
BACK = "arrow-left"
DOWNLOAD = "tray-arrow-down"
REDEPLOY = "refresh"
UP = "chevron-up"
DOWN = "chevron-down"

#: A button shows 18 points; these are the pixels of a side at the usual scales.
_SIZES = (18, 27, 36, 54)


class Icons(QObject):
    """Draws the buttons' icons, and draws them again in another theme."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._theme = theme
        self._wanted: dict[QAbstractButton, tuple[str, str]] = {}
        theme.changed.connect(self._tint)

    def put(self, button: QAbstractButton, name: str, token: str = Tone.MUTED) -> None:
        """token: the theme's name of the colour."""
        if button not in self._wanted:
            button.destroyed.connect(lambda: self._wanted.pop(button, None))
        self._wanted[button] = (name, token)
        self._draw(button)

    def icon(self, name: str) -> QIcon:
        """One that keeps its colour, for where no button of ours shows it."""
        drawing = (RESOURCES / "icons" / f"{name}.svg").read_text()
        icon = QIcon()
        for size in _SIZES:
            icon.addPixmap(_drawn(drawing, self._theme.tokens.accent, size))
        return icon

    def _tint(self) -> None:
        for button in self._wanted:
            self._draw(button)

    def _draw(self, button: QAbstractButton) -> None:
        name, token = self._wanted[button]
        tokens = self._theme.tokens
        drawing = (RESOURCES / "icons" / f"{name}.svg").read_text()
        icon = QIcon()
        for mode, colour in (
            (QIcon.Mode.Normal, getattr(tokens, token)),
            (QIcon.Mode.Disabled, tokens.control),
        ):
            for size in _SIZES:
                icon.addPixmap(_drawn(drawing, colour, size), mode)
        button.setIcon(icon)


def _drawn(drawing: str, colour: str, size: int) -> QPixmap:
    """colour: as CSS writes it."""
    tinted = drawing.replace("<path ", f'<path fill="{colour}" ')
    pixmap = QPixmap(size, size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(tinted.encode())).render(painter)
    painter.end()
    return pixmap
