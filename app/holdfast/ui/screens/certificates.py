"""Every certificate that the node depends on: how long it lasts, and whether it is served."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QSplitter, QVBoxLayout

from holdfast.domain.certificate import Certificate, Renewed, Trusted
from holdfast.domain.operation import Outcome
from holdfast.presenters import certificates_page as words
from holdfast.presenters.certificates import trusted_line
from holdfast.presenters.notices import Notice, offline
from holdfast.presenters.problem import Problem, explain
from holdfast.ui.widgets.buttons import button
from holdfast.ui.widgets.certificate_details import CertificateDetails
from holdfast.ui.widgets.list_page import ListPage
from holdfast.ui.widgets.list_view import ListView
from holdfast.ui.widgets.notice import ProblemBox
from holdfast.ui.widgets.parts import PartsCard
from holdfast.ui.widgets.text import GAP, WIDE, frame, label
from holdfast.ui.workbench import Workbench


class CertificatesScreen(ListPage):
    def __init__(self, bench: Workbench) -> None:
        listed = ListView(bench.theme, words.COLUMNS, "Certificates")
        details = CertificateDetails(bench)
        listed.sort_by(2)
        super().__init__("Certificates", "certificate", listed, _split(listed, details))
        self.details = details
        self._bench = bench
        self.renew = button(words.RENEW, self._renew, "primary")
        self.header.addWidget(self.renew)
        self._summary, self._reach = label("", wrap=True), label("", "muted", wrap=True)
        self.check = button(words.CHECK, self.reload)
        self.export = button(words.EXPORT, self._export)
        self.trust = button(words.TRUST, self._trust)
        self._trusted = PartsCard(words.TRUST)
        self._trusted.hide()
        self._failed: Problem | None = None
        self._problem = ProblemBox(can_retry=True)
        self._line = frame("plain")
        self.body.addWidget(self._problem)
        self._lay_out()
        self._connect()
        self.refresh()
        self.reload()

    def leave(self) -> None:
        self._trusted.hide()

    def reload(self) -> None:
        self._failed = None
        self._bench.certificates.read()

    def refresh(self) -> None:
        watch = self._bench.certificates
        found = watch.found
        if found is not None:
            summary, reach = words.headline(found)
            self._summary.setText(summary)
            self._reach.setText(reach)
            self._problem.show_problem(self._failed or watch.problem)
        rows = words.certificate_rows(found) if found is not None else ()
        self.show_rows(rows, self._none())
        self.check.setEnabled(not watch.reading)
        self._line.setVisible(found is not None)
        for part in (self.renew, self.export, self.trust):
            part.setVisible(bool(rows))
        self._show_details()

    def save_authority(self, authority: Certificate, file: Path) -> None:
        """Raises OSError."""
        file.write_text(authority.pem)

    def _lay_out(self) -> None:
        row = QHBoxLayout(self._line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP)
        told = QVBoxLayout()
        told.setSpacing(2)
        told.addWidget(self._summary)
        told.addWidget(self._reach)
        row.addLayout(told, 1)
        for part in (self.check, self.export, self.trust):
            row.addWidget(part)
        self.body.addWidget(self._line)
        self.body.addWidget(self._trusted)
        self.body.addWidget(self.stack, 1)

    def _connect(self) -> None:
        self._problem.retry.connect(self.reload)
        self.details.source.changed.connect(self.reload)
        self.list.chosen.connect(self._show_details)
        self._bench.certificates.changed.connect(self.refresh)

    def _show_details(self) -> None:
        found = self._bench.certificates.found
        shown = found is not None and self.details.show_row(found, self.list.current_key)
        self.details.setVisible(shown)

    def _none(self) -> Notice:
        watch = self._bench.certificates
        problem = watch.problem or self._bench.watch.problem
        if problem is not None:
            return offline(problem, seen=False)
        return words.NONE if watch.found is not None else words.READING

    def _renew(self) -> None:
        running = self._bench.runner.start(self._bench.desk.renew_certificates())
        running.finished.connect(self._renewed)

    def _renewed(self, outcome: Outcome[Renewed]) -> None:
        self.reload()
        self._fail(outcome.error)

    def _trust(self) -> None:
        running = self._bench.runner.start(self._bench.desk.trust_authority())
        running.finished.connect(self._tell_trusted)

    def _tell_trusted(self, outcome: Outcome[Trusted]) -> None:
        self._fail(outcome.error)
        self._trusted.setVisible(outcome.result is not None)
        if outcome.result is not None:
            steps = "\n".join(outcome.result.steps)
            self._trusted.show_parts([(trusted_line(outcome.result), steps)])

    def _export(self) -> None:
        self._bench.runner.ask(self._bench.desk.export_authority(), self._choose_file)

    def _choose_file(self, outcome: Outcome[Certificate]) -> None:
        self._fail(outcome.error)
        if outcome.result is not None:
            name, _ = QFileDialog.getSaveFileName(self, words.EXPORT, "holdfast-ca.pem")
            if name:
                self._save(outcome.result, Path(name))

    def _save(self, authority: Certificate, file: Path) -> None:
        try:
            self.save_authority(authority, file)
        except OSError as error:
            self._fail(error)

    def _fail(self, error: Exception | None) -> None:
        """Why the last thing that was asked for here did not come about."""
        self._failed = explain(error) if error is not None else None
        self.refresh()


def _split(above: ListView, beneath: CertificateDetails) -> QSplitter:
    made = QSplitter(Qt.Orientation.Vertical)
    made.setHandleWidth(WIDE)
    made.setChildrenCollapsible(False)
    made.addWidget(above)
    made.addWidget(beneath)
    made.setStretchFactor(0, 3)
    made.setStretchFactor(1, 2)
    return made
