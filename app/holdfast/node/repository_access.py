"""How a fetch container reaches a repository: by files in its RAM, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import quote

from cryptography.x509 import load_pem_x509_certificate

from holdfast.domain.connection import (
    Connection,
    CredentialKind,
    CredentialNeeded,
    HostKeyChanged,
    HostKeyUnknown,
    contact_after,
)
from holdfast.domain.container import Completed, PushedFile
from holdfast.domain.errors import KeychainError, RepositoryError
from holdfast.domain.host_keys import SSH_PORT, HostKey, known_hosts, known_name, parse_known_hosts
from holdfast.domain.names import AppName
from holdfast.domain.repository import RepositoryAddress, RepositoryKind
from holdfast.domain.secret import Secret
from holdfast.node.carried_git import CarriedGit, carrying, check_agent
from holdfast.node.connections import Reach
from holdfast.node.git_certificates import (
    ServerDates,
    certificate_out_of_time,
    tells_bad_certificate,
)
from holdfast.node.git_failures import (
    credential_needed,
    explain_git,
    no_host_keys,
    tells_wrong_host_key,
)
from holdfast.node.node import Node
from holdfast.node.scripts import SCRIPTS
from holdfast.node.transport_failures import tells_unknown_host

HTTPS_PORT = 443
FETCH_SCRIPT = f"{SCRIPTS}/fetch.sh"
#: An answer that is like the one before is noted again after so long.
_SAME_CONTACT = timedelta(minutes=5)

_FOLDER = "access"
#: As fetch.sh knows them, below /mnt/job.
_KEY, _KEY_BEFORE, _KNOWN_HOSTS, _TOKEN, _BEARER, _HELPERS, _CERTIFICATES, _RELAYED = (
    f"{_FOLDER}/{name}"
    for name in (
        "key",
        "key-before",
        "known_hosts",
        "credentials",
        "bearer",
        "helpers",
        "certificates.pem",
        "relayed",
    )
)


class Access:
    """The ways of one fetch container of an app. address: of the repository that it is for.
    tried: what is used instead of what is kept, None where this is no trial. cancellable: around
    whatever waits for a server."""

    def __init__(
        self,
        node: Node,
        app: AppName,
        container: str,
        uid: int,
        address: RepositoryAddress,
        tried: Reach | None,
        cancellable: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._node = node
        self._app = app
        self._container = container
        self._uid = uid
        self._address = address
        self._tried = tried
        self._cancellable = cancellable
        self._given = False

    def open(self, address: RepositoryAddress, needed: bool) -> Reach:
        """Hand over what it takes to reach this repository, in place of the one before. Where it
        is needed, raises CredentialNeeded, HostKeyUnknown, KeychainError."""
        try:
            reach = self._tried or self._node.connections.reach(address, self._address, self._app)
        except KeychainError:
            if needed:
                raise
            reach = Reach()
        if needed:
            check_reachable(address, reach)
            if address.kind is RepositoryKind.SSH and not reach.host_keys:
                raise HostKeyUnknown(known_name(address), self.host_keys(address), address.url)
            if by_agent(reach):
                check_agent(self._node.ssh_agent, address, reach)
        self._give(address, reach)
        self._given = True
        return reach

    def close(self) -> None:
        """Take back what was handed over: what speaks to no server shall not see it."""
        if self._given:
            self._give(self._address, Reach())
            self._given = False

    def _give(self, address: RepositoryAddress, reach: Reach) -> None:
        files = access_files(address, reach)
        self._node.engine.push(self._container, "/mnt/job", files, self._uid)

    def host_keys(self, address: RepositoryAddress) -> tuple[HostKey, ...]:
        """Those that an SSH server shows now, to whoever asks. Raises RepositoryError."""
        command = (
            FETCH_SCRIPT,
            "host-keys",
            (address.host or "").strip("[]"),
            str(address.port or SSH_PORT),
        )
        done = self._ask(command)
        found = parse_known_hosts(done.output.decode(errors="replace"), known_name(address))
        if not found:
            raise no_host_keys(address, done.error.decode(errors="replace"))
        return found

    def run(self, command: tuple[str, ...], address: RepositoryAddress, reach: Reach) -> Completed:
        """Run a command that reaches this repository so."""
        engine, user = self._node.engine, f"{self._uid}:{self._uid}"
        if not by_agent(reach):
            return engine.run(self._container, command, user=user)
        agent = self._node.ssh_agent
        carried = CarriedGit(engine, agent, self._container, user, address, reach)
        with carrying(carried):
            done = engine.run(self._container, command, user=user)
        return replace(done, error=carried.words.encode() + done.error)

    def explain(self, address: RepositoryAddress, words: str, reach: Reach) -> RepositoryError:
        """What git's words mean. reach: by which it tried."""
        if address.kind is RepositoryKind.SSH and tells_wrong_host_key(words):
            offered = self.host_keys(address)
            return HostKeyChanged(known_name(address), reach.host_keys, offered, address.url)
        now = self._node.clock.now()
        if address.kind is RepositoryKind.HTTPS and tells_bad_certificate(words):
            dates = self._certificate_dates(address)
            late = certificate_out_of_time(address, dates, now) if dates else None
            if late is not None:
                return late
        if tells_unknown_host(words) and not by_agent(reach):
            words += self._why_no_address(address)
        error = explain_git(address, words, now, reach.connection, kept=self._tried is None)
        if isinstance(error, CredentialNeeded) and reach.withheld:
            return _withheld(reach)
        return error

    def _certificate_dates(self, address: RepositoryAddress) -> ServerDates | None:
        """None where it shows no certificate to the node itself, as behind a proxy."""
        place = ((address.host or "").strip("[]"), str(address.port or HTTPS_PORT))
        command = (FETCH_SCRIPT, "certificate", *place)
        done = self._ask(command)
        clock, _, certificate = done.output.partition(b"\n")
        if done.exit_code:
            return None
        try:
            shown = load_pem_x509_certificate(certificate)
        except ValueError:
            return None
        ends, now = shown.not_valid_after_utc, datetime.fromisoformat(clock.decode())
        return ServerDates(shown.not_valid_before_utc, ends, now)

    def _why_no_address(self, address: RepositoryAddress) -> str:
        """What git leaves out: whether there is none, or nobody told."""
        command = (FETCH_SCRIPT, "name", (address.host or "").strip("[]"))
        done = self._ask(command)
        return f"\n{done.output.decode(errors='replace')}"

    def _ask(self, command: tuple[str, ...]) -> Completed:
        with self._cancellable():
            return self._node.engine.run(self._container, command, user=f"{self._uid}:{self._uid}")

    def note(self, error: RepositoryError | None) -> None:
        """Remember how it went, where this is no trial."""
        if self._tried is None:
            contact = contact_after(error, self._node.clock.now())
            # what was found out counts, whether or not it can be written down
            with suppress(KeychainError):
                self._node.connections.note_contact(self._address, contact, _SAME_CONTACT)


