"""Proof: what was planted on the node, what was searched for it, and what that came to."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from holdfast.domain.operation import Outcome, Update
from holdfast.domain.proof import Proof
from holdfast.presenters import proof as words
from holdfast.presenters.problem import explain
from holdfast.presenters.quantities import exact
from holdfast.ui.app_reader import AppReader
from holdfast.ui.runner import RunningOperation
from holdfast.ui.widgets.buttons import button
from holdfast.ui.widgets.notice import ProblemBox
from holdfast.ui.widgets.operation_view import OperationView
from holdfast.ui.widgets.page import scrolling
from holdfast.ui.widgets.parts import PartsCard
from holdfast.ui.widgets.tab import Tab
from holdfast.ui.widgets.text import GAP, WIDE, StateLabel, frame, label, selectable
from holdfast.ui.workbench import Workbench


class ProofTab(Tab):
    def __init__(self, bench: Workbench, reader: AppReader) -> None:
        super().__init__()
        self._bench = bench
        self._reader = reader
        self._proof: Proof | None = None
        self._state = StateLabel(bench.theme, words.NEVER)
        self.sentence = selectable(label("", wrap=True))
        self._remedy, self._when = label("", wrap=True), label("", "muted")
        self.prove = button(words.PROVE, self._prove, "primary")
        self.prove.setAccessibleName(f"Prove {reader.name}")
        self._problem = ProblemBox()
        self.view: OperationView | None = None
        self._progress = ""
        self.cards = {title: PartsCard(title) for title in words.CARDS}
        self._lay_out()
        for running in bench.runner.shown:
            self._meet(running)
        bench.runner.started.connect(self._meet)
        reader.changed.connect(self.refresh)
        reader.renewed.connect(self.reload)
        self.reload()

    def reload(self) -> None:
        if words.can_be_read(self._reader.app):
            self._bench.runner.ask(self._bench.desk.last_proof(self._reader.name), self._read)
        self.refresh()

    def refresh(self) -> None:
        app, proof, now = self._reader.app, self._proof, self._bench.watch.now()
        told = words.headline(app, proof, now)
        when = self._progress if self._runs else told.when
        self._state.show_look(told.look)
        self.sentence.setText(told.sentence)
        for part, text in ((self._remedy, told.remedy), (self._when, when)):
            part.setText(text)
            part.setVisible(bool(text))
        self._when.setToolTip(exact(proof.finished) if proof else "")
        self.prove.setText(words.PROVE_AGAIN if proof else words.PROVE)
        self.prove.setEnabled(words.can_be_proved(app) and not self._runs)
        self.prove.setToolTip(words.why_not(app))
        for title, lines in words.cards(proof).items():
            self.cards[title].show_parts(lines)
            self.cards[title].setVisible(bool(lines))

    @property
    def _runs(self) -> bool:
        return self.view is not None and self.view.running.outcome is None

    def _prove(self) -> None:
        self._problem.show_problem(None)
        self._bench.runner.start(self._bench.desk.prove(self._reader.name))

    def _meet(self, running: RunningOperation) -> None:
        """A proof of this app goes on, whoever began it."""
        if running.operation.title != words.title(self._reader.name):
            return
        self._put_away()
        self._progress = ""
        self.view = OperationView(running, self._bench.runner, self._bench.theme, compact=True)
        self._column.insertWidget(1, self.view)
        running.updated.connect(self._tell)
        running.finished.connect(self._ended)
        self.refresh()

    def _tell(self, updates: list[Update]) -> None:
        self._progress = words.progress(updates, self._progress)
        self.refresh()

    def _ended(self, outcome: Outcome[Proof]) -> None:
        if outcome.result is not None:
            self._proof = outcome.result
        if outcome.error is not None:
            self._problem.show_problem(explain(outcome.error))
        self._put_away()
        self.refresh()

    def _put_away(self) -> None:
        if self.view is not None:
            self._column.removeWidget(self.view)
            self.view.deleteLater()
            self.view = None

    def _read(self, outcome: Outcome[Proof | None]) -> None:
        if outcome.error is not None:
            self._problem.show_problem(explain(outcome.error))
        elif not outcome.cancelled:
            self._proof = outcome.result
        self.refresh()

    def _lay_out(self) -> None:
        inside = frame("plain")
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(WIDE)
        self._column.addWidget(self._lay_out_verdict())
        self._column.addWidget(self._problem)
        for row in words.ROWS:
            line = QHBoxLayout()
            line.setSpacing(WIDE)
            for title in row:
                line.addWidget(self.cards[title], 1)
            self._column.addLayout(line)
        self._column.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(scrolling(inside, "Proof"))

    def _lay_out_verdict(self) -> QWidget:
        made = frame("card")
        row = QHBoxLayout(made)
        row.setContentsMargins(WIDE, WIDE, WIDE, WIDE)
        row.setSpacing(WIDE)
        texts = QVBoxLayout()
        texts.setSpacing(GAP)
        for part in (self._state, self.sentence, self._remedy, self._when):
            texts.addWidget(part)
        row.addLayout(texts, 1)
        row.addWidget(self.prove)
        return made
