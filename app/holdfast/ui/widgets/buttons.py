"""Buttons of the few kinds that the style sheet knows."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QPushButton


def button(
    text: str, clicked: Callable[[], object] | None = None, kind: str = "", hint: str = ""
) -> QPushButton:
    """kind: primary, danger, flat, link, nav, icon or "". hint: its name when it has no text."""
    made = QPushButton(text)
    made.setProperty("kind", kind)
    made.setIconSize(QSize(18, 18))
    if kind == "icon":
        made.setFixedWidth(32)
    made.setAutoDefault(False)
    made.setAccessibleName(hint or text)
    if hint:
        made.setToolTip(hint)
    if kind == "link":
        made.setCursor(Qt.CursorShape.PointingHandCursor)
    if clicked is not None:
        made.clicked.connect(lambda: clicked())
    return made


def reword(made: QPushButton, text: str) -> None:
    """Other words on a button, and for a screen reader."""
    made.setText(text)
    made.setAccessibleName(text)
