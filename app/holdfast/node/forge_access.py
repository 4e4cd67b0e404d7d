"""What this workstation may do at the forges: its tokens, and the deploy keys that it installs
there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from holdfast.domain.connection import Connection
from holdfast.domain.errors import HoldfastError, UsageError
from holdfast.domain.forge_account import (
    Account,
    ForgeKind,
    NotSignedIn,
    Search,
    SignIn,
    parse_api,
    public_forge,
    web_host,
)
from holdfast.domain.forges import deploy_keys_list, repository_path
from holdfast.domain.repository import RepositoryAddress, RepositoryKind, parse_repository
from holdfast.domain.secret import Secret
from holdfast.domain.stored import Damaged, from_json, to_json
from holdfast.node.deploy_keys import read_key_pair
from holdfast.node.keys import NodeKeys
from holdfast.ports import Forge, GitHub

#: On this workstation alone: a token is a person's, not the team's.
_NAMES = {forge: f"{forge.command}/token" for forge in ForgeKind}


@dataclass(frozen=True, slots=True)
class _Item:
    token: str = field(repr=False)
    api: str


@dataclass(frozen=True, slots=True)
class _Kept:
    forge: ForgeKind
    token: Secret
    api: str


class ForgeAccess:
    """Raises ForgeError, of which NotSignedIn is one; KeychainError."""

    def __init__(
        self,
        keys: NodeKeys,
        github: Callable[[], GitHub],
        others: Mapping[ForgeKind, Callable[[], Forge]],
    ) -> None:
        self._keys = keys
        self._speakers: dict[ForgeKind, Callable[[], Forge]] = {
            ForgeKind.GITHUB: github,
            **others,
        }

    def sign_in(self, token: Secret, wanted: SignIn) -> Account:
        """Nothing is kept of a token that the forge does not take."""
        account = self._speaker(wanted.forge).account(token, wanted.api)
        item = _Item(token.reveal().decode(), wanted.api)
        self._keys.note(_NAMES[wanted.forge], Secret(to_json(item).encode()))
        return account

    def sign_out(self, forge: ForgeKind = ForgeKind.GITHUB) -> bool:
        """Whether a token was kept."""
        kept = self._keys.stored(_NAMES[forge]) is not None
        self._keys.drop_note(_NAMES[forge])
        return kept

    def account(self, forge: ForgeKind = ForgeKind.GITHUB) -> Account:
        kept = self._kept(forge)
        return self._speaker(forge).account(kept.token, kept.api)

    def search(self, words: str, organisation: str, forge: ForgeKind = ForgeKind.GITHUB) -> Search:
        kept = self._kept(forge)
        return self._speaker(forge).search(kept.token, kept.api, words, organisation)

    def hosts(self) -> frozenset[str]:
        """Whose repositories get deploy keys by the tokens that are kept here; nobody is asked."""
        return frozenset(web_host(kept.api) for kept in self._all_kept())

    def ssh_address(self, address: RepositoryAddress) -> RepositoryAddress:
        """By which a deploy key opens the repository. Raises NotSignedIn where this workstation
        has no token for its host."""
        self._for(address)
        if address.kind is RepositoryKind.SSH:
            return address
        return parse_repository(f"git@{address.host}:{repository_path(address)}.git")

    def api(self, address: RepositoryAddress) -> str:
        """That would be asked. Raises NotSignedIn."""
        return self._for(address).api

    def install(self, address: RepositoryAddress, key: str) -> str:
        """Returns the API by which it was done."""
        kept = self._for(address)
        title = f"Holdfast, for {repository_path(address)}"
        self._speaker(kept.forge).install_key(
            kept.token, kept.api, repository_path(address), title, key
        )
        return kept.api

    def uninstall(self, connection: Connection, *keys: str) -> None:
        """keys: one line each. Those that are not there any more are no error."""
        address = parse_repository(connection.address)
        kept = self._for(address)
        for key in keys:
            self._speaker(kept.forge).remove_key(
                kept.token, kept.api, repository_path(address), key
            )

    def take_back(self, connections: Iterable[Connection]) -> tuple[str, ...]:
        """Take away all keys that were installed for these. Returns what remains to be done by
        hand: never an error, since what is forgotten here shall go nevertheless."""
        by_hand: list[str] = []
        for each in connections:
            if not each.forge_api:
                continue
            try:
                self.uninstall(each, *installed_keys(each))
            except HoldfastError as error:
                place = deploy_keys_list(parse_repository(each.address), each.forge_api)
                by_hand.append(
                    f"Delete the deploy key {title_of(each)} yourself, at {place}: {error.what}"
                )
        return tuple(by_hand)

    def _speaker(self, forge: ForgeKind) -> Forge:
        return self._speakers[forge]()

    def _kept(self, forge: ForgeKind) -> _Kept:
        item = self._keys.stored(_NAMES[forge])
        kept = None if item is None else _opened(forge, item)
        if kept is None:
            raise NotSignedIn(
                f"You are not signed in to {forge.value}.",
                "No token is kept on this workstation."
                if item is None
                else "The token that is kept on this workstation cannot be read: it is damaged.",
                f"Sign in: {forge.sign_in}",
            )
        return kept

    def _stored(self) -> dict[ForgeKind, Secret]:
        items = {forge: self._keys.stored(name) for forge, name in _NAMES.items()}
        return {forge: item for forge, item in items.items() if item is not None}

    def _all_kept(self) -> list[_Kept]:
        """Without those that are damaged."""
        opened = (_opened(forge, item) for forge, item in self._stored().items())
        return [kept for kept in opened if kept is not None]

    def _for(self, address: RepositoryAddress) -> _Kept:
        """The sign-in at the host of a repository."""
        found = self._all_kept()
        here = next((kept for kept in found if web_host(kept.api) == address.host), None)
        if here is not None:
            return here
        meant = public_forge(address.host)
        if meant is not None or not found:
            # whoever has no sign-in at all, or a damaged one, is told how to begin
            found = [self._kept(meant or next(iter(self._stored()), ForgeKind.GITHUB))]
        hosts = " and ".join(web_host(kept.api) for kept in found)
        others = " or".join(f" {kept.forge.sign_in} --api URL" for kept in found)
        raise NotSignedIn(
            f"You are signed in to {hosts}, and not to {address.host}.",
            "Deploy keys are installed by the forge's API, on the host that is signed in to.",
            "Leave the installing out and add the public key by hand, or sign in there with the"
            f" command of its forge:{others}",
        )


def _opened(forge: ForgeKind, item: Secret) -> _Kept | None:
    """None for one that is damaged: the parsers' errors, which quote what they could not read, end
    here."""
    try:
        told = from_json(_Item, item.reveal())
        return _Kept(forge, Secret(told.token.encode()), parse_api(told.api, forge))
    except (Damaged, UsageError):
        return None


def installed_keys(connection: Connection) -> tuple[str, ...]:
    """The public halves that the forge may have: of the key, and of the one before it."""
    before = connection.secret_before
    former = (read_key_pair(before, None, "").public,) if before else ()
    return (connection.public_key, *former)


def title_of(connection: Connection) -> str:
    return f"“Holdfast, for {repository_path(parse_repository(connection.address))}”"
