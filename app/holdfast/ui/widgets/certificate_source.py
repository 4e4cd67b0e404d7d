"""Where an app's visitor certificate comes from: told, and changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QFileDialog, QFrame, QHBoxLayout, QLineEdit, QVBoxLayout

from holdfast.domain.acme import AcmeServer
from holdfast.domain.certificate import CertificateSource, WatchedCertificate
from holdfast.domain.errors import UsageError
from holdfast.domain.operation import Operation, Outcome
from holdfast.presenters import certificate_source as words
from holdfast.presenters import own_certificate as own_words
from holdfast.presenters.private_file import read_private
from holdfast.presenters.problem import explain
from holdfast.ui.widgets.buttons import button, reword
from holdfast.ui.widgets.fields import Field
from holdfast.ui.widgets.notice import NoticeBar, ProblemBox
from holdfast.ui.widgets.own_certificate import OwnCertificateForm
from holdfast.ui.widgets.text import GAP, WIDE, label
from holdfast.ui.workbench import Workbench


class CertificateSourceCard(QFrame):
    """changed: another certificate is served now, or an attempt at it has failed. appeared: a part
    of it, a QWidget, that wants to be seen."""

    changed = Signal()
    appeared = Signal(object)

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
        self.agree.setAccessibleName(words.AGREE)
        self.authority = button(words.CHOOSE_CA, self._choose)
        self._roots = b""
        self.get = button(words.GET, self._get, "primary")
        self.renew = button(words.RENEW, self._renew)
        self.drop = button(words.DROP, self._ask_drop)
        self.import_own = button(own_words.IMPORT, self.open_import)
        self.own = OwnCertificateForm()
        self.own.hide()
        self.confirm, self._problem = NoticeBar(), ProblemBox()
        self._lay_out()
        self.own.given.connect(self._import)
        self.own.left.connect(self._close_import)
        self.confirm.acted.connect(self._drop)
        for written in (self.directory, self.email):
            written.textChanged.connect(self._judge)
        self.agree.toggled.connect(self._judge)

    def show_source(self, row: WatchedCertificate) -> None:
        if self._row is None or self._row.key != row.key:
            self._settle()
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
        imports = not self.own.isHidden()
        self.sentence.setVisible(not imports)
        internal = source is CertificateSource.INTERNAL and not imports
        for part in (self.server, self.contact, self.agree, self.get, self.authority):
            part.setVisible(internal)
        self.renew.setVisible(source is CertificateSource.ACME)
        self.drop.setVisible(source is not CertificateSource.INTERNAL and not imports)
        self.import_own.setVisible(source is not CertificateSource.ACME and not imports)
        replaces = source is CertificateSource.OWN
        reword(self.import_own, own_words.REPLACE if replaces else own_words.IMPORT)
        _, wrong = words.parsed(self.directory.text(), "")
        self.server.refuse(wrong)
        _, wrong = words.parsed("", self.email.text())
        self.contact.refuse(wrong)
        wanted, _ = self._parsed()
        self.get.setEnabled(wanted is not None and self.agree.isChecked())

    def open_import(self) -> None:
        self._settle()
        self.own.show()
        self._judge()
        self.own.choose.setFocus()
        self.appeared.emit(self.own)

    def _close_import(self) -> None:
        self._settle()
        self._judge()

    def _settle(self) -> None:
        """What was begun here and not ended is forgotten."""
        self._problem.show_problem(None)
        self.confirm.show_notice(None)
        self.own.clear()
        self.own.hide()

    def take_authority(self, file: Path) -> None:
        """Trust what stands in this file, for the server that is written here."""
        try:
            roots = read_private(file)
        except UsageError as error:
            self._fail(error)
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

    def _import(self) -> None:
        if self._row is None or self._row.app is None:
            return
        try:
            files = self.own.read()
        except UsageError as error:
            self._fail(error)
            return
        self._start(self._bench.desk.import_certificate(self._row.app, files))

    def _ask_drop(self) -> None:
        """An imported one may not be at hand again."""
        if self._row is not None and self._row.source is CertificateSource.OWN:
            self.confirm.show_notice(own_words.ASK_DROP)
            self.appeared.emit(self.confirm)
        else:
            self._drop()

    def _drop(self) -> None:
        self.confirm.show_notice(None)
        if self._row is not None and self._row.app is not None:
            self._start(self._bench.desk.drop_certificate(self._row.app))

    def _start(self, operation: Operation[Any]) -> None:
        self._problem.show_problem(None)
        self.setEnabled(False)
        self._bench.runner.start(operation).finished.connect(self._done)

    def _done(self, outcome: Outcome[Any]) -> None:
        """What was refused stays, so that it can be mended."""
        self.setEnabled(True)
        if outcome.error is not None:
            self._fail(outcome.error)
        elif not outcome.cancelled:
            self._close_import()
            self.appeared.emit(self)
        self.changed.emit()

    def _fail(self, error: Exception) -> None:
        self._problem.show_problem(explain(error))
        self.appeared.emit(self._problem)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(WIDE, WIDE, WIDE, WIDE)
        column.setSpacing(12)
        fields, asks, acts = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        fields.setSpacing(WIDE)
        for field in (self.server, self.contact):
            fields.addWidget(field, 1, Qt.AlignmentFlag.AlignTop)
        asks.addWidget(self.get)
        asks.addStretch()
        asks.addWidget(self.authority)
        acts.setSpacing(GAP)
        for act in (self.renew, self.import_own, self.drop):
            acts.addWidget(act)
        acts.addStretch()
        column.addWidget(label(words.TITLE, "head"))
        column.addWidget(self.sentence)
        column.addLayout(fields)
        column.addWidget(self.agree)
        column.addLayout(asks)
        column.addLayout(acts)
        column.addWidget(self.own)
        column.addWidget(self.confirm)
        column.addWidget(self._problem)
        self._judge()
