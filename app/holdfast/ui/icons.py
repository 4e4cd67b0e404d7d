"""Icons of one family, tinted by the theme; the font is read only after the first paint."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QAbstractButton

from holdfast.presenters.states import Tone
from holdfast.ui.theme import Theme

APPS = "mdi6.view-grid-outline"
VOLUMES = "mdi6.database-lock-outline"
SETTINGS = "mdi6.cog-outline"
KIT = "mdi6.lifebuoy"
NEW = "mdi6.plus"
OPEN = "mdi6.open-in-new"
MORE = "mdi6.dots-horizontal"
BACK = "mdi6.arrow-left"
DOWNLOAD = "mdi6.tray-arrow-down"
REDEPLOY = "mdi6.refresh"
UP = "mdi6.chevron-up"
DOWN = "mdi6.chevron-down"


class Icons(QObject):
    """Buttons ask for an icon at once and get it when the family is loaded."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._theme = theme
        self._family: Any = None
        self._wanted: dict[QAbstractButton, tuple[str, str]] = {}
        theme.changed.connect(self._tint)

    def put(self, button: QAbstractButton, name: str, token: str = Tone.MUTED) -> None:
        """token: the theme's name of the colour."""
        if button not in self._wanted:
            button.destroyed.connect(lambda: self._wanted.pop(button, None))
        self._wanted[button] = (name, token)
        if self._family is not None:
            self._draw(button)

    def load(self) -> None:
        # the family costs more than the whole first paint: imported only after it
        self._family = import_module("qtawesome")
        self._tint()

    def _tint(self) -> None:
        if self._family is not None:
            for button in self._wanted:
                self._draw(button)

    def _draw(self, button: QAbstractButton) -> None:
        name, token = self._wanted[button]
        tokens = self._theme.tokens
        colour = getattr(tokens, token)
        button.setIcon(self._family.icon(name, color=colour, color_disabled=tokens.control))
