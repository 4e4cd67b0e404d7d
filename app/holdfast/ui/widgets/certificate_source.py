"""Where an app's visitor certificate comes from: told, and changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QFileDialog, QFrame, QHBoxLayout, QLineEdit, QVBoxLayout

from holdfast.domain.acme import AcmeServer
from holdfast.domain.certificate import CertificateSource, WatchedCertificate
from holdfast.domain.operation import Operation, Outcome
from holdfast.presenters import certificate_source as words
from holdfast.presenters.problem import explain
from holdfast.ui.widgets.buttons import button
from holdfast.ui.widgets.fields import Field
from holdfast.ui.widgets.notice import ProblemBox
from holdfast.ui.widgets.text import GAP, WIDE, label
from holdfast.ui.workbench import Workbench


class CertificateSourceCard(QFrame):
    """changed: another certificate is served now, or an attempt at it has failed."""

    changed = Signal()

    def __init__(self, bench: Workbench) -> None:
        super().__init__()
        self.setProperty("surface", "card")
        self._bench = bench
        self._row: WatchedCertificate | None = None
        self.sentence = label("", "muted", wrap=True)
        self.directory, self.email = QLineEdit(), QLineEdit()
        self.directory.setPlaceholderText(words.SERVER_HINT)
        self.email.setPlaceholderText(words.EMAIL_HINT)
        self.server = Field(words.SERVER, self.directory)
        self.contact = Field(words.EMAIL, self.email)
        self.agree = QCheckBox(words.AGREE)
        self.authority = button(words.CHOOSE_CA, self._choose)
        self._roots = b""
        self.get = button(words.GET, self._get, "primary")
        self.renew = button(words.RENEW, self._renew)
        self.drop = button(words.DROP, self._drop)
        self._problem = ProblemBox()
        self._lay_out()
        for written in (self.directory, self.email):
            written.textChanged.connect(self._judge)
        self.agree.toggled.connect(self._judge)

    def show_source(self, row: WatchedCertificate) -> None:
        if self._row is None or self._row.key != row.key:
            self._problem.show_problem(None)
            self.agree.setChecked(False)
            self._roots = b""
            self.authority.setText(words.CHOOSE_CA)
        self._row = row
        self.setVisible(words.can_choose(row))
        self.sentence.setText(words.sentence(row))
        self._judge()

    def _judge(self) -> None:
        """After every change: what can be done is offered."""
        source = self._row.source if self._row is not None else None
        internal = source is CertificateSource.INTERNAL
        for part in (self.server, self.contact, self.agree, self.get, self.authority):
            part.setVisible(internal)
        self.renew.setVisible(source is CertificateSource.ACME)
        self.drop.setVisible(source is CertificateSource.ACME)
        _, wrong = words.parsed(self.directory.text(), "")
        self.server.refuse(wrong)
        _, wrong = words.parsed("", self.email.text())
        self.contact.refuse(wrong)
        wanted, _ = self._parsed()
        self.get.setEnabled(wanted is not None and self.agree.isChecked())

    def take_authority(self, file: Path) -> None:
        """Trust what stands in this file, for the server that is written here."""
        try:
            roots = file.read_bytes()
        except OSError as error:
            self._problem.show_problem(explain(error))
            return
        _, wrong = words.parsed("", "", roots)
        self._roots = b"" if wrong else roots
        self.authority.setText(words.CHOOSE_CA if wrong else file.name)
        if wrong:
            self.server.refuse(wrong)

    def _parsed(self) -> tuple[AcmeServer | None, str]:
        return words.parsed(self.directory.text(), self.email.text(), self._roots)

    def _choose(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, words.CHOOSE_CA)
        if name:
            self.take_authority(Path(name))

    def _get(self) -> None:
        server, _ = self._parsed()
        if server is not None and self._row is not None and self._row.app is not None:
            self._start(self._bench.desk.use_acme(self._row.app, server))

    def _renew(self) -> None:
        if self._row is not None and self._row.app is not None:
            self._start(self._bench.desk.renew_acme(self._row.app))

    def _drop(self) -> None:
        if self._row is not None and self._row.app is not None:
            self._start(self._bench.desk.drop_certificate(self._row.app))

    def _start(self, operation: Operation[Any]) -> None:
        self._problem.show_problem(None)
        self.setEnabled(False)
        self._bench.runner.start(operation).finished.connect(self._done)

    def _done(self, outcome: Outcome[Any]) -> None:
        self.setEnabled(True)
        if outcome.error is not None:
            self._problem.show_problem(explain(outcome.error))
        self.changed.emit()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(WIDE, WIDE, WIDE, WIDE)
        column.setSpacing(12)
        fields, acts = QHBoxLayout(), QHBoxLayout()
        fields.setSpacing(WIDE)
        for field in (self.server, self.contact):
            fields.addWidget(field, 1, Qt.AlignmentFlag.AlignTop)
        acts.setSpacing(GAP)
        for act in (self.get, self.renew, self.drop):
            acts.addWidget(act)
        acts.addStretch()
        acts.addWidget(self.authority)
        column.addWidget(label(words.TITLE, "head"))
        column.addWidget(self.sentence)
        column.addLayout(fields)
        column.addWidget(self.agree)
        column.addLayout(acts)
        column.addWidget(self._problem)
        self._judge()