def check_reachable(address: RepositoryAddress, reach: Reach) -> None:
    """Raises CredentialNeeded: SSH servers speak to nobody without a key."""
    keyless = reach.connection is None or not reach.connection.opens
    if address.kind is RepositoryKind.SSH and keyless and reach.withheld:
        raise _withheld(reach)
    if address.kind is RepositoryKind.SSH and keyless:
        raise credential_needed(address)


def _withheld(reach: Reach) -> CredentialNeeded:
    return CredentialNeeded(
        f"It is connected for {', '.join(reach.withheld)} alone.",
        "A repository must not read what other apps are deployed from.",
        "Move what the apps share to a repository that no app is deployed from, and connect that.",
    )


def by_agent(reach: Reach) -> bool:
    """Whether this machine's ssh speaks to the server, and not the node's."""
    connection = reach.connection
    return connection is not None and connection.credential is CredentialKind.SSH_AGENT


def access_files(address: RepositoryAddress, reach: Reach) -> list[PushedFile]:
    """All of them, empty where there is nothing: what another repository needed is overwritten."""
    connection = reach.connection
    contents = dict.fromkeys((_KEY, _KEY_BEFORE, _TOKEN, _BEARER, _HELPERS, _RELAYED), b"")
    contents[_CERTIFICATES] = reach.certificates.encode()
    contents[_KNOWN_HOSTS] = known_hosts(known_name(address), reach.host_keys).encode()
    if by_agent(reach):
        contents[_RELAYED] = b"yes"
    elif connection is not None and connection.secret is not None:
        if connection.credential is CredentialKind.TOKEN:
            contents[_TOKEN] = _token_line(address, connection)
        elif connection.credential is CredentialKind.BEARER_TOKEN:
            contents[_BEARER] = _bearer_answer(connection.secret)
            contents[_HELPERS] = _bearer_helper(address)
        else:
            contents[_KEY] = connection.secret.reveal()
            before = connection.secret_before
            contents[_KEY_BEFORE] = before.reveal() if before else b""
    return [PushedFile(path, content, 0o600) for path, content in contents.items()]


def _token_line(address: RepositoryAddress, connection: Connection) -> bytes:
    """As git-credential-store(1) keeps it: it is given to this host alone."""
    assert connection.secret is not None
    token = quote(connection.secret.reveal(), safe="")
    return f"https://{quote(connection.user, safe='')}:{token}@{_place(address)}\n".encode()


def _bearer_answer(token: Secret) -> bytes:
    """What a helper answers, see git-credential(1)."""
    return b"capability[]=authtype\nauthtype=Bearer\ncredential=%s\n" % token.reveal()


def _bearer_helper(address: RepositoryAddress) -> bytes:
    """Of git's configuration: this host alone is given it, and not one that it redirects to, as it
    would be by `http.extraHeader`. git-credential-store knows passwords alone."""
    helper = f'helper = "!cat /mnt/job/{_BEARER} #"'
    return f'[credential "https://{_place(address)}"]\n\t{helper}\n'.encode()


def _place(address: RepositoryAddress) -> str:
    return address.url.removeprefix("https://").partition("/")[0]
