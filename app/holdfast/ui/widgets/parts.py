"""Cards that list things: parts with a headline and a detail, or facts with a label."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QVBoxLayout

from holdfast.ui.widgets.text import GAP, WIDE, label, selectable


class PartsCard(QFrame):
    """A title, and (headline, detail) beneath each other."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.setProperty("surface", "card")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(WIDE, WIDE, WIDE, WIDE)
        self._column.setSpacing(2)
        self._column.addWidget(label(title, "head"))
        self._column.addStretch(1)
        self._parts: list[tuple[QLabel, QLabel]] = []

    def show_parts(self, parts: Sequence[tuple[str, str]]) -> None:
        while len(self._parts) < len(parts):
            headline, detail = label(wrap=True), label("", "muted", wrap=True)
            headline.setContentsMargins(0, 10, 0, 0)
            for part in (headline, detail):
                self._column.insertWidget(self._column.count() - 1, part)
            self._parts.append((headline, detail))
        for at, (headline, detail) in enumerate(self._parts):
            shown = at < len(parts)
            headline.setVisible(shown)
            detail.setVisible(shown)
            if shown:
                headline.setText(parts[at][0])
                detail.setText(parts[at][1])


class FactsCard(QFrame):
    """(label, text, tooltip) as a table without lines; every text can be copied."""

    def __init__(self, title: str = "") -> None:
        super().__init__()
        self.setProperty("surface", "card")
        column = QVBoxLayout(self)
        column.setContentsMargins(WIDE, WIDE, WIDE, WIDE)
        column.setSpacing(12)
        if title:
            column.addWidget(label(title, "head"))
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(WIDE)
        self._grid.setVerticalSpacing(GAP)
        self._grid.setColumnStretch(1, 1)
        column.addLayout(self._grid)
        column.addStretch(1)
        self._lines: list[tuple[QLabel, QLabel]] = []

    def show_facts(self, facts: Sequence[tuple[str, ...]]) -> None:
        """Each is (label, text) or (label, text, tooltip)."""
        while len(self._lines) < len(facts):
            name, text = label("", "muted"), selectable(label(wrap=True))
            self._grid.addWidget(name, len(self._lines), 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(text, len(self._lines), 1)
            self._lines.append((name, text))
        for at, (name, text) in enumerate(self._lines):
            shown = at < len(facts)
            name.setVisible(shown)
            text.setVisible(shown)
            if shown:
                name.setText(facts[at][0])
                text.setText(facts[at][1])
                text.setToolTip(facts[at][2] if len(facts[at]) > 2 else "")
