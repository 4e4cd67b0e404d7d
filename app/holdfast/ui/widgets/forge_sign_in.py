"""The ways to sign in to a forge: a token, or at GitHub a code that is typed in a browser."""

from __future__ import annotations

from PySide6.QtCore import QDeadlineTimer, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from holdfast.domain.errors import UsageError
from holdfast.domain.forge_account import (
    PUBLIC_APIS,
    Account,
    DeviceCode,
    ForgeKind,
    SignIn,
    parse_api,
)
from holdfast.domain.operation import Fact, Outcome
from holdfast.domain.secret import Secret
from holdfast.presenters import github as words
from holdfast.ui.runner import RunningOperation
from holdfast.ui.secret_clipboard import copy_secret
from holdfast.ui.widgets.buttons import button
from holdfast.ui.widgets.text import GAP, label, selectable
from holdfast.ui.workbench import Workbench

_TICK_MS = 1000


class ForgeSignIn(QWidget):
    """ended: the Outcome of a sign-in, one that was cancelled included."""

    ended = Signal(object)

    def __init__(self, bench: Workbench) -> None:
        super().__init__()
        self._bench = bench
        self._running: RunningOperation | None = None
        self.forge = ForgeKind.GITHUB
        self.token, self.api, self.client_id = QLineEdit(), QLineEdit(), QLineEdit()
        self.user = QLineEdit()
        self.api.setAccessibleName(words.API)
        self.api.setToolTip(words.API)
        self.token.setEchoMode(QLineEdit.EchoMode.Password)
        self.client_id.setText(bench.preferences.github_client)
        for field, name in (
            (self.token, "Token"),
            (self.client_id, words.CLIENT_ID),
            (self.user, words.EMAIL),
        ):
            field.setPlaceholderText(name)
            field.setAccessibleName(name)
        self.sign_in = button("Sign in", self._by_token, "primary")
        self.make_token = button("Make a token", self._open_page)
        self.ask_code = button("Sign in with a code", self._by_code)
        self.waiting = DeviceCodePanel()
        self._lay_out()
        for field in (self.user, self.token, self.api):
            field.returnPressed.connect(self._by_token)
        self.client_id.returnPressed.connect(self._by_code)
        self.waiting.cancelled.connect(self.stop)

    def offer(self, forge: ForgeKind) -> None:
        """Show what leads in to this one."""
        if forge is not self.forge:
            self.api.clear()
        self.forge = forge
        self.api.setPlaceholderText(PUBLIC_APIS[forge])
        self._code.setVisible(forge is ForgeKind.GITHUB)
        self.user.setVisible(forge.asks_user)

    def invite(self) -> None:
        """The first that is missing gets the focus."""
        asks_user = self.forge.asks_user and not self.user.text()
        (self.user if asks_user else self.token).setFocus()

    def stop(self) -> None:
        """Give up what is under way, if anything is."""
        self.token.clear()
        if self._running is not None:
            self._running.cancel()

    def _by_token(self) -> None:
        token, api = self.token.text().strip(), self._typed_api()
        if api is None:
            return
        user = self.user.text().strip() if self.forge.asks_user else ""
        for field, text in ((self.user, user), (self.token, token)):
            if not field.isHidden() and not text:
                field.setFocus()
                return
        self.token.clear()
        self._begin(SignIn(token=Secret(token.encode()), user=user, api=api, forge=self.forge))

    def _by_code(self) -> None:
        api = self._typed_api()
        if api is not None:
            self._begin(SignIn(client_id=self.client_id.text().strip(), api=api))

    def _begin(self, wanted: SignIn) -> None:
        if self._running is not None:
            return
        self.sign_in.setEnabled(False)
        self.ask_code.setEnabled(False)
        desk, runner = self._bench.desk, self._bench.runner
        if wanted.token is not None:
            self._running = runner.ask(desk.sign_in(wanted), self._ended)
            return
        # a quarter of an hour may pass: it holds up no question
        self._running = runner.follow(desk.sign_in(wanted))
        self._running.updated.connect(self._updated)
        self._running.finished.connect(self._ended)

    def _updated(self, updates: list[object]) -> None:
        for update in updates:
            if isinstance(update, Fact) and isinstance(update.value, DeviceCode):
                self._bench.preferences.github_client = update.value.client_id
                self._ways.hide()
                self.waiting.show_code(update.value)

    def _ended(self, outcome: Outcome[object]) -> None:
        self._running = None
        self.waiting.leave()
        self._ways.show()
        self.sign_in.setEnabled(True)
        self.ask_code.setEnabled(True)
        self.ended.emit(outcome)

    def _typed_api(self) -> str | None:
        """None for one to which no token should go, which is told."""
        try:
            return parse_api(self.api.text().strip() or PUBLIC_APIS[self.forge], self.forge)
        except UsageError as error:
            refused: Outcome[Account] = Outcome(error=error)
            self.ended.emit(refused)
            return None

    def _open_page(self) -> None:
        api = self._typed_api()
        if api is not None:
            QDesktopServices.openUrl(QUrl(words.token_page(self.forge, api)))

    def _lay_out(self) -> None:
        self._ways, self._code = QWidget(), QWidget()
        by_token, by_code, ways = QHBoxLayout(), QHBoxLayout(), QVBoxLayout(self._ways)
        code = QVBoxLayout(self._code)
        for part in (self.token, self.sign_in, self.make_token):
            by_token.addWidget(part)
        by_code.addWidget(self.client_id)
        by_code.addWidget(self.ask_code)
        code.addWidget(label(words.CODE_INVITATION, "muted", wrap=True))
        code.addLayout(by_code)
        ways.addWidget(self.user)
        ways.addLayout(by_token)
        ways.addWidget(self.api)
        ways.addSpacing(GAP)
        ways.addWidget(self._code)
        column = QVBoxLayout(self)
        column.addWidget(self._ways)
        column.addWidget(self.waiting)
        for layout in (by_token, by_code, code, ways, column):
            layout.setContentsMargins(0, 0, 0, 0)
            layout.setSpacing(GAP)


