"""The line in which a tag or a commit is named, to pin an app to it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from holdfast.domain.errors import UsageError
from holdfast.domain.pin import parse_pin
from holdfast.presenters.following import PIN_HINT
from holdfast.ui.widgets.buttons import button
from holdfast.ui.widgets.fields import Field
from holdfast.ui.widgets.text import GAP


class PinLine(QWidget):
    """given: a tag or a commit, "" for the commit that serves."""

    given = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.wanted = QLineEdit()
        self.wanted.setPlaceholderText(PIN_HINT)
        self._field = Field("Pin to", self.wanted)
        self.pin = button("Pin", self._give, "primary")
        self.cancel = button("Cancel", self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP)
        row.addWidget(self._field, 1)
        for part in (self.pin, self.cancel):
            # on one line with the field, beneath whose title and above whose note it is
            row.addWidget(part)
        self.wanted.returnPressed.connect(self._give)
        self.hide()

    def ask(self) -> None:
        self.wanted.clear()
        self._field.refuse("")
        self.show()
        self.wanted.setFocus()

    def _give(self) -> None:
        text = self.wanted.text().strip()
        try:
            wanted = parse_pin(text) if text else ""
        except UsageError as error:
            self._field.refuse(error.why)
            return
        self.hide()
        self.given.emit(wanted)
