"""The connections of a node's repositories: kept in the keychain, and who uses which."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from typing import Any

from holdfast.domain.connection import Connection, Contact, CredentialKind, Repository
from holdfast.domain.forges import own_user
from holdfast.domain.host_keys import HostKey, known_name, parse_known_hosts
from holdfast.domain.names import AppName
from holdfast.domain.node import Item
from holdfast.domain.repository import RepositoryAddress, RepositoryKind, parse_repository
from holdfast.domain.secret import Secret
from holdfast.domain.stored import from_json, to_json
from holdfast.node.keys import REPOSITORIES, NodeKeys
from holdfast.shipped import RESOURCES

_CONTACTS = "contact/"


@dataclass(frozen=True, slots=True)
class Reach:
    """connection: None where none is kept. host_keys: those that the host is held to.
    certificates: PEM of CAs that an admin added for the host, with any of its repositories.
    withheld: the apps for which one is kept that may not be used, as it is not for a submodule."""

    connection: Connection | None = None
    host_keys: tuple[HostKey, ...] = ()
    certificates: str = ""
    withheld: tuple[AppName, ...] = ()


class Connections:
    """Raises KeychainError, as the keys themselves do."""

    def __init__(self, keys: NodeKeys) -> None:
        self._keys = keys

    def all(self) -> list[Connection]:
        found = [_opened(item) for item in self._keys.repository_items().values()]
        return sorted(found, key=lambda connection: connection.address)

    def reach(
        self,
        address: RepositoryAddress,
        within: RepositoryAddress | None = None,
        app: AppName | None = None,
    ) -> Reach:
        """How an address is reached, of one reading. A folder of this machine needs nothing.

        within: the repository that has this one as its submodule, app: what it is fetched for.
        What other apps are deployed with is not for submodules. What opens `within` is shown to
        its own https server for this one too, where nothing else is kept."""
        if address.kind is RepositoryKind.LOCAL:
            return Reach()
        everything = self.all()
        kept = {_item(each.address): each for each in everything}
        found = kept.get(_item(address.url))
        withheld: tuple[AppName, ...] = ()
        if within is not None and _item(within.url) != _item(address.url):
            if found is not None and found.apps and app not in found.apps:
                withheld, found = found.apps, None
            if found is None and _one_https_server(within, address):
                found = kept.get(_item(within.url))
        return Reach(
            found, _host_keys(address, everything), _certificates(address, everything), withheld
        )

    def keep(self, connection: Connection) -> None:
        self._keys.publish({_item(connection.address): _closed(connection)})

    def forget(self, address: str) -> Item:
        """With its credential. No error if there is none."""
        self._keys.forget_repository(_item(address))
        self._keys.drop_note(_contact(address))
        return _receipt(address)

    def pin(self, address: RepositoryAddress, keys: tuple[HostKey, ...]) -> None:
        """Hold the host to these keys, for all its repositories that are kept."""
        for connection in self.all():
            other = parse_repository(connection.address)
            if known_name(other) == known_name(address) and other.kind is RepositoryKind.SSH:
                self.keep(replace(connection, host_keys=keys))

    # who uses which

    def assign(self, app: AppName, address: RepositoryAddress) -> None:
        """The app is deployed from there. The connection that it leaves goes with its last app."""
        for connection in self.all():
            if _item(connection.address) != _item(address.url):
                self._drop(connection, app)
            elif app not in connection.apps:
                self.keep(replace(connection, apps=tuple(sorted({*connection.apps, app}))))

    def release(self, app: AppName) -> list[Item]:
        """The app is gone. Returns what went with it."""
        return [gone for each in self.all() if (gone := self._drop(each, app)) is not None]

    def leaving(self, app: AppName, stays: RepositoryAddress | None = None) -> list[Connection]:
        """Those that go with the app, or when it is deployed from `stays`."""
        kept = _item(stays.url) if stays else ""
        return [each for each in self.all() if each.apps == (app,) and _item(each.address) != kept]

    def items(self, app: AppName) -> list[Item]:
        """What would go with the app, as lists of what belongs to it name it."""
        return [_receipt(each.address) for each in self.all() if each.apps == (app,)]

    def _drop(self, connection: Connection, app: AppName) -> Item | None:
        if app not in connection.apps:
            return None
        left = tuple(other for other in connection.apps if other != app)
        if not left:
            return self.forget(connection.address)
        self.keep(replace(connection, apps=left))
        return None

    # how they are

    def note_contact(
        self, address: RepositoryAddress, contact: Contact, rest: timedelta = timedelta()
    ) -> None:
        """Of a repository of which nothing is kept, this is not either. rest: how old a note of
        the same may become before it is written again."""
        if self.reach(address).connection is None:
            return
        before = self.show(address).contact
        if before and before.error == contact.error and contact.when - before.when < rest:
            return
        self._keys.note(_contact(address.url), Secret(to_json(contact).encode()))

    def shown(self) -> list[Repository]:
        """All, as lists show them."""
        contacts = self._keys.kept_items(_CONTACTS)
        everything = self.all()
        return [
            Repository(
                address=each.address,
                credential=each.credential,
                public_key=each.public_key,
                host_keys=_host_keys(parse_repository(each.address), everything),
                contact=_read_contact(contacts.get(_contact(each.address))),
                rotating=each.secret_before is not None,
                apps=each.apps,
                installed=bool(each.installed),
                user=own_user(parse_repository(each.address), each),
            )
            for each in everything
        ]

    def show(self, address: RepositoryAddress) -> Repository:
        """One of them; of a repository of which nothing is kept, its address alone."""
        same = (each for each in self.shown() if _item(each.address) == _item(address.url))
        return next(same, Repository(address=address.url))


def _host_keys(address: RepositoryAddress, everything: Iterable[Connection]) -> tuple[HostKey, ...]:
    """Those that a host is held to: as an admin confirmed them, with any of its repositories, or
    else as they ship with Holdfast. Empty where nobody knows any."""
    if address.kind is not RepositoryKind.SSH:
        return ()
    host = known_name(address)
    for connection in everything:
        if connection.host_keys and known_name(parse_repository(connection.address)) == host:
            return connection.host_keys
    return parse_known_hosts(_shipped(), host)


def _certificates(address: RepositoryAddress, everything: Iterable[Connection]) -> str:
    """PEM of the CAs that were added for a host; SSH needs none."""
    if address.kind is not RepositoryKind.HTTPS:
        return ""
    kept = [(parse_repository(each.address), each.certificates) for each in everything]
    own = {
        found for other, found in kept if (other.host, other.port) == (address.host, address.port)
    }
    # one that was kept by an earlier release may end without a line's end
    return "".join(f"{each.strip()}\n" for each in sorted(own) if each)


def _one_https_server(one: RepositoryAddress, other: RepositoryAddress) -> bool:
    same = (one.host, one.port) == (other.host, other.port)
    return same and one.kind is other.kind is RepositoryKind.HTTPS


def _digest(address: str) -> str:
    """git takes an address with and without `.git` for the same."""
    return hashlib.sha256(address.removesuffix(".git").encode()).hexdigest()[:24]


def _item(address: str) -> str:
    return f"{REPOSITORIES}{_digest(address)}"


def _contact(address: str) -> str:
    return f"{_CONTACTS}{_digest(address)}"


def _receipt(address: str) -> Item:
    return Item("repository credential", address)


@cache
def _shipped() -> str:
    return (RESOURCES / "forges" / "known_hosts").read_text()


def _closed(connection: Connection) -> Secret:
    told: dict[str, Any] = {
        "address": connection.address,
        "credential": connection.credential.value,
        "secret": _text(connection.secret),
        "secret_before": _text(connection.secret_before),
        "user": connection.user,
        "public_key": connection.public_key,
        "host_keys": [[key.kind, key.key] for key in connection.host_keys],
        "certificates": connection.certificates,
        "apps": list(connection.apps),
        "installed": connection.installed,
        "installing": connection.installing,
    }
    return Secret(json.dumps(told).encode())


def _opened(item: Secret) -> Connection:
    told = json.loads(item.reveal())
    return Connection(
        address=told["address"],
        credential=CredentialKind(told["credential"]),
        secret=_secret(told["secret"]),
        secret_before=_secret(told["secret_before"]),
        user=told["user"],
        public_key=told["public_key"],
        host_keys=tuple(HostKey(kind, key) for kind, key in told["host_keys"]),
        certificates=told["certificates"],
        apps=tuple(AppName(app) for app in told["apps"]),
        # written by releases that install keys themselves
        installed=told.get("installed", ""),
        installing=told.get("installing", ""),
    )


def _read_contact(item: Secret | None) -> Contact | None:
    return None if item is None else from_json(Contact, item.reveal())


def _text(secret: Secret | None) -> str | None:
    return None if secret is None else secret.reveal().decode()


def _secret(text: str | None) -> Secret | None:
    return None if text is None else Secret(text.encode())
