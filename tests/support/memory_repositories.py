"""The repositories of the desk in memory: keys are made, tokens kept, and hosts answer or not."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import UTC, datetime

from memory_agent import HOME, WORK, MemoryAgent
from memory_github import MemoryGitHub

from holdfast.domain.connection import (
    ConnectionRequest,
    Contact,
    CredentialKind,
    CredentialNeeded,
    HostKeyUnknown,
    PassphraseNeeded,
    Repository,
    ServerUntrusted,
)
from holdfast.domain.errors import UsageError
from holdfast.domain.forges import repository_path
from holdfast.domain.host_keys import HostKey, known_name
from holdfast.domain.names import AppName
from holdfast.domain.node import Item, Removal
from holdfast.domain.repository import (
    RepositoryAddress,
    RepositoryKind,
    parse_repository,
    remote_address,
)
from holdfast.domain.secret import Secret
from holdfast.domain.ssh_agent import choose_agent_key
from holdfast.node.added_authorities import read_authorities

HOST_KEY = HostKey(
    "ssh-ed25519",
    "AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl",
)


#: Whose keys come with Holdfast.
_SHIPPED = {"github.com", "gitlab.com", "bitbucket.org", "codeberg.org"}

#: What a host shows with the fault changed-host-key.
OTHER_KEY = HostKey(
    "ssh-ed25519",
    "AAAAC3NzaC1lZDI1NTE5AAAAIIVIC02vnjFyLbbbbRHfvIGNtOgJMe769ccccddddeee",
)


def public_key(number: int) -> str:
    return f"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIVIC02vnjFyL{number:04}RHfvIGNtOgJMe769 holdfast"


class MemoryRepositories:
    """sources: (app, address) of all apps. Faults: private-repository, silent-repository,
    changed-host-key (until the new one is accepted), locked-key (its passphrase is `sesame`),
    no-agent (otherwise an ssh agent holds two keys), bearer-alone (servers take tokens as bearer
    tokens), untrusted-server (the certificate of an https server is not accepted without its CA).
    The keys of the big forges are known, others have to be confirmed."""

    def __init__(
        self,
        faults: Collection[str],
        sources: Callable[[], Iterable[tuple[AppName, str]]],
        github: MemoryGitHub,
    ) -> None:
        self._faults = faults
        self._github = github
        self._sources = sources
        self._kept: dict[str, Repository] = {}
        self._made = 0
        self._changed_key = True

    def all(self) -> tuple[Repository, ...]:
        found = dict(self._kept)
        for app, address in self._sources():
            known = found.get(address, Repository(address=address))
            found[address] = replace(known, apps=tuple(sorted({*known.apps, app})))
        return tuple(found[address] for address in sorted(found))

    def connect(self, request: ConnectionRequest) -> Repository:
        address = remote_address(request.address)
        read_authorities(request.certificates, datetime.now(UTC))
        if request.install:
            self._github.account_for(request.address)
            address = parse_repository(f"git@{address.host}:{repository_path(address)}.git")
            self._check_host(address, request)
            self._github.install(address.url)
            made = self._with_key(Repository(address=address.url, installed=True))
            return self._keep(replace(made, contact=self._contact()))
        if request.host_key == OTHER_KEY.fingerprint and "changed-host-key" in self._faults:
            self._changed_key = False
            known = replace(self.known(address.url), host_keys=(OTHER_KEY,))
            return self._keep(replace(known, contact=self._contact()))
        if address.kind is RepositoryKind.HTTPS and not request.certificates:
            self._check_trusted(address)
        if address.kind is RepositoryKind.HTTPS:
            credential = CredentialKind.TOKEN if request.token else CredentialKind.NONE
            if request.bearer or (request.token and "bearer-alone" in self._faults):
                credential = CredentialKind.BEARER_TOKEN
            user = request.user if credential is CredentialKind.TOKEN else ""
            made = Repository(address=address.url, credential=credential, user=user)
            return self._keep(replace(made, contact=Contact(datetime.now(UTC))))
        self._check_host(address, request)
        if request.agent_key is not None:
            agent = MemoryAgent() if "no-agent" in self._faults else MemoryAgent(WORK, HOME)
            key = choose_agent_key(agent.held(), request.agent_key, address.url)
            made = Repository(address=address.url, host_keys=(HOST_KEY,), contact=self._contact())
            kind = CredentialKind.SSH_AGENT
            return self._keep(replace(made, credential=kind, public_key=key.line))
        if request.key is None:
            return self._keep(self._with_key(Repository(address=address.url)))
        if "locked-key" in self._faults and request.passphrase is None:
            raise PassphraseNeeded("The private key is encrypted.")
        made = replace(self._with_key(Repository(address=address.url)), contact=self._contact())
        return self._keep(replace(made, credential=CredentialKind.IMPORTED_KEY))

    def check(self, given: str) -> Repository:
        known = self.known(given)
        return self._keep(replace(known, contact=self._contact(), rotating=False))

    def rotate(self, given: str, token: Secret | None) -> Repository:
        known = self.known(given)
        if known.agent_key is not None:
            raise UsageError("This repository is opened by a key of your ssh agent.")
        if known.credential.is_token:
            if token is None:
                raise UsageError("This repository is opened by a token.")
            bearer = known.credential is CredentialKind.BEARER_TOKEN
            return self.connect(ConnectionRequest(address=given, token=token, bearer=bearer))
        if known.installed:
            self._github.account_for(given)
        return self._keep(replace(self._with_key(known), rotating=not known.installed))

    def disconnect(self, given: str, anyway: bool) -> Removal:
        address = parse_repository(given).url
        now = datetime.now(UTC)
        if address not in self._kept:
            return Removal(AppName(""), (), (), now)
        apps = next(each.apps for each in self.all() if each.address == address)
        if apps and not anyway:
            raise UsageError(f"{', '.join(apps)} would lose the way to the repository.")
        del self._kept[address]
        by_hand = self._github.take_back(address)
        gone = (Item("repository credential", address),)
        return Removal(AppName(""), gone, (), now, by_hand=by_hand)

    def _check_host(self, address: RepositoryAddress, request: ConnectionRequest) -> None:
        host = known_name(address)
        hosts = {known_name(parse_repository(kept)) for kept in self._kept}
        if host not in _SHIPPED | hosts and request.host_key is None:
            raise HostKeyUnknown(host, (HOST_KEY,), address.url)

    def _check_trusted(self, address: RepositoryAddress) -> None:
        if "untrusted-server" in self._faults:
            raise ServerUntrusted(
                f"The certificate of {address.host} could not be verified.",
                "It says: self-signed certificate.",
                f"Add its CA: holdfast repository add {address.url} --ca FILE",
            )

    def check_readable(self, given: str) -> None:
        """With the fault `private-repository`, raises CredentialNeeded for one that is unknown."""
        address = parse_repository(given)
        if address.kind is RepositoryKind.HTTPS and address.url not in self._kept:
            self._check_trusted(address)
        if "private-repository" in self._faults and parse_repository(given).url not in self._kept:
            raise CredentialNeeded(
                "The repository does not exist, or needs a credential.",
                "git.example asked for a user name and password.",
            )

    def known(self, given: str) -> Repository:
        address = parse_repository(given).url
        if address not in self._kept:
            raise UsageError("No credential is kept for this repository.")
        return self._kept[address]

    def _with_key(self, repository: Repository) -> Repository:
        self._made += 1
        return replace(
            repository,
            credential=CredentialKind.DEPLOY_KEY,
            public_key=public_key(self._made),
            host_keys=(HOST_KEY,),
        )

    def _contact(self) -> Contact:
        if "changed-host-key" in self._faults and self._changed_key:
            words = f"The host key of github.com has changed. It shows {OTHER_KEY.fingerprint}."
            return Contact(datetime.now(UTC), words, OTHER_KEY.fingerprint, "Ask its admin.")
        silent = "silent-repository" in self._faults
        words = "github.com does not accept the key. Its public half is not there."
        if not silent:
            return Contact(datetime.now(UTC))
        return Contact(datetime.now(UTC), words, next="Add it to the deploy keys there.")

    def _keep(self, repository: Repository) -> Repository:
        self._kept[repository.address] = repository
        return repository
