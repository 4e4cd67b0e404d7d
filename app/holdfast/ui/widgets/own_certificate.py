"""The form that a certificate of one's own is imported with: its files, and its passphrase."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from holdfast.domain.certificate import CertificateFiles
from holdfast.presenters import own_certificate as words
from holdfast.ui.widgets.buttons import button
from holdfast.ui.widgets.fields import Field
from holdfast.ui.widgets.text import GAP, WIDE, ElidedLabel, label


class OwnCertificateForm(QWidget):
    """given: it shall be checked and served. left: rather not."""

    given = Signal()
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._files: tuple[Path, ...] = ()
        self.choose = button(words.CHOOSE, self._choose)
        self.chosen = ElidedLabel(words.NONE, "muted")
        self.passphrase = QLineEdit()
        self.passphrase.setEchoMode(QLineEdit.EchoMode.Password)
        self.passphrase.setPlaceholderText(words.PASSPHRASE_HINT)
        self.serve = button(words.SERVE, self.given.emit, "primary")
        self.leave = button(words.LEAVE, self._leave)
        self.passphrase.returnPressed.connect(self.serve.click)
        self._lay_out()
        self.clear()

    def take_files(self, files: Sequence[Path]) -> None:
        """Nothing is read yet."""
        self._files = tuple(files)
        self.chosen.show_text(words.chosen(self._files))
        self.serve.setEnabled(bool(self._files))

    def read(self) -> CertificateFiles:
        """Raises UsageError."""
        return words.read_files(self._files, self.passphrase.text())

    def clear(self) -> None:
        """A passphrase stays no longer than it is wanted."""
        self.take_files(())
        self.passphrase.clear()

    def _choose(self) -> None:
        names, _ = QFileDialog.getOpenFileNames(self, words.CHOOSE, "", words.FILES)
        if names:
            self.take_files([Path(name) for name in names])

    def _leave(self) -> None:
        self.clear()
        self.left.emit()

    def _lay_out(self) -> None:
        files, acts = QHBoxLayout(), QHBoxLayout()
        for row in (files, acts):
            row.setSpacing(GAP)
        files.addWidget(self.choose)
        files.addWidget(self.chosen, 1)
        acts.addWidget(self.serve)
        acts.addWidget(self.leave)
        acts.addStretch()
        fields = QHBoxLayout()
        fields.setSpacing(WIDE)
        secret = Field(words.PASSPHRASE, self.passphrase)
        fields.addWidget(secret, 1, Qt.AlignmentFlag.AlignTop)
        fields.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(label(words.ABOUT, "muted", wrap=True))
        for part in (files, fields, acts):
            column.addLayout(part)
