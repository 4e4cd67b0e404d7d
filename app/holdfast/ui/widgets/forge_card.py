"""One card in which a repository is found at a forge: sign in, search, choose."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from holdfast.domain.forge_account import Account, ForgeKind, NotSignedIn, Search
from holdfast.domain.operation import Outcome
from holdfast.presenters import github as words
from holdfast.presenters.problem import explain
from holdfast.ui.runner import RunningOperation
from holdfast.ui.widgets.buttons import button
from holdfast.ui.widgets.choice import Choice
from holdfast.ui.widgets.forge_sign_in import ForgeSignIn
from holdfast.ui.widgets.list_view import ListView
from holdfast.ui.widgets.text import GAP, WIDE, label
from holdfast.ui.workbench import Workbench

_PAUSE_MS = 400
_ROWS_HEIGHT = 220


class ForgeCard(QFrame):
    """chosen: the https address of a repository."""

    chosen = Signal(str)

    def __init__(self, bench: Workbench) -> None:
        super().__init__()
        self.setProperty("surface", "card")
        self._bench = bench
        self._asked: RunningOperation | None = None
        self._text = label("", "muted", wrap=True)
        self._problem = label("", "error", wrap=True)
        self.forge = Choice()
        self.forge.setAccessibleName(words.FORGE)
        for each in ForgeKind:
            self.forge.addItem(each.value, each)
        self.outside = ForgeSignIn(bench)
        self.words = QLineEdit()
        self.words.setPlaceholderText(words.SEARCH)
        self.words.setAccessibleName(words.SEARCH)
        self.organisation = Choice()
        self.organisation.setAccessibleName("Organisation")
        self.sign_out = button("Sign out", self._sign_out)
        self.list = ListView(
            bench.theme, words.COLUMNS, "Repositories on the forge", two_lines=False
        )
        self.list.setFixedHeight(_ROWS_HEIGHT)
        self.choose = button("Choose", self._choose, "primary")
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._inside = self._lay_out()
        self._connect()
        self.hide()

    def begin(self) -> None:
        """Show it, as far as this workstation is signed in."""
        forge = self._at
        self.outside.offer(forge)
        self._show_account(None, words.looking(forge))
        self.show()
        self._bench.runner.ask(self._bench.desk.account(forge), partial(self._told, forge))

    @property
    def _at(self) -> ForgeKind:
        return ForgeKind(self.forge.currentData())

    def _change_forge(self) -> None:
        self._pause.stop()
        self._drop_question()
        self.outside.stop()
        self.begin()

    def leave(self) -> None:
        self._pause.stop()
        self._drop_question()
        self.outside.stop()
        self.hide()

    def search(self) -> None:
        self._pause.stop()
        self._drop_question()
        organisation = str(self.organisation.currentData() or "")
        operation = self._bench.desk.search(self.words.text().strip(), organisation, self._at)
        self._asked = self._bench.runner.ask(operation, self._found)

    def _told(self, forge: ForgeKind, outcome: Outcome[Account], tried: bool = False) -> None:
        if forge is not self._at or (outcome.cancelled and not tried):
            # another one was chosen meanwhile
            return
        account, error = outcome.result, outcome.error
        if account is not None:
            self._show_account(account, words.account_line(account))
            self.words.setFocus()
            self.search()
            return
        self._show_account(None, words.invitation(forge))
        if error is not None and (tried or not isinstance(error, NotSignedIn)):
            problem = explain(error)
            self._say(f"{problem.what} {problem.why}")
        self.outside.show()
        self.outside.invite()

    def _show_account(self, account: Account | None, text: str) -> None:
        self._say("")
        self._text.setText(text)
        self.outside.hide()
        self._inside.setVisible(account is not None)
        if account is not None:
            self.organisation.blockSignals(True)
            self.organisation.clear()
            for text, owner in words.owners(account):
                self.organisation.addItem(text, owner)
            self.organisation.blockSignals(False)

    def _signed_in(self, outcome: Outcome[Account]) -> None:
        self._told(self.outside.forge, outcome, tried=True)

    def _sign_out(self) -> None:
        self._drop_question()
        self._bench.runner.ask(self._bench.desk.sign_out(self._at), lambda _: self.begin())

    def _found(self, outcome: Outcome[Search]) -> None:
        self._asked = None
        if outcome.error is not None:
            problem = explain(outcome.error)
            self._say(f"{problem.what} {problem.why}")
        elif outcome.result is not None:
            self.list.show_rows(words.rows(outcome.result, datetime.now(UTC)))
            self._say("")
            self._note.setText(words.found_line(outcome.result))
        self._judge()

    def _judge(self) -> None:
        self.choose.setEnabled(bool(self.list.current_key))

    def _choose(self) -> None:
        key = self.list.current_key
        if key:
            self._opened(key)

    def _opened(self, address: str) -> None:
        self.leave()
        self.chosen.emit(address)

    def _drop_question(self) -> None:
        if self._asked is not None:
            self._asked.finished.disconnect(self._found)
            self._asked.cancel()
            self._asked = None

    def _say(self, problem: str) -> None:
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))

    def _connect(self) -> None:
        self.forge.currentIndexChanged.connect(self._change_forge)
        self.outside.ended.connect(self._signed_in)
        self.words.textEdited.connect(self._pause.start)
        self.words.returnPressed.connect(self.search)
        self.organisation.currentIndexChanged.connect(self.search)
        self._pause.timeout.connect(self.search)
        self.list.opened.connect(self._opened)
        self.list.chosen.connect(lambda key: self._judge())

    def _lay_out(self) -> QWidget:
        column = QVBoxLayout(self)
        column.setContentsMargins(WIDE, WIDE, WIDE, WIDE)
        column.setSpacing(GAP)
        inside = QWidget()
        filters, end = QHBoxLayout(), QHBoxLayout()
        self._note = label("", "muted", wrap=True)
        filters.addWidget(self.words, 1)
        filters.addWidget(self.organisation)
        end.addWidget(self._note, 1)
        end.addWidget(self.sign_out)
        end.addWidget(self.choose)
        within = QVBoxLayout(inside)
        within.addLayout(filters)
        within.addWidget(self.list)
        within.addLayout(end)
        within.setContentsMargins(0, 0, 0, 0)
        within.setSpacing(GAP)
        head = QHBoxLayout()
        head.addWidget(label(words.TITLE, "head"))
        head.addWidget(self.forge)
        head.addStretch(1)
        column.addLayout(head)
        for part in (self._text, self._problem, self.outside, inside):
            column.addWidget(part)
        return inside
