"""A page for the logins at private package indexes: those that there are, and a form for one."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from holdfast.domain.errors import UsageError
from holdfast.domain.secret import Secret
from holdfast.presenters import package_indexes as words
from holdfast.ui.widgets.buttons import button
from holdfast.ui.widgets.card_rows import CardRows
from holdfast.ui.widgets.fields import Field
from holdfast.ui.widgets.page import scrolling
from holdfast.ui.widgets.text import GAP, WIDE, ElidedLabel, frame, label


class PackageIndexes(QWidget):
    """changed: a Secret, the document as it shall be. rows: with buttons by host."""

    changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._document: Secret | None = None
        self._shown: tuple[words.IndexRow, ...] | None = None
        self.rows = CardRows(3, 2)
        self._none = label(words.NONE, "muted")
        self._mend = label(words.MEND, "error", wrap=True)
        self.host, self.user, self.password = QLineEdit(), QLineEdit(), QLineEdit()
        self.host.setPlaceholderText(words.HOST_HINT)
        self.user.setText(words.USUAL_USER)
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self._at = Field(words.HOST, self.host)
        self.add = button(words.ADD, self._add)
        self._lay_out()
        for each in (self.host, self.user, self.password):
            each.textChanged.connect(self._judge)
            each.returnPressed.connect(self.add.click)

    def show_document(self, document: Secret | None) -> None:
        """None: there is a mistake in it."""
        self._document = document
        if document is not None and (found := words.rows(document)) != self._shown:
            self._show_rows(found)
        self._mend.setVisible(document is None)
        self._cards.setEnabled(document is not None)
        self._judge()

    def _show_rows(self, rows: tuple[words.IndexRow, ...]) -> None:
        self._shown = rows
        self.rows.clear()
        for row in rows:
            parts = (ElidedLabel(row.host), ElidedLabel(row.user, "muted"))
            taken = partial(self._remove, row.host)
            self.rows.add_with_button(parts, row.host, words.REMOVE, row.host, taken)
        self._none.setVisible(not rows)

    def _judge(self) -> None:
        host = self.host.text().strip().lower()
        there = host in self.rows.buttons
        self._at.note(words.REPLACES if there else "")
        typed = (host, self.user.text().strip(), self.password.text())
        self.add.setEnabled(all(typed))

    def _add(self) -> None:
        if self._document is None:
            return
        password = Secret(self.password.text().encode())
        try:
            document = words.added(self._document, self.host.text(), self.user.text(), password)
        except UsageError as error:
            self._at.refuse(error.why)
            return
        self.password.clear()
        self.host.clear()
        self.user.setText(words.USUAL_USER)
        self.changed.emit(document)

    def _remove(self, host: str) -> None:
        if self._document is not None:
            self.changed.emit(words.removed(self._document, host))

    def _lay_out(self) -> None:
        there, there_column = _card(words.TITLE)
        there_column.addWidget(label(words.ABOUT, "muted", wrap=True))
        there_column.addWidget(self._none)
        there_column.addLayout(self.rows)
        new, new_column = _card(words.NEW)
        fields = QHBoxLayout()
        fields.setSpacing(WIDE)
        named = (self._at, Field(words.USER, self.user), Field(words.PASSWORD, self.password))
        for field in named:
            fields.addWidget(field, 1, Qt.AlignmentFlag.AlignTop)
        new_column.addLayout(fields)
        acts = QHBoxLayout()
        acts.addWidget(self.add)
        acts.addStretch()
        new_column.addLayout(acts)
        self._cards = frame("plain")
        self._cards.setMaximumWidth(880)
        cards = QVBoxLayout(self._cards)
        cards.setContentsMargins(0, 0, 0, 0)
        cards.setSpacing(WIDE)
        for part in (there, new):
            cards.addWidget(part)
        cards.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        column.addWidget(self._mend)
        column.addWidget(scrolling(self._cards, words.TITLE), 1)


def _card(title: str) -> tuple[QWidget, QVBoxLayout]:
    made = frame("card")
    column = QVBoxLayout(made)
    column.setContentsMargins(WIDE, WIDE, WIDE, WIDE)
    column.setSpacing(12)
    column.addWidget(label(title, "head"))
    return made, column
