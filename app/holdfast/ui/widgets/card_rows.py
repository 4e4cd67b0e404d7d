"""Rows within a card: what each says, and perhaps a button at its end."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QPushButton, QWidget

from holdfast.ui.widgets.buttons import button
from holdfast.ui.widgets.text import GAP, WIDE


class CardRows(QGridLayout):
    """stretches: of its first columns. buttons: those that are shown, by the row's key."""

    def __init__(self, *stretches: int) -> None:
        super().__init__()
        self.setHorizontalSpacing(WIDE)
        self.setVerticalSpacing(GAP)
        for column, stretch in enumerate(stretches):
            self.setColumnStretch(column, stretch)
        self.buttons: dict[str, QPushButton] = {}
        self._lines = 0

    def clear(self) -> None:
        self.buttons, self._lines = {}, 0
        while (item := self.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()

    def add(self, parts: Sequence[QWidget]) -> None:
        for column, part in enumerate(parts):
            self.addWidget(part, self._lines, column)
        self._lines += 1

    def add_with_button(
        self, parts: Sequence[QWidget], key: str, words: str, of: str, do: Callable[[], object]
    ) -> None:
        """of: what the button's words are about, for who does not see the row."""
        made = button(words, do)
        made.setAccessibleName(f"{words.removesuffix('…')} {of}")
        self.buttons[key] = made
        self.addWidget(made, self._lines, len(parts), Qt.AlignmentFlag.AlignRight)
        self.add(parts)
