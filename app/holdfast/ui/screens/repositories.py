"""The repositories of the node: how each is reached, when it last answered, which apps use it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from holdfast.domain.connection import ConnectionRequest, CredentialKind, Repository
from holdfast.domain.errors import HoldfastError
from holdfast.domain.node import Removal
from holdfast.domain.operation import Operation, Outcome
from holdfast.domain.pasted_credential import split_credential
from holdfast.presenters.notices import Notice, offline
from holdfast.presenters.problem import Problem, explain
from holdfast.presenters.repositories import (
    ACCEPT_ANYWAY,
    ACCEPT_KEY,
    COLUMNS,
    NONE_YET,
    READING,
    REMOVE,
    REMOVE_ANYWAY,
    host_key_warning,
    removal_warning,
    repository_facts,
    repository_row,
    rotate_word,
)
from holdfast.ui.runner import RunningOperation
from holdfast.ui.widgets.buttons import button, reword
from holdfast.ui.widgets.connect_card import ConnectCard
from holdfast.ui.widgets.list_page import ListPage
from holdfast.ui.widgets.list_view import ListView
from holdfast.ui.widgets.notice import ProblemBox
from holdfast.ui.widgets.parts import FactsCard
from holdfast.ui.widgets.text import GAP, label, selectable
from holdfast.ui.workbench import Workbench


class RepositoriesScreen(ListPage):
    """Read when it is looked at, and with F5."""

    def __init__(self, bench: Workbench) -> None:
        listed = ListView(bench.theme, COLUMNS, "Repositories", two_lines=False)
        listed.sort_by(0)
        super().__init__("Repositories", "repository", listed)
        self._bench = bench
        self._found: dict[str, Repository] = {}
        self._asked: RunningOperation | None = None
        self._trouble: Problem | None = None
        self.add = button("Add repository", self.begin_adding, "primary")
        self.header.addWidget(self.add)
        self.address = QLineEdit()
        self.address.setPlaceholderText("git@github.com:team/sales-board.git")
        self.address.setAccessibleName("Address of the repository")
        self.connect_it = button("Connect", self._add, "primary")
        self.cancel = button("Cancel", self._end_adding)
        self._adding = self._make_adding()
        self.card = ConnectCard(bench)
        self.problem = ProblemBox()
        self._facts = FactsCard()
        self.check = button("Test", self._check)
        self.show_key = button("Show key", self._show_key)
        self.rotate = button("", self._rotate)
        self.remove = button(REMOVE, self._remove)
        self.accept_key = button(ACCEPT_KEY, self._accept_key)
        self._warning = label("", "warn", wrap=True)
        self.by_hand = selectable(label("", "warn", wrap=True))
        self.by_hand.hide()
        self._detail = self._make_detail()
        for part in (self._adding, self.card, self.problem, self.by_hand):
            self.body.addWidget(part)
        self.body.addWidget(self.stack, 1)
        self.body.addWidget(self._detail)
        self._connect()
        self.reload()

    def reload(self) -> None:
        if self._asked is None:
            self._asked = self._bench.runner.ask(self._bench.desk.repositories(), self._answer)
        self.refresh()

    def begin_adding(self) -> None:
        self._adding.show()
        self.address.setFocus()

    def refresh(self) -> None:
        now = datetime.now(UTC)
        rows = [repository_row(each, now) for each in self._found.values()]
        self.show_rows(rows, self._none())
        self._show_detail()

    @property
    def chosen(self) -> Repository | None:
        return self._found.get(self.list.current_key or "")

    def _make_adding(self) -> QWidget:
        made = QWidget()
        row = QHBoxLayout(made)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP)
        row.addWidget(self.address, 1)
        row.addWidget(self.connect_it)
        row.addWidget(self.cancel)
        made.hide()
        return made

    def _end_adding(self) -> None:
        self.address.clear()
        for part in (self._adding, self.card, self.problem):
            part.hide()

    def _make_detail(self) -> QWidget:
        made = QWidget()
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        column.addWidget(self._facts)
        column.addWidget(self._warning)
        row = QHBoxLayout()
        row.setSpacing(GAP)
        for part in (self.check, self.accept_key, self.show_key, self.rotate, self.remove):
            row.addWidget(part)
        row.addStretch()
        column.addLayout(row)
        return made

    def _connect(self) -> None:
        self.address.returnPressed.connect(self._add)
        self.card.connected.connect(self._connected)
        self.list.chosen.connect(self._show_detail)

    def _add(self) -> None:
        address, pasted = split_credential(self.address.text().strip())
        self.card.hide()
        try:
            if pasted is not None:
                self.card.keep(address, pasted)
            else:
                self.card.start(address)
        except HoldfastError as error:
            self.problem.show_problem(explain(error))
            return
        self.address.setText(address)
        self.problem.show_problem(None)

    def _connected(self) -> None:
        self._end_adding()
        self.reload()

    def _answer(self, outcome: Outcome[tuple[Repository, ...]]) -> None:
        self._asked = None
        self._trouble = explain(outcome.error) if outcome.error else None
        if outcome.result is not None:
            self._found = {each.address: each for each in outcome.result}
        self.refresh()

    def _none(self) -> Notice:
        if self._trouble is not None:
            return offline(self._trouble, seen=False)
        return READING if self._asked is not None else NONE_YET

    def _show_detail(self) -> None:
        chosen = self.chosen
        self._warning.hide()
        reword(self.remove, REMOVE)
        reword(self.accept_key, ACCEPT_KEY)
        self._detail.setVisible(chosen is not None)
        if chosen is not None:
            kept = chosen.credential is not CredentialKind.NONE
            self._facts.show_facts(repository_facts(chosen, datetime.now(UTC)))
            self.check.setVisible(not chosen.address.startswith("/"))
            self.accept_key.setVisible(chosen.offered_host_key is not None)
            self.show_key.setVisible(bool(chosen.public_key))
            self.rotate.setVisible(kept)
            reword(self.rotate, rotate_word(chosen))
            self.remove.setVisible(kept)

    def _check(self) -> None:
        if self.chosen is not None:
            self._do(self._bench.desk.check_repository(self.chosen.address))

    def _accept_key(self) -> None:
        """Asks once; then the host is held to what it shows, and is tried."""
        if (chosen := self.chosen) is None:
            return
        if self.accept_key.text() != ACCEPT_ANYWAY:
            self._show_detail()
            self._warning.setText(host_key_warning(chosen))
            self._warning.show()
            reword(self.accept_key, ACCEPT_ANYWAY)
            return
        wanted = ConnectionRequest(address=chosen.address, host_key=chosen.offered_host_key)
        self._do(self._bench.desk.connect_repository(wanted))

    def _show_key(self) -> None:
        if self.chosen is not None:
            self.card.show_key(self.chosen)

    def _rotate(self) -> None:
        if (chosen := self.chosen) is None:
            return
        if chosen.credential.is_token:
            bearer = chosen.credential is CredentialKind.BEARER_TOKEN
            self.card.start(chosen.address, bearer, chosen.user)
            return
        if chosen.agent_key is not None:
            self.card.choose_agent_key(chosen.address)
            return
        self._do(self._bench.desk.rotate_key(chosen.address), show_key=True)

    def _remove(self) -> None:
        """Asks once more where apps would lose their way to the repository."""
        if (chosen := self.chosen) is None:
            return
        warning = removal_warning(chosen)
        if warning and self._warning.isHidden():
            self._warning.setText(warning)
            self._warning.show()
            reword(self.remove, REMOVE_ANYWAY)
            return
        self._do(self._bench.desk.disconnect_repository(chosen.address, anyway=bool(warning)))

    def _do(self, operation: Operation[Any], show_key: bool = False) -> None:
        def answered(outcome: Outcome[Any]) -> None:
            self.problem.show_problem(explain(outcome.error) if outcome.error else None)
            self.card.hide()
            result = outcome.result
            if show_key and isinstance(result, Repository) and not result.installed:
                self.card.show_key(result)
            told = result.by_hand if isinstance(result, Removal) else ()
            self.by_hand.setText(" ".join(told))
            self.by_hand.setVisible(bool(told))
            self.reload()

        self._bench.runner.ask(operation, answered)

    def _help(self) -> None:
        if self.search.text() or self._trouble is not None:
            super()._help()
        else:
            self.begin_adding()
