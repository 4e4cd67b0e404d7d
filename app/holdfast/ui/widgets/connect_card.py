"""Connects a private repository, question by question, on one card."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtCore import Signal

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
from holdfast.domain.repository import (
    RepositoryAddress,
    RepositoryKind,
    parse_repository,
    remote_address,
)
from holdfast.domain.secret import Secret
from holdfast.domain.ssh_agent import AgentKeyUnchosen
from holdfast.presenters.connect import (
    agent_offer,
    credential_offer,
    host_key_offer,
    key_offer,
    passphrase_offer,
    sign_in_offer,
    untrusted_offer,
)
from holdfast.presenters.problem import explain, in_one
from holdfast.ui.widgets.offer_card import OfferCard
from holdfast.ui.workbench import Workbench


class ConnectCard(OfferCard):
    """connected: the address by which the repository can be read now."""

    connected = Signal(str)

    def __init__(self, bench: Workbench) -> None:
        super().__init__()
        self._bench = bench
        self._request: ConnectionRequest | None = None
        self._address = ""
        #: of the host at this address, chosen here and not kept yet
        self._authorities = b""
        for part, act in (
            (self.added, self._check),
            (self.make_key, self._make_key),
            (self.install_key, self._install_key),
            (self.use_token, self._keep_token),
            (self.sign_in, self._sign_in),
            (self.trust, self._trust),
        ):
            part.clicked.connect(act)
        self.by_agent.wanted.connect(self._use_agent)
        self.by_agent.chosen.connect(self._use_agents_key)
        self.key_file.given.connect(self._use_key_file)
        self.authority.given.connect(self._use_authority)
        for chosen in (self.key_file, self.authority):
            chosen.refused.connect(lambda error: self.say(in_one(explain(error))))
        for typed in (self.user, self.token):
            typed.returnPressed.connect(self._enter)

    def ask(self, address: str, refused: Exception) -> None:
        """Offer what helps after this error."""
        place = parse_repository(address)
        self._begin(place.url)
        if isinstance(refused, HostKeyUnknown):
            self._request = ConnectionRequest(address=place.url)
            self.show_offer(host_key_offer(refused))
        elif isinstance(refused, CredentialRefused) and place.kind is RepositoryKind.SSH:
            # its key is kept: it has to be added once more
            self._connect(ConnectionRequest(address=place.url), told=refused.what)
        elif isinstance(refused, ServerUntrusted):
            self.show_offer(untrusted_offer(refused))
        else:
            self._offer_credential(place, refused)

    def start(self, address: str, bearer: bool = False, user: str = "") -> None:
        """Connect a repository that nobody has tried to read yet, or whose token is replaced.
        bearer: the one before was a bearer token; user: whose it was. Raises UsageError for a
        folder."""
        place = remote_address(address)
        self._begin(place.url)
        if place.kind is RepositoryKind.SSH:
            self._connect(ConnectionRequest(address=place.url))
        else:
            self.bearer.setChecked(bearer)
            self._offer_credential(place, user=user)

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
        self.show_offer(key_offer(repository))

    def _begin(self, address: str) -> None:
        """With nothing of what was chosen for another repository."""
        if address != self._address:
            self._authorities = b""
        self._address = address
        self._request = None
        self.bearer.setChecked(False)

    def _offer_credential(
        self,
        place: RepositoryAddress,
        refused: Exception | None = None,
        user: str = "",
        problem: str = "",
    ) -> None:
        told = refused if isinstance(refused, CredentialRefused) else None
        offer = credential_offer(place, told, user)
        self.show_offer(offer, problem)
        if offer.installs:
            return

        def answered(outcome: Outcome[frozenset[str]]) -> None:
            # a keychain that does not answer is told when it is needed
            if place.host in (outcome.result or ()) and self.offer is offer:
                self.offer_installing(credential_offer(place, told, user, signed_in=True))

        self._bench.runner.ask(self._bench.desk.forge_hosts(), answered)

    def _make_key(self) -> None:
        if self.offer is not None and self.offer.key_address is not None:
            self._address = self.offer.key_address
            self._connect(ConnectionRequest(address=self._address))

    def _install_key(self) -> None:
        self._connect(ConnectionRequest(address=self._address, install=True))

    def _use_agent(self) -> None:
        if self.offer is not None:
            self.choose_agent_key(self.offer.key_address or self._address)

    def _use_agents_key(self, fingerprint: str) -> None:
        if self._request is not None:
            self._connect(replace(self._request, agent_key=fingerprint))

    def _use_key_file(self, content: bytes) -> None:
        if self.offer is not None:
            self._address = self.offer.key_address or self._address
            self._connect(ConnectionRequest(address=self._address, key=Secret(content)))

    def _use_authority(self, content: bytes) -> None:
        self._authorities = content
        self._connect(self._request or ConnectionRequest(address=self._address))

    def _enter(self) -> None:
        if self.offer is not None and self.offer.sign_in:
            self._sign_in()
        else:
            self._keep_token()

    def _keep_token(self) -> None:
        user, token = self.typed_user, self.typed()
        offer = self.offer
        if token is None or offer is None:
            return
        if offer.passphrase and self._request is not None:
            self._connect(replace(self._request, passphrase=token))
        else:
            bearer = offer.bearer and self.bearer.isChecked()
            self._connect(
                ConnectionRequest(address=self._address, token=token, bearer=bearer, user=user)
            )

    def _sign_in(self) -> None:
        forge = self.offer.sign_in if self.offer is not None else None
        user = self.typed_user
        token = self.typed() if forge is not None else None
        if forge is not None and token is not None:
            self.wait(True)
            wanted = SignIn(token=token, user=user, api=PUBLIC_APIS[forge], forge=forge)
            signed_in = partial(self._signed_in, self._address)
            self._bench.runner.ask(self._bench.desk.sign_in(wanted), signed_in)

    def _signed_in(self, address: str, outcome: Outcome[Account]) -> None:
        self.wait(False)
        if outcome.error is not None:
            self.say(in_one(explain(outcome.error)))
        elif outcome.result is not None and address == self._address:
            # another repository may be in its place by now, for which nobody asked
            self._install_key()

    def _trust(self) -> None:
        if self.offer is not None and self._request is not None:
            self._connect(replace(self._request, host_key=self.offer.host_key))

    def _connect(self, request: ConnectionRequest, told: str = "") -> None:
        self.wait(True)
        https = parse_repository(request.address).kind is RepositoryKind.HTTPS
        if self._authorities and https and not request.install:
            request = replace(request, certificates=self._authorities)
        self._request = request

        def answered(outcome: Outcome[Repository]) -> None:
            self.wait(False)
            if isinstance(outcome.error, HostKeyUnknown):
                self.show_offer(host_key_offer(outcome.error))
            elif isinstance(outcome.error, AgentKeyUnchosen):
                self.show_offer(agent_offer(outcome.error))
            elif isinstance(outcome.error, NotSignedIn) and (forge := _signs_in(request.address)):
                self.show_offer(sign_in_offer(forge))
            elif isinstance(outcome.error, PassphraseNeeded):
                self.show_offer(passphrase_offer(explain(outcome.error)))
            elif isinstance(outcome.error, ServerUntrusted):
                self.show_offer(untrusted_offer(outcome.error))
            elif isinstance(outcome.error, UsageError) and request.certificates:
                # another file may be the right one
                self._authorities = b""
                self.say(in_one(explain(outcome.error)))
            elif outcome.error is not None:
                place = parse_repository(request.address)
                problem = in_one(explain(outcome.error))
                self._offer_credential(place, user=request.user, problem=problem)
            elif outcome.result is not None:
                self._answer(outcome.result, told)

        self._bench.runner.ask(self._bench.desk.connect_repository(request), answered)

    def _answer(self, connected: Repository, told: str = "") -> None:
        if connected.contact is not None and connected.contact.error:
            self.show_offer(key_offer(connected, connected.contact.error))
        elif connected.credential is CredentialKind.DEPLOY_KEY and not connected.installed:
            self.show_offer(key_offer(connected, told))
        else:
            # a key that was read from a file stays here no longer
            self._request = None
            self.hide()
            self.connected.emit(connected.address)

    def _check(self) -> None:
        self.wait(True)
        self._bench.runner.ask(self._bench.desk.check_repository(self._address), self._checked)

    def _checked(self, outcome: Outcome[Repository]) -> None:
        self.wait(False)
        if outcome.error is not None:
            self.say(in_one(explain(outcome.error)))
        elif outcome.result is not None:
            contact = outcome.result.contact
            if contact is not None and contact.error:
                self.say(f"{contact.error} {contact.next}".strip())
                return
            self.hide()
            self.connected.emit(outcome.result.address)


def _signs_in(address: str) -> ForgeKind | None:
    """The forge for which the card asks a token. GitHub has a card of its own."""
    forge = public_forge(parse_repository(address).host)
    return None if forge is ForgeKind.GITHUB else forge
