"""One calm card that connects a private repository: a key, a token, a host's fingerprint."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QLineEdit, QVBoxLayout

from holdfast.domain.connection import (
    ConnectionRequest,
    CredentialKind,
    CredentialRefused,
    HostKeyUnknown,
    PassphraseNeeded,
    Repository,
    ServerUntrusted,
)
from holdfast.domain.errors import UsageError
from holdfast.domain.forge_account import (
    PUBLIC_APIS,
    Account,
    ForgeKind,
    NotSignedIn,
    SignIn,
    public_forge,
)
from holdfast.domain.operation import Outcome
from holdfast.domain.pasted_credential import PastedToken
from holdfast.domain.repository import RepositoryKind, parse_repository, remote_address
from holdfast.domain.secret import Secret
from holdfast.domain.ssh_agent import AgentKeyUnchosen
from holdfast.presenters.connect import (
    AS_BEARER,
    CHOOSE_CA,
    INSTALL_KEY,
    KEY_ADDED,
    MAKE_KEY,
    MAKE_TOKEN,
    OPEN_KEY,
    OPEN_PAGE,
    PASSPHRASE,
    SIGN_IN,
    TOKEN,
    TRUST,
    USE_FILE,
    USE_TOKEN,
    Offer,
    agent_offer,
    credential_offer,
    host_key_offer,
    key_offer,
    passphrase_offer,
    sign_in_offer,
    untrusted_offer,
)
from holdfast.presenters.problem import explain, in_one
from holdfast.ui.widgets.agent_row import AgentRow
from holdfast.ui.widgets.buttons import button, reword
from holdfast.ui.widgets.file_button import FileButton
from holdfast.ui.widgets.text import GAP, WIDE, label, monospace, restyle, selectable
from holdfast.ui.workbench import Workbench


class ConnectCard(QFrame):
    """connected: the address by which the repository can be read now."""

    connected = Signal(str)

    def __init__(self, bench: Workbench) -> None:
        super().__init__()
        self.setProperty("surface", "card")
        self._bench = bench
        self._offer: Offer | None = None
        self._request: ConnectionRequest | None = None
        self._address = ""
        #: of the host at this address, chosen here and not kept yet
        self._authorities = b""
        self.title, self._text = label("", "head", wrap=True), label("", "muted", wrap=True)
        self.fingerprint = selectable(label("", "mono", wrap=True))
        self.fingerprint.setAccessibleName("Fingerprint of the host key")
        self.public_key, self.token = QLineEdit(), QLineEdit()
        self.public_key.setReadOnly(True)
        self.public_key.setFont(monospace())
        self.public_key.setAccessibleName("Public key")
        self.token.setEchoMode(QLineEdit.EchoMode.Password)
        self.bearer = QCheckBox(AS_BEARER)
        self.bearer.setAccessibleName(AS_BEARER)
        self._problem = label("", "error", wrap=True)
        self.copy = button("Copy key", self._copy)
        self.page = button(OPEN_PAGE, self._open_page)
        self.added = button(KEY_ADDED, self._check, "primary")
        self.make_key = button(MAKE_KEY, self._make_key, "primary")
        self.install_key = button(INSTALL_KEY, self._install_key, "primary")
        self.by_agent = AgentRow()
        self.key_file, self.authority = FileButton(USE_FILE), FileButton(CHOOSE_CA, "primary")
        self.use_token = button(USE_TOKEN, self._keep_token)
        self.sign_in = button(SIGN_IN, self._sign_in, "primary")
        self.trust = button(TRUST, self._trust, "primary")
        self._lay_out()
        self.by_agent.wanted.connect(self._use_agent)
        self.by_agent.chosen.connect(self._use_agents_key)
        self.key_file.given.connect(self._use_key_file)
        self.authority.given.connect(self._use_authority)
        for chosen in (self.key_file, self.authority):
            chosen.refused.connect(lambda error: self._say(in_one(explain(error))))
        self.token.returnPressed.connect(self._enter)
        self.hide()

    def ask(self, address: str, refused: Exception) -> None:
        """Offer what helps after this error."""
        place = parse_repository(address)
        self._begin(place.url)
        if isinstance(refused, HostKeyUnknown):
            self._request = ConnectionRequest(address=place.url)
            self._show(host_key_offer(refused))
        elif isinstance(refused, CredentialRefused) and place.kind is RepositoryKind.SSH:
            # its key is kept: it has to be added once more
            self._connect(ConnectionRequest(address=place.url), told=refused.what)
        elif isinstance(refused, ServerUntrusted):
            self._show(untrusted_offer(refused))
        else:
            told = refused if isinstance(refused, CredentialRefused) else None
            self._show(credential_offer(place, told))

    def start(self, address: str, bearer: bool = False) -> None:
        """Connect a repository that nobody has tried to read yet, or whose token is replaced.
        bearer: the one before was a bearer token. Raises UsageError for a folder."""
        place = remote_address(address)
        self._begin(place.url)
        if place.kind is RepositoryKind.SSH:
            self._connect(ConnectionRequest(address=place.url))
        else:
            self.bearer.setChecked(bearer)
            self._show(credential_offer(place))

    def choose_agent_key(self, address: str) -> None:
        """Another key of the ssh agent's for a repository that one opens."""
        self._begin(address)
        self._connect(ConnectionRequest(address=address, agent_key=""))

    def keep(self, address: str, pasted: PastedToken) -> None:
        """A token that was pasted within an address. Raises UsageError where that is none, as one
        that is not yet whole."""
        remote_address(address)
        self._begin(address)
        self._connect(ConnectionRequest(address=address, token=pasted.token, user=pasted.user))

    def show_key(self, repository: Repository) -> None:
        self._address = repository.address
        self._show(key_offer(repository))

    def _begin(self, address: str) -> None:
        """With nothing of what was chosen for another repository."""
        if address != self._address:
            self._authorities = b""
        self._address = address
        self._request = None
        self.bearer.setChecked(False)

    def _show(self, offer: Offer, problem: str = "") -> None:
        self._offer = offer
        self.title.setText(offer.title)
        self._text.setText(offer.text)
        self.fingerprint.setText(offer.host_key)
        self.public_key.setText(offer.public_key)
        self.public_key.setCursorPosition(0)
        self._say(problem)
        for part, shown in (
            (self.fingerprint, bool(offer.host_key)),
            (self.trust, bool(offer.host_key)),
            (self.public_key, bool(offer.public_key)),
            (self.copy, bool(offer.public_key)),
            (self.added, bool(offer.public_key)),
            (self.page, offer.page is not None),
            (self.install_key, offer.installs),
            (self.make_key, offer.key_address is not None),
            (self.key_file, offer.file),
            (self.authority, offer.authority),
            (self.token, bool(offer.sign_in or offer.token_address or offer.passphrase)),
            (self.sign_in, offer.sign_in is not None),
            (self.bearer, offer.bearer),
            (self.use_token, bool(offer.token_address or offer.passphrase)),
        ):
            part.setVisible(shown)
        reword(self.page, MAKE_TOKEN if offer.sign_in else OPEN_PAGE)
        reword(self.use_token, OPEN_KEY if offer.passphrase else USE_TOKEN)
        asked = PASSPHRASE if offer.passphrase else TOKEN
        self.token.setPlaceholderText(asked)
        self.token.setAccessibleName(asked)
        self.by_agent.show_offer(offer)
        restyle(self.make_key, "kind", "" if offer.installs else "primary")
        self.show()
        if offer.sign_in or offer.passphrase:
            self.token.setFocus()

    def _say(self, problem: str) -> None:
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))

    def _make_key(self) -> None:
        if self._offer is not None and self._offer.key_address is not None:
            self._address = self._offer.key_address
            self._connect(ConnectionRequest(address=self._address))

    def _install_key(self) -> None:
        self._connect(ConnectionRequest(address=self._address, install=True))

    def _use_agent(self) -> None:
        if self._offer is not None:
            self.choose_agent_key(self._offer.key_address or self._address)

    def _use_agents_key(self, fingerprint: str) -> None:
        if self._request is not None:
            self._connect(replace(self._request, agent_key=fingerprint))

    def _use_key_file(self, content: bytes) -> None:
        if self._offer is not None:
            self._address = self._offer.key_address or self._address
            self._connect(ConnectionRequest(address=self._address, key=Secret(content)))

    def _use_authority(self, content: bytes) -> None:
        self._authorities = content
        self._connect(self._request or ConnectionRequest(address=self._address))

    def _enter(self) -> None:
        if self._offer is not None and self._offer.sign_in:
            self._sign_in()
        else:
            self._keep_token()

    def _keep_token(self) -> None:
        token = self._typed_token()
        offer = self._offer
        if token is None or offer is None:
            return
        if offer.passphrase and self._request is not None:
            self._connect(replace(self._request, passphrase=token))
        else:
            bearer = offer.bearer and self.bearer.isChecked()
            self._connect(ConnectionRequest(address=self._address, token=token, bearer=bearer))

    def _typed_token(self) -> Secret | None:
        token = self.token.text().strip()
        if not token:
            self.token.setFocus()
            return None
        self.token.clear()
        return Secret(token.encode())

    def _sign_in(self) -> None:
        forge = self._offer.sign_in if self._offer is not None else None
        token = self._typed_token() if forge is not None else None
        if forge is not None and token is not None:
            self._wait(True)
            wanted = SignIn(token=token, api=PUBLIC_APIS[forge], forge=forge)
            signed_in = partial(self._signed_in, self._address)
            self._bench.runner.ask(self._bench.desk.sign_in(wanted), signed_in)

    def _signed_in(self, address: str, outcome: Outcome[Account]) -> None:
        self._wait(False)
        if outcome.error is not None:
            self._say(in_one(explain(outcome.error)))
        elif outcome.result is not None and address == self._address:
            # another repository may be in its place by now, for which nobody asked
            self._install_key()

    def _trust(self) -> None:
        if self._offer is not None and self._request is not None:
            self._connect(replace(self._request, host_key=self._offer.host_key))

    def _connect(self, request: ConnectionRequest, told: str = "") -> None:
        self._wait(True)
        https = parse_repository(request.address).kind is RepositoryKind.HTTPS
        if self._authorities and https and not request.install:
            request = replace(request, certificates=self._authorities)
        self._request = request

        def answered(outcome: Outcome[Repository]) -> None:
            self._wait(False)
            if isinstance(outcome.error, HostKeyUnknown):
                self._show(host_key_offer(outcome.error))
            elif isinstance(outcome.error, AgentKeyUnchosen):
                self._show(agent_offer(outcome.error))
            elif isinstance(outcome.error, NotSignedIn) and (forge := _signs_in(request.address)):
                self._show(sign_in_offer(forge))
            elif isinstance(outcome.error, PassphraseNeeded):
                self._show(passphrase_offer(explain(outcome.error)))
            elif isinstance(outcome.error, ServerUntrusted):
                self._show(untrusted_offer(outcome.error))
            elif isinstance(outcome.error, UsageError) and request.certificates:
                # another file may be the right one
                self._authorities = b""
                self._say(in_one(explain(outcome.error)))
            elif outcome.error is not None:
                offer = credential_offer(parse_repository(request.address))
                self._show(offer, in_one(explain(outcome.error)))
            elif outcome.result is not None:
                self._answer(outcome.result, told)

        self._bench.runner.ask(self._bench.desk.connect_repository(request), answered)

    def _answer(self, connected: Repository, told: str = "") -> None:
        if connected.contact is not None and connected.contact.error:
            self._show(key_offer(connected, connected.contact.error))
        elif connected.credential is CredentialKind.DEPLOY_KEY and not connected.installed:
            self._show(key_offer(connected, told))
        else:
            # a key that was read from a file stays here no longer
            self._request = None
            self.hide()
            self.connected.emit(connected.address)

    def _check(self) -> None:
        self._wait(True)
        self._bench.runner.ask(self._bench.desk.check_repository(self._address), self._checked)

    def _checked(self, outcome: Outcome[Repository]) -> None:
        self._wait(False)
        if outcome.error is not None:
            self._say(in_one(explain(outcome.error)))
        elif outcome.result is not None:
            contact = outcome.result.contact
            if contact is not None and contact.error:
                self._say(contact.error)
                return
            self.hide()
            self.connected.emit(outcome.result.address)

    def _wait(self, waiting: bool) -> None:
        offered = (self.added, self.install_key, self.make_key, self.use_token, self.trust)
        others = (self.by_agent, self.key_file, self.authority, self.sign_in)
        for part in (*offered, *others, self.token, self.bearer):
            part.setEnabled(not waiting)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.public_key.text())

    def _open_page(self) -> None:
        if self._offer is not None and self._offer.page is not None:
            QDesktopServices.openUrl(QUrl(self._offer.page))

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(WIDE, WIDE, WIDE, WIDE)
        column.setSpacing(GAP)
        for part in (self.title, self._text, self.fingerprint, self.public_key, self._problem):
            column.addWidget(part)
        row = QHBoxLayout()
        row.setSpacing(GAP)
        for each in (self.install_key, self.make_key, self.added, self.trust, self.copy, self.page):
            row.addWidget(each)
        row.addStretch()
        below = QHBoxLayout()
        below.setSpacing(GAP)
        below.addWidget(self.token, 1)
        below.addWidget(self.bearer)
        below.addWidget(self.use_token)
        below.addWidget(self.sign_in)
        column.addLayout(row)
        # not beside the others, with which they would be wider than a small window
        own = QHBoxLayout()
        own.setSpacing(GAP)
        own.addWidget(self.key_file)
        own.addWidget(self.authority)
        own.addWidget(self.by_agent, 1)
        own.addStretch()
        column.addLayout(own)
        column.addLayout(below)


def _signs_in(address: str) -> ForgeKind | None:
    """The forge for which the card asks a token. GitHub has a card of its own."""
    forge = public_forge(parse_repository(address).host)
    return None if forge is ForgeKind.GITHUB else forge