class DeviceCodePanel(QWidget):
    """A code, and for how long it is taken."""

    cancelled = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._page = ""
        self._until = QDeadlineTimer()
        self._told = label("", wrap=True)
        self.code = selectable(label("", "code"))
        self.copy = button("Copy", lambda: copy_secret(self.code.text()))
        self.open_browser = button("Open browser", self._open, "primary")
        self.waits = label("", "muted")
        self.cancel = button("Cancel", self.cancelled.emit)
        self._tick = QTimer(self, interval=_TICK_MS)
        self._tick.timeout.connect(self._tell)
        self._lay_out()
        self.hide()

    def show_code(self, code: DeviceCode) -> None:
        self._page = code.page
        self._until = QDeadlineTimer(code.lasts * 1000)
        self._told.setText(words.code_line(code))
        self.code.setText(code.user_code)
        self.code.setAccessibleName(f"Code {' '.join(code.user_code)}")
        self._tell()
        self._tick.start()
        self.show()
        self.open_browser.setFocus()

    def leave(self) -> None:
        self._tick.stop()
        self.code.clear()
        self.hide()

    def _tell(self) -> None:
        self.waits.setText(words.waiting_line(self._until.remainingTime() // 1000))

    def _open(self) -> None:
        QDesktopServices.openUrl(QUrl(self._page))

    def _lay_out(self) -> None:
        row, end, column = QHBoxLayout(), QHBoxLayout(), QVBoxLayout(self)
        row.addWidget(self.code)
        row.addSpacing(GAP)
        row.addWidget(self.copy)
        row.addWidget(self.open_browser)
        row.addStretch(1)
        end.addWidget(self.waits, 1)
        end.addWidget(self.cancel)
        column.addWidget(self._told)
        column.addLayout(row)
        column.addLayout(end)
        for layout in (row, end, column):
            layout.setContentsMargins(0, 0, 0, 0)
            layout.setSpacing(GAP)
