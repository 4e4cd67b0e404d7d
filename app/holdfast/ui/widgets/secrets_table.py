"""Secrets as a list: names and dots; the chosen one is seen while held, and copied."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from holdfast.domain.asked_secrets import AskedSecret
from holdfast.domain.secret import Secret
from holdfast.presenters import secrets as words
from holdfast.presenters.clipboard import COPIED
from holdfast.ui.secret_clipboard import copy_secret
from holdfast.ui.theme import Theme
from holdfast.ui.widgets.buttons import button
from holdfast.ui.widgets.held_text import HeldText, HoldButton
from holdfast.ui.widgets.list_view import ListView
from holdfast.ui.widgets.notice import Placeholder
from holdfast.ui.widgets.text import GAP, WIDE, ElidedLabel, frame, label


class SecretsTable(QWidget):
    """write_wanted: somebody wants to write the first ones."""

    write_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._document = Secret(b"")
        self.list = ListView(theme, words.COLUMNS, "Secrets")
        self._name = ElidedLabel(role="head", grows=False)
        self.value = HeldText(theme, "Value of the chosen secret")
        self.hold = HoldButton("Hold to reveal")
        self.copy = button("Copy", self._copy)
        self._said = label("", "muted")
        self._nothing = Placeholder()
        self._nothing.show_notice(words.NOTHING)
        self._nothing.acted.connect(self.write_wanted)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.list)
        self._stack.addWidget(self._nothing)
        self._lay_out()
        self.list.chosen.connect(self._choose)
        self.hold.held.connect(self.value.hold)

    def show_secrets(self, document: Secret, asked: tuple[AskedSecret, ...]) -> None:
        self._document = document
        rows = words.rows(document, asked)
        self.list.show_rows(rows)
        self._stack.setCurrentWidget(self.list if rows else self._nothing)
        self._choose(self.list.current_key or "")

    def _lay_out(self) -> None:
        self._bar = frame("card")
        row = QHBoxLayout(self._bar)
        row.setContentsMargins(WIDE, GAP, GAP, GAP)
        row.setSpacing(WIDE)
        row.addWidget(self._name)
        row.addWidget(self.value, 1)
        row.addWidget(self._said)
        buttons = QHBoxLayout()
        buttons.setSpacing(GAP)
        buttons.addWidget(self.hold.button)
        buttons.addWidget(self.copy)
        row.addLayout(buttons)
        row.setAlignment(self.value, Qt.AlignmentFlag.AlignVCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        column.addWidget(self._stack, 1)
        column.addWidget(self._bar)

    def _choose(self, name: str) -> None:
        # a document that changed has other values under the same name
        self._bar.setVisible(words.shown(self._document, name) is not None)
        self._name.show_text(name)
        self._said.setText("")
        self.hold.button.setAccessibleName(f"Hold to reveal {name}")
        self.copy.setAccessibleName(f"Copy {name}")
        self.value.show_value(lambda: words.shown(self._document, name))

    def _copy(self) -> None:
        value = words.shown(self._document, self.list.current_key or "")
        if value is not None:
            copy_secret(value)
            self._said.setText(COPIED)
