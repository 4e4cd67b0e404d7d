"""Icons: every name has its drawing, and it is drawn in the colour that was asked for."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from holdfast.shipped import RESOURCES
from holdfast.ui import icons
from holdfast.ui.icons import Icons
from holdfast.ui.theme import DARK, LIGHT, Mode, Theme


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    return Theme(qapp, Mode.LIGHT)


def colours(button: QPushButton, mode: QIcon.Mode) -> set[str]:
    """Of the pixels that are wholly covered."""
    image = button.icon().pixmap(QSize(36, 36), 1.0, mode).toImage()
    pixels = (image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height()))
    return {QColor(pixel).name() for pixel in pixels if pixel.alpha() == 255}


@pytest.mark.parametrize("name", sorted(p.stem for p in (RESOURCES / "icons").glob("*.svg")))
def test_each_is_drawn_in_the_themes_colours(theme: Theme, qtbot: QtBot, name: str) -> None:
    assert name in vars(icons).values()
    button = QPushButton()
    qtbot.addWidget(button)
    drawn = Icons(theme)
    drawn.put(button, name, "accent")
    assert colours(button, QIcon.Mode.Normal) == {LIGHT.accent}
    assert colours(button, QIcon.Mode.Disabled) == {LIGHT.control}
    theme.choose(Mode.DARK)
    assert colours(button, QIcon.Mode.Normal) == {DARK.accent}
    theme.choose(Mode.LIGHT)


def test_buttons_that_look_alike_share_one_icon(theme: Theme, qtbot: QtBot) -> None:
    drawn = Icons(theme)
    one, same, other = QPushButton(), QPushButton(), QPushButton()
    for button, token in ((one, "accent"), (same, "accent"), (other, "text")):
        qtbot.addWidget(button)
        drawn.put(button, icons.OPEN, token)
    assert one.icon().cacheKey() == same.icon().cacheKey() != other.icon().cacheKey()
    theme.choose(Mode.DARK)
    assert one.icon().cacheKey() == same.icon().cacheKey()
    assert colours(same, QIcon.Mode.Normal) == {DARK.accent}
