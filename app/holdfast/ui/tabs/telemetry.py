"""What leaves an app: usage statistics, what its page may load from, and a plain list of both."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from holdfast.domain.operation import Operation, Outcome
from holdfast.domain.page_sources import Allowed
from holdfast.domain.requests import AppTelemetry, TelemetryApplied
from holdfast.domain.telemetry import Telemetry
from holdfast.presenters import telemetry as words
from holdfast.presenters.problem import explain
from holdfast.ui.app_reader import AppReader
from holdfast.ui.widgets.buttons import button, reword
from holdfast.ui.widgets.choice import Choice
from holdfast.ui.widgets.fields import Field
from holdfast.ui.widgets.notice import NoticeBar, ProblemBox
from holdfast.ui.widgets.page import scrolling
from holdfast.ui.widgets.parts import PartsCard
from holdfast.ui.widgets.tab import Tab
from holdfast.ui.widgets.text import GAP, WIDE, frame, label
from holdfast.ui.workbench import Workbench


class TelemetryTab(Tab):
    def __init__(self, bench: Workbench, reader: AppReader) -> None:
        super().__init__()
        self._bench = bench
        self._reader = reader
        self._told: AppTelemetry | None = None
        self._later = False
        self.choice, self.allowed, self.hosts = Choice(), Choice(), QLineEdit()
        for telemetry, text in words.CHOICES.items():
            self.choice.addItem(text, telemetry)
        for allowed, text in words.SOURCES.items():
            self.allowed.addItem(text, allowed)
        self.hosts.setPlaceholderText(words.HOSTS_HINT)
        self.statistics = Field("Usage statistics", self.choice)
        self._sources = Field("The page may load from", self.allowed)
        self._hosts = Field("Hosts", self.hosts)
        self.confirm, self._problem = NoticeBar(), ProblemBox()
        self._reading = label(words.READING, "muted", wrap=True)
        self.apply = button("Apply", lambda: self._set(later=False), "primary")
        self.at_next_start = button("", lambda: self._set(later=True))
        self.apply_sources = button("Apply", self._set_sources)
        self.list_used = button(words.LIST_THEM, self._list_used)
        self.receipt = label("", "muted", wrap=True)
        self.receipt.hide()
        self._buttons = _bar(self.apply, self.at_next_start)
        self.leaves, self.used = PartsCard(words.LEAVES), PartsCard(words.USED)
        self._lay_out()
        self._connect()
        self.reload()

    def reload(self) -> None:
        self._bench.runner.ask(self._bench.desk.telemetry(self._reader.name), self._read)

    def _read(self, outcome: Outcome[AppTelemetry]) -> None:
        if outcome.cancelled:
            return
        if outcome.result is None:
            self._told = None
            self._reading.setText(words.UNKNOWN)
        else:
            self._show(outcome.result)
        self._body.setVisible(self._told is not None)
        self._reading.setVisible(self._told is None)

    def _show(self, told: AppTelemetry) -> None:
        self._told = told
        self.choice.setCurrentIndex(self.choice.findData(told.choice))
        self.allowed.setCurrentIndex(self.allowed.findData(told.sources.allowed))
        self.hosts.setText(" ".join(told.sources.hosts))
        self.leaves.show_parts(words.leaves(told))
        self.used.show_parts(words.used_parts(told))
        self.used.setVisible(bool(told.used))
        self._judge()

    def _judge(self) -> None:
        """After every change: what can be applied is offered."""
        told = self._told
        if told is None:
            return
        choice, allowed = Telemetry(self.choice.currentData()), Allowed(self.allowed.currentData())
        applying = words.applying(self._reader.app)
        differs = choice is not told.choice
        self.statistics.note(words.statement(told))
        for made, text in ((self.apply, applying.now), (self.at_next_start, applying.later)):
            reword(made, text)
            made.setVisible(differs and bool(text))
        self.confirm.hide()
        self._buttons.setVisible(differs)
        sources, wrong = words.parsed(allowed, self.hosts.text())
        self._hosts.setVisible(allowed is not Allowed.OWN)
        changed = sources != told.sources
        self._hosts.refuse(wrong if changed else "")
        self._sources.note(words.about_sources(allowed, told.quiet))
        lacks = words.with_used(told, self.hosts.text()) != self.hosts.text()
        self.list_used.setVisible(lacks and allowed is Allowed.LISTED)
        self.apply_sources.setVisible(changed)
        self.apply_sources.setEnabled(sources is not None)

    def _set(self, later: bool) -> None:
        if self._told is None:
            return
        self._later = later
        question = words.asks_first(self._told, Telemetry(self.choice.currentData()))
        if question is None:
            self._store()
        else:
            self.confirm.show_notice(question)
            self._buttons.hide()

    def _store(self) -> None:
        chosen = Telemetry(self.choice.currentData())
        # whoever is here was asked, or did not have to be
        operation = self._bench.desk.set_telemetry(self._reader.name, chosen, True, self._later)
        self._start(operation)

    def _list_used(self) -> None:
        if self._told is not None:
            self.hosts.setText(words.with_used(self._told, self.hosts.text()))

    def _set_sources(self) -> None:
        allowed = Allowed(self.allowed.currentData())
        sources, _ = words.parsed(allowed, self.hosts.text())
        if sources is not None:
            self._start(self._bench.desk.set_page_sources(self._reader.name, sources))

    def _start(self, operation: Operation[TelemetryApplied]) -> None:
        self.confirm.hide()
        self.receipt.hide()
        self._problem.show_problem(None)
        self._body.setEnabled(False)
        self._bench.runner.start(operation).finished.connect(self._stored)

    def _stored(self, outcome: Outcome[TelemetryApplied]) -> None:
        self._body.setEnabled(True)
        if outcome.error is not None:
            self._problem.show_problem(explain(outcome.error))
        told = words.figures_sentence(outcome.result) if outcome.result is not None else ""
        self.receipt.setText(told)
        self.receipt.setVisible(bool(told))
        self.reload()

    def _connect(self) -> None:
        self.choice.currentIndexChanged.connect(self._judge)
        self.allowed.currentIndexChanged.connect(self._judge)
        self.hosts.textChanged.connect(self._judge)
        self.confirm.acted.connect(self._store)
        self._reader.changed.connect(self._judge)
        self._reader.renewed.connect(self.reload)

    def _lay_out(self) -> None:
        too = label(words.FIGURES_TOO, "muted", wrap=True)
        statistics = _card(self.statistics, too, self._buttons, self.receipt)
        live = label(words.LIVE, "muted", wrap=True)
        sources = _card(self._sources, self._hosts, live, _bar(self.apply_sources, self.list_used))
        self._body = frame("plain")
        inside = QVBoxLayout(self._body)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(WIDE)
        pair = QHBoxLayout()
        pair.setSpacing(WIDE)
        pair.addWidget(statistics, 1)
        pair.addWidget(sources, 1)
        inside.addWidget(self.confirm)
        inside.addLayout(pair)
        inside.addWidget(self.used)
        inside.addWidget(self.leaves)
        inside.addStretch()
        self._body.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(WIDE)
        column.addWidget(self._reading)
        column.addWidget(self._problem)
        column.addWidget(scrolling(self._body, "What leaves the app"), 1)


def _card(*parts: QWidget) -> QWidget:
    made = frame("card")
    column = QVBoxLayout(made)
    column.setContentsMargins(WIDE, WIDE, WIDE, WIDE)
    column.setSpacing(WIDE)
    for part in parts:
        column.addWidget(part)
    column.addStretch()
    return made


def _bar(*parts: QWidget) -> QWidget:
    made = frame("plain")
    row = QHBoxLayout(made)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(GAP)
    for part in parts:
        row.addWidget(part)
    row.addStretch()
    return made
