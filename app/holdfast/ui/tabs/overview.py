"""Overview: the four promises as cards, their evidence, and the facts of the app."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout

from holdfast.domain.app import AppState
from holdfast.domain.node import AppSummary
from holdfast.domain.requests import Promise
from holdfast.presenters.app_page import TITLES, Card, cards, checked_line, cpu_words, facts
from holdfast.presenters.quantities import share
from holdfast.ui.app_reader import AppReader
from holdfast.ui.widgets.buttons import button
from holdfast.ui.widgets.card import PromiseCard
from holdfast.ui.widgets.log_tail import LogTail
from holdfast.ui.widgets.page import scrolling
from holdfast.ui.widgets.parts import FactsCard
from holdfast.ui.widgets.tab import Tab
from holdfast.ui.widgets.text import WIDE, frame, label
from holdfast.ui.widgets.trend import TrendCard
from holdfast.ui.workbench import Workbench


class OverviewTab(Tab):
    def __init__(self, bench: Workbench, reader: AppReader) -> None:
        super().__init__()
        self._bench = bench
        self._reader = reader
        self._shown: Promise | None = None
        self.cards: dict[Promise, PromiseCard] = {}
        self._grid = QGridLayout()
        self._grid.setSpacing(WIDE)
        self._checked = label("", "muted")
        self._again = button("Check again", reader.read, "link")
        self.evidence = FactsCard()
        self.evidence.hide()
        self.cpu, self.memory = TrendCard(bench.theme, "CPU"), TrendCard(bench.theme, "Memory")
        self._plots = frame("plain")
        self._facts = FactsCard()
        self.log = LogTail(bench, reader.name)
        self._lay_out()
        reader.changed.connect(self.refresh)
        self.refresh()

    def enter(self) -> None:
        self.log.enter()

    def leave(self) -> None:
        self.log.leave()

    def refresh(self) -> None:
        app = self._reader.app
        if app is None:
            return
        known = self._reader.known
        drawn = cards(app, known, self._bench.watch.now())
        for at, card in enumerate(drawn):
            self._show_card(at, card)
        self._show_evidence(drawn)
        self._show_usage(app)
        found = facts(app, known, self._bench.watch.now())
        self._facts.show_facts(found)
        self._facts.setVisible(bool(found))
        self._checked.setText(checked_line(known, self._bench.watch.now()))
        self._again.setEnabled(not known.checking)
        self._again.setVisible(app.state is AppState.RUNNING)

    def _lay_out(self) -> None:
        inside = frame("plain")
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(WIDE)
        column.addLayout(self._grid)
        line = QHBoxLayout()
        line.addWidget(self._checked)
        line.addWidget(self._again)
        line.addStretch()
        column.addLayout(line)
        column.addWidget(self.evidence)
        column.addLayout(self._lay_out_facts())
        column.addWidget(self.log)
        column.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(scrolling(inside, "Overview"))

    def _lay_out_facts(self) -> QHBoxLayout:
        """The facts, and beside them what the app used, while it runs."""
        plots = QVBoxLayout(self._plots)
        plots.setContentsMargins(0, 0, 0, 0)
        plots.setSpacing(WIDE)
        for card in (self.cpu, self.memory):
            plots.addWidget(card)
        row = QHBoxLayout()
        row.setSpacing(WIDE)
        row.addWidget(self._facts, 1)
        row.addWidget(self._plots, 1)
        return row

    def _show_card(self, at: int, card: Card) -> None:
        if card.promise not in self.cards:
            made = PromiseCard(self._bench.theme, card)
            made.evidence_wanted.connect(self._toggle_evidence)
            self.cards[card.promise] = made
            self._grid.addWidget(made, at // 2, at % 2)
            self._grid.setColumnStretch(at % 2, 1)
        self.cards[card.promise].show_card(card)

    def _show_usage(self, app: AppSummary) -> None:
        usage, now = self._bench.watch.usage, self._bench.watch.now()
        marks = usage.marks(app, now)
        self.cpu.show_trend(cpu_words(app), usage.cpu(app, now), marks)
        used = share(app.memory_bytes, app.memory_limit)
        self.memory.show_trend(used, usage.memory(app, now), marks)
        self._plots.setVisible(app.memory_bytes is not None)

    def _toggle_evidence(self, promise: Promise) -> None:
        self._shown = None if self._shown is promise else promise
        self.refresh()

    def _show_evidence(self, drawn: tuple[Card, ...]) -> None:
        found = next((card.evidence for card in drawn if card.promise is self._shown), ())
        self.evidence.setVisible(bool(found))
        self.evidence.show_facts(found)
        if self._shown is not None:
            self.evidence.setAccessibleName(f"Evidence: {TITLES[self._shown]}")
