"""Icons of one family, tinted by the theme: drawings that travel with the program."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QObject, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
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
#: What stands for Holdfast where the desktop lists its windows: what is locked is kept.
HOLDFAST = VOLUMES

#: A button shows 18 points; these are the pixels of a side at the usual scales.
_SIZES = (18, 27, 36, 54)


class Icons(QObject):
    """Draws the buttons' icons, and draws them again in another theme."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._theme = theme
        self._wanted: dict[QAbstractButton, tuple[str, str]] = {}
        # to draw one takes longer than all else about a button: those that look alike share it
        self._made: dict[tuple[str, str, str], QIcon] = {}
        theme.changed.connect(self._tint)

    def put(self, button: QAbstractButton, name: str, token: str = Tone.MUTED) -> None:
        """token: the theme's name of the colour."""
        if button not in self._wanted:
            button.destroyed.connect(lambda: self._wanted.pop(button, None))
        self._wanted[button] = (name, token)
        self._draw(button)

    def icon(self, name: str) -> QIcon:
        """One that keeps its colours, for where no button of ours shows it: on a tile of its own,
        since what is around it may be dark or light, whatever our theme is."""
        tokens = self._theme.tokens
        drawing = _drawing(name, tokens.on_accent)
        icon = QIcon()
        for size in _SIZES:
            icon.addPixmap(_on_tile(drawing, tokens.accent, size))
        return icon

    def _tint(self) -> None:
        for button in self._wanted:
            self._draw(button)

    def _draw(self, button: QAbstractButton) -> None:
        name, token = self._wanted[button]
        tokens = self._theme.tokens
        look = (name, getattr(tokens, token), tokens.control)
        if look not in self._made:
            self._made[look] = _icon(*look)
        button.setIcon(self._made[look])


def _icon(name: str, colour: str, disabled: str) -> QIcon:
    icon = QIcon()
    for mode, tint in ((QIcon.Mode.Normal, colour), (QIcon.Mode.Disabled, disabled)):
        drawing = _drawing(name, tint)
        for size in _SIZES:
            icon.addPixmap(_drawn(drawing, size), mode)
    return icon


def _drawing(name: str, colour: str) -> QSvgRenderer:
    """colour: as CSS writes it."""
    drawing = (RESOURCES / "icons" / f"{name}.svg").read_text()
    tinted = drawing.replace("<path ", f'<path fill="{colour}" ')
    return QSvgRenderer(QByteArray(tinted.encode()))


def _on_tile(drawing: QSvgRenderer, tile: str, size: int) -> QPixmap:
    pixmap = QPixmap(size, size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(tile))
    painter.drawRoundedRect(pixmap.rect(), size / 5, size / 5)
    margin = size // 9
    painter.drawPixmap(margin, margin, _drawn(drawing, size - 2 * margin))
    painter.end()
    return pixmap


def _drawn(drawing: QSvgRenderer, size: int) -> QPixmap:
    pixmap = QPixmap(size, size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    drawing.render(painter)
    painter.end()
    return pixmap
