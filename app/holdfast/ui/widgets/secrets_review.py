"""A change of secrets before it is made: names, and each value before and after while held."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from holdfast.domain.node import AppSummary
from holdfast.domain.requests import AppSecrets
from holdfast.domain.secret import Secret
from holdfast.presenters import secrets as words
from holdfast.ui.theme import Theme
from holdfast.ui.widgets.buttons import button, reword
from holdfast.ui.widgets.held_text import HeldText, HoldButton
from holdfast.ui.widgets.list_view import ListView
from holdfast.ui.widgets.text import GAP, WIDE, frame, label


class SecretsReview(QWidget):
    """left: back to where it came from. confirmed: True if the app keeps its old ones for now."""

    left = Signal()
    confirmed = Signal(bool)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._title, self._detail = label("", "head", wrap=True), label("", "muted", wrap=True)
        self.list = ListView(theme, words.CHANGE_COLUMNS, "Changes", two_lines=False)
        self._before = HeldText(theme, "Value before the change")
        self._after = HeldText(theme, "Value after the change")
        self._hold = HoldButton("Hold to reveal")
        self.back = button("Back", self.left.emit)
        self.later = button("", lambda: self.confirmed.emit(True))
        self.save = button("Save", lambda: self.confirmed.emit(False), "primary")
        self._old = self._new = Secret(b"")
        self._lay_out()
        self.list.chosen.connect(self._choose)
        self._hold.held.connect(self._before.hold)
        self._hold.held.connect(self._after.hold)

    def show_change(self, secrets: AppSecrets, app: AppSummary, after: Secret) -> None:
        self._old, self._new = secrets.document, after
        review = words.review(secrets, app, after)
        self._title.setText(review.title)
        self._detail.setText(review.detail)
        self.list.show_rows(review.rows)
        self.list.setVisible(bool(review.rows))
        for made, text in ((self.save, review.save), (self.later, review.later)):
            reword(made, text)
            made.setVisible(bool(text))
        self._choose(self.list.current_key or "")
        self.save.setFocus()

    def _lay_out(self) -> None:
        self._values = frame("card")
        grid = QGridLayout(self._values)
        grid.setContentsMargins(WIDE, GAP, GAP, GAP)
        grid.setHorizontalSpacing(WIDE)
        grid.setVerticalSpacing(4)
        grid.addWidget(label("Before", "muted"), 0, 0)
        grid.addWidget(self._before, 0, 1)
        grid.addWidget(label("After", "muted"), 1, 0)
        grid.addWidget(self._after, 1, 1)
        grid.addWidget(self._hold.button, 0, 2, 2, 1)
        grid.setColumnStretch(1, 1)
        bar = QHBoxLayout()
        bar.setSpacing(GAP)
        bar.addWidget(self.back)
        bar.addStretch()
        bar.addWidget(self.later)
        bar.addWidget(self.save)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        column.addWidget(self._title)
        column.addWidget(self._detail)
        column.addSpacing(4)
        column.addWidget(self.list, 1)
        column.addWidget(self._values)
        column.addLayout(bar)

    def _choose(self, name: str) -> None:
        self._values.setVisible(bool(name))
        self._before.show_value(lambda: words.shown(self._old, name))
        self._after.show_value(lambda: words.shown(self._new, name))
