"""What this workstation may do at GitHub: its token, and the deploy keys that it installs there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from holdfast.domain.connection import Connection
from holdfast.domain.errors import HoldfastError, UsageError
from holdfast.domain.forges import deploy_keys_list, repository_path
from holdfast.domain.github import (
    Account,
    NotSignedIn,
    Search,
    SignIn,
    parse_api,
    web_host,
)
from holdfast.domain.repository import RepositoryAddress, RepositoryKind, parse_repository
from holdfast.domain.secret import Secret
from holdfast.domain.stored import Damaged, from_json, to_json
from holdfast.node.deploy_keys import read_key_pair
from holdfast.node.keys import NodeKeys
from holdfast.ports import GitHub

#: On this workstation alone: a token is a person's, not the team's.
_NAME = "github/token"


@dataclass(frozen=True, slots=True)
class _Item:
    token: str = field(repr=False)
    api: str


@dataclass(frozen=True, slots=True)
class _Kept:
    token: Secret
    api: str


class GitHubAccess:
    """Raises GitHubError, of which NotSignedIn is one; KeychainError."""

    def __init__(self, keys: NodeKeys, github: Callable[[], GitHub]) -> None:
        self._keys = keys
        self._github = github

    def sign_in(self, token: Secret, wanted: SignIn) -> Account:
        """Nothing is kept of a token that GitHub does not take."""
        account = self._github().account(token, wanted.api)
        item = _Item(token.reveal().decode(), wanted.api)
        self._keys.note(_NAME, Secret(to_json(item).encode()))
        return account

    def sign_out(self) -> bool:
        """Whether a token was kept."""
        kept = self._keys.stored(_NAME) is not None
        self._keys.drop_note(_NAME)
        return kept

    def account(self) -> Account:
        kept = self._kept()
        return self._github().account(kept.token, kept.api)

    def search(self, words: str, organisation: str) -> Search:
        kept = self._kept()
        return self._github().search(kept.token, kept.api, words, organisation)

    def ssh_address(self, address: RepositoryAddress) -> RepositoryAddress:
        """By which a deploy key opens the repository. Raises NotSignedIn where this workstation
        has no token for its host."""
        self._for(address)
        if address.kind is RepositoryKind.SSH:
            return address
        return parse_repository(f"git@{address.host}:{repository_path(address)}.git")

    def install(self, address: RepositoryAddress, key: str) -> str:
        """Returns the API by which it was done."""
        kept = self._for(address)
        title = f"Holdfast, for {repository_path(address)}"
        self._github().install_key(kept.token, kept.api, repository_path(address), title, key)
        return kept.api

    def uninstall(self, connection: Connection, *keys: str) -> None:
        """keys: one line each. Those that are not there any more are no error."""
        address = parse_repository(connection.address)
        kept = self._for(address)
        for key in keys:
            self._github().remove_key(kept.token, kept.api, repository_path(address), key)

    def take_back(self, connections: Iterable[Connection]) -> tuple[str, ...]:
        """Take away all keys that were installed for these. Returns what remains to be done by
        hand: never an error, since what is forgotten here shall go nevertheless."""
        by_hand: list[str] = []
        for each in connections:
            if not each.installed:
                continue
            try:
                self.uninstall(each, *installed_keys(each))
            except HoldfastError as error:
                place = deploy_keys_list(parse_repository(each.address))
                by_hand.append(
                    f"Delete the deploy key {title_of(each)} yourself, at {place}: {error.what}"
                )
        return tuple(by_hand)

    def _kept(self) -> _Kept:
        item = self._keys.stored(_NAME)
        kept = None if item is None else _opened(item)
        if kept is None:
            raise NotSignedIn(
                "You are not signed in to GitHub.",
                "No token is kept on this workstation."
                if item is None
                else "The token that is kept on this workstation cannot be read: it is damaged.",
                "Sign in: holdfast github sign-in",
            )
        return kept

    def _for(self, address: RepositoryAddress) -> _Kept:
        kept = self._kept()
        host = web_host(kept.api)
        if address.host != host:
            raise NotSignedIn(
                f"You are signed in to {host}, and not to {address.host}.",
                "Deploy keys are installed by GitHub's API, on the host that is signed in to.",
                "Leave the installing out and add the public key by hand, or sign in there:"
                " holdfast github sign-in --api URL",
            )
        return kept


def _opened(item: Secret) -> _Kept | None:
    """None for one that is damaged: the parsers' errors, which quote what they could not read, end
    here."""
    try:
        told = from_json(_Item, item.reveal())
        return _Kept(Secret(told.token.encode()), parse_api(told.api))
    except (Damaged, UsageError):
        return None


def installed_keys(connection: Connection) -> tuple[str, ...]:
    """The public halves that the forge may have: of the key, and of the one before it."""
    before = connection.secret_before
    former = (read_key_pair(before, None, "").public,) if before else ()
    return (connection.public_key, *former)


def title_of(connection: Connection) -> str:
    return f"“Holdfast, for {repository_path(parse_repository(connection.address))}”"
