"""Settings of the window, and the facts of the node."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QRadioButton, QVBoxLayout

from holdfast.domain.node import NodeStatus
from holdfast.domain.operation import Outcome
from holdfast.presenters import unsealing
from holdfast.presenters.node_panel import node_facts
from holdfast.presenters.problem import explain
from holdfast.ui.theme import Mode
from holdfast.ui.widgets.notice import ProblemBox
from holdfast.ui.widgets.page import Page, scrolling
from holdfast.ui.widgets.parts import FactsCard
from holdfast.ui.widgets.publication_card import PublicationCard
from holdfast.ui.widgets.text import WIDE, frame, label
from holdfast.ui.workbench import Workbench

_MODES = ((Mode.SYSTEM, "As the system"), (Mode.LIGHT, "Light"), (Mode.DARK, "Dark"))


class SettingsScreen(Page):
    def __init__(self, bench: Workbench) -> None:
        super().__init__("Settings")
        self._bench = bench
        self.modes, self.unsealing = QButtonGroup(self), QButtonGroup(self)
        self.explained = label("", "muted", wrap=True)
        self.publication = PublicationCard(bench)
        self._facts = FactsCard(f"Node: {bench.node_name}")
        self._problem = ProblemBox(can_retry=True)
        self._problem.retry.connect(self.reload)
        inside = frame("plain")
        inside.setMaximumWidth(720)
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(WIDE)
        column.addWidget(self._make_appearance())
        column.addWidget(self._make_unsealing())
        column.addWidget(self.publication)
        column.addWidget(self._problem)
        column.addWidget(self._facts)
        column.addStretch()
        self.body.addWidget(scrolling(inside, "Settings"), 1)
        self.reload()

    def reload(self) -> None:
        self._problem.show_problem(None)
        self._bench.runner.ask(self._bench.desk.status(), self._read)
        self.publication.reload()

    def _make_appearance(self) -> QFrame:
        card, _ = _choices("Theme", self.modes, [(words, False) for _, words in _MODES])
        self.modes.idClicked.connect(self._choose)
        self._bench.theme.changed.connect(self._show_mode)
        self._show_mode()
        return card

    def _make_unsealing(self) -> QFrame:
        chosen = self._bench.keeper.mode
        offered = [(words, mode is chosen) for mode, words in unsealing.MODES]
        card, column = _choices(unsealing.TITLE, self.unsealing, offered)
        column.addWidget(self.explained)
        self.explained.setText(unsealing.EXPLAINED[chosen])
        self.unsealing.idClicked.connect(self._choose_unsealing)
        return card

    def _show_mode(self) -> None:
        shown = [mode for mode, _ in _MODES].index(self._bench.theme.mode)
        self.modes.button(shown).setChecked(True)

    def _choose(self, at: int) -> None:
        mode = _MODES[at][0]
        self._bench.theme.choose(mode)
        self._bench.preferences.mode = mode

    def _choose_unsealing(self, at: int) -> None:
        mode = unsealing.MODES[at][0]
        self._bench.keeper.choose(mode)
        self.explained.setText(unsealing.EXPLAINED[mode])

    def _read(self, outcome: Outcome[NodeStatus]) -> None:
        self._facts.setVisible(outcome.result is not None)
        if outcome.error is not None:
            self._problem.show_problem(explain(outcome.error))
        elif outcome.result is not None:
            self._facts.show_facts(node_facts(outcome.result))


def _choices(
    title: str, group: QButtonGroup, offered: Sequence[tuple[str, bool]]
) -> tuple[QFrame, QVBoxLayout]:
    """A card with one choice out of several in a row. offered: words, and whether it is chosen."""
    card = frame("card")
    column = QVBoxLayout(card)
    column.setContentsMargins(WIDE, WIDE, WIDE, WIDE)
    column.setSpacing(12)
    column.addWidget(label(title, "head"))
    row = QHBoxLayout()
    row.setSpacing(WIDE)
    for at, (words, chosen) in enumerate(offered):
        choice = QRadioButton(words)
        choice.setAccessibleName(f"{title}: {words}")
        choice.setChecked(chosen)
        group.addButton(choice, at)
        row.addWidget(choice)
    row.addStretch()
    column.addLayout(row)
    return card, column
