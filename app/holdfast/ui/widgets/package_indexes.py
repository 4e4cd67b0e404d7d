"""A page for the logins at private package indexes: those that there are, and a form for one."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from holdfast.domain.errors import UsageError
from holdfast.domain.secret import Secret
from holdfast.presenters import package_indexes as words
from holdfast.ui.widgets.buttons import button
from holdfast.ui.widgets.fields import Field
from holdfast.ui.widgets.page import scrolling
from holdfast.ui.widgets.text import GAP, WIDE, ElidedLabel, frame, label


class PackageIndexes(QWidget):
    """changed: a Secret, the document as it shall be. removes: the buttons shown, by host."""

    changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._document: Secret | None = None
        self._rows: tuple[words.IndexRow, ...] | None = None
        self.removes: dict[str, QPushButton] = {}
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
        if document is not None and (found := words.rows(document)) != self._rows:
            self._show_rows(found)
        self._mend.setVisible(document is None)
        self._cards.setEnabled(document is not None)
        self._judge()

    def _show_rows(self, rows: tuple[words.IndexRow, ...]) -> None:
        self._rows = rows
        self.removes = {}
        while (item := self._grid.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        for line, row in enumerate(rows):
            self._grid.addWidget(ElidedLabel(row.host), line, 0)
            self._grid.addWidget(ElidedLabel(row.user, "muted"), line, 1)
            self._grid.addWidget(self._remove_button(row.host), line, 2)
        self._none.setVisible(not rows)

    def _remove_button(self, host: str) -> QPushButton:
        made = button(words.REMOVE, lambda: self._remove(host))
        made.setAccessibleName(f"{words.REMOVE} {host}")
        self.removes[host] = made
        return made

    def _judge(self) -> None:
        host = self.host.text().strip().lower()
        there = host in self.removes
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
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(WIDE)
        self._grid.setVerticalSpacing(GAP)
        self._grid.setColumnStretch(0, 3)
        self._grid.setColumnStretch(1, 2)
        there_column.addWidget(self._none)
        there_column.addLayout(self._grid)
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
