"""Every certificate that the node depends on: how long it lasts, and whether it is served."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
)

from holdfast.domain.certificate import Certificate, Renewed, Trusted
from holdfast.domain.operation import Outcome
from holdfast.presenters import certificates_page as words
from holdfast.presenters.certificates import trusted_line
from holdfast.presenters.notices import Notice, no_match, offline
from holdfast.presenters.problem import Problem, explain
from holdfast.ui.widgets.buttons import button
from holdfast.ui.widgets.certificate_details import CertificateDetails
from holdfast.ui.widgets.list_view import ListView
from holdfast.ui.widgets.notice import Placeholder, ProblemBox
from holdfast.ui.widgets.page import Page, search_box
from holdfast.ui.widgets.parts import PartsCard
from holdfast.ui.widgets.text import GAP, WIDE, frame, label
from holdfast.ui.workbench import Workbench


class CertificatesScreen(Page):
    def __init__(self, bench: Workbench) -> None:
        super().__init__("Certificates")
        self._bench = bench
        self.search = search_box("Search certificates", "Search certificates")
        self.renew = button(words.RENEW, self._renew, "primary")
        self.header.addWidget(self.search)
        self.header.addWidget(self.renew)
        self._summary, self._reach = label("", wrap=True), label("", "muted", wrap=True)
        self.check = button(words.CHECK, self.reload)
        self.export = button(words.EXPORT, self._export)
        self.trust = button(words.TRUST, self._trust)
        self._trusted = PartsCard(words.TRUST)
        self._trusted.hide()
        self.list = ListView(bench.theme, words.COLUMNS, "Certificates")
        self.list.sort_by(2)
        self.details = CertificateDetails()
        self.instead = Placeholder()
        self._failed: Problem | None = None
        self._problem = ProblemBox(can_retry=True)
        self._line = frame("plain")
        self._split = QSplitter(Qt.Orientation.Vertical)
        self._stack = QStackedWidget()
        self.body.addWidget(self._problem)
        self._lay_out()
        self._connect()
        self.refresh()
        self.reload()

    def enter(self) -> None:
        self.list.setFocus()

    def leave(self) -> None:
        self._trusted.hide()

    def search_field(self) -> QLineEdit:
        return self.search

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
            self.list.show_rows(words.certificate_rows(found))
        self.check.setEnabled(not watch.reading)
        instead = self._in_place_of_the_list()
        self._line.setVisible(found is not None)
        for part in (self.search, self.renew, self.export, self.trust):
            part.setVisible(found is not None and bool(found.rows))
        if instead is not None:
            self.instead.show_notice(instead)
        self._stack.setCurrentIndex(0 if instead is None else 1)
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
        self._split.setHandleWidth(WIDE)
        self._split.setChildrenCollapsible(False)
        self._split.addWidget(self.list)
        self._split.addWidget(self.details)
        self._split.setStretchFactor(0, 3)
        self._split.setStretchFactor(1, 2)
        self._stack.addWidget(self._split)
        self._stack.addWidget(self.instead)
        self.body.addWidget(self._line)
        self.body.addWidget(self._trusted)
        self.body.addWidget(self._stack, 1)

    def _connect(self) -> None:
        self._problem.retry.connect(self.reload)
        self.search.textChanged.connect(self._filter)
        self.instead.acted.connect(self._help)
        self.list.chosen.connect(self._show_details)
        self._bench.certificates.changed.connect(self.refresh)

    def _show_details(self) -> None:
        found, key = self._bench.certificates.found, self.list.current_key
        row = next((row for row in found.rows if row.key == key), None) if found else None
        self.details.setVisible(row is not None)
        if found is not None and row is not None:
            self.details.show_certificate(row, found.looked)

    def _in_place_of_the_list(self) -> Notice | None:
        if self.list.filtered.rowCount():
            return None
        watch = self._bench.certificates
        if watch.found is not None and watch.found.rows:
            return no_match("certificate", self.search.text())
        problem = watch.problem or self._bench.watch.problem
        if problem is not None:
            return offline(problem, seen=False)
        return words.NONE if watch.found is not None else words.READING

    def _filter(self, needle: str) -> None:
        self.list.filtered.look_for(needle)
        self.refresh()

    def _help(self) -> None:
        if self.search.text():
            self.search.clear()
        else:
            self.reload()

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
