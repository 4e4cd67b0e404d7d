"""Seal, which asks once more in its own place before every app stops."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from holdfast.presenters.unsealing import CANCEL, SEAL, SEAL_NOW, SEAL_TEXT
from holdfast.ui.widgets.buttons import button
from holdfast.ui.widgets.text import GAP, label


class SealButton(QWidget):
    """confirmed: the node is to be sealed."""

    confirmed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.ask = button(SEAL, lambda: self._show(True))
        self.now, self.cancel = button(SEAL_NOW, self._seal, "danger"), button(CANCEL, self._leave)
        self._question = QWidget()
        column = QVBoxLayout(self._question)
        column.setContentsMargins(8, 4, 8, 0)
        column.setSpacing(GAP)
        column.addWidget(label(SEAL_TEXT, wrap=True))
        row = QHBoxLayout()
        row.setSpacing(GAP)
        row.addWidget(self.now)
        row.addWidget(self.cancel)
        column.addLayout(row)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.ask)
        whole.addWidget(self._question)
        self._show(False)

    def _show(self, asking: bool) -> None:
        self.ask.setVisible(not asking)
        self._question.setVisible(asking)
        if asking:
            self.cancel.setFocus()

    def _leave(self) -> None:
        self._show(False)
        self.ask.setFocus()

    def _seal(self) -> None:
        self._show(False)
        self.confirmed.emit()
