"""The frame of every page: a title, perhaps a search, perhaps one primary action, the content."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from holdfast.ui.icons import BACK, Icons
from holdfast.ui.widgets.buttons import button
from holdfast.ui.widgets.text import GAP, MARGIN, WIDE, ElidedLabel, frame


class Page(QWidget):
    """`header` takes what stands beside the title, `body` the content beneath."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.title = ElidedLabel(title, "title", grows=False)
        head = frame("header")
        head.setMinimumHeight(65)
        self.header = QHBoxLayout(head)
        self.header.setContentsMargins(MARGIN, WIDE, MARGIN, WIDE)
        self.header.setSpacing(GAP)
        self.header.addWidget(self.title)
        self.header.addStretch(1)
        self.body = QVBoxLayout()
        self.body.setContentsMargins(MARGIN, WIDE, MARGIN, MARGIN)
        self.body.setSpacing(WIDE)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head)
        column.addLayout(self.body, 1)

    def lead_back(self, icons: Icons, go_back: Callable[[], object]) -> None:
        """Put the button that leads back before the title, its arrow at the page's margin."""
        back = button("", go_back, "icon", "Back")
        icons.put(back, BACK, "text")
        self.header.setContentsMargins(WIDE, WIDE, MARGIN, WIDE)
        self.header.insertWidget(0, back)

    def reload(self) -> None:
        """Read anew what the page shows (F5)."""

    def search_field(self) -> QLineEdit | None:
        """Where Ctrl+F leads."""
        return None

    def enter(self) -> None:
        """The page is shown: its first control takes the keyboard."""

    def begin(self, subject: str) -> None:
        """Start anew, with this filled in (a repository, say) unless it is empty."""

    def leave(self) -> None:
        """The page is no longer shown: stop what follows."""


def search_box(name: str, hint: str = "Search") -> QLineEdit:
    box = QLineEdit()
    box.setPlaceholderText(hint)
    box.setAccessibleName(name)
    # with the first letter: Qt searches the desktop's themes for the button's picture, and the
    # window is painted before that
    box.textChanged.connect(
        lambda: box.setClearButtonEnabled(True), Qt.ConnectionType.SingleShotConnection
    )
    box.setFixedWidth(220)
    return box


def scrolling(inside: QWidget, name: str) -> QScrollArea:
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(inside)
    area.setAccessibleName(name)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return area
