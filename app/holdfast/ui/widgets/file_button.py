"""A button that asks for one file, and hands over what is in it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QWidget

from holdfast.domain.errors import UsageError
from holdfast.presenters.private_file import read_private
from holdfast.ui.widgets.buttons import button


class FileButton(QWidget):
    """given: the file's content, bytes. refused: a UsageError, of one that cannot be read."""

    given = Signal(object)
    refused = Signal(object)

    def __init__(self, text: str, kind: str = "") -> None:
        super().__init__()
        self._text = text
        self.choose = button(text, self._choose, kind)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.choose)

    def take(self, file: Path) -> None:
        try:
            content = read_private(file)
        except UsageError as error:
            self.refused.emit(error)
            return
        self.given.emit(content)

    def _choose(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, self._text)
        if name:
            self.take(Path(name))
