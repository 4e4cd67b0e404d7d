"""A node's keys: of volumes, of authorities, and the apps' secrets.

They are kept in the OS keychain. Where the node has a recovery kit, its age files hold them too,
and are what counts: another admin may have changed them. Those are written first.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from holdfast.domain.errors import HoldfastError, KeyMissing, NotLetIn
from holdfast.domain.names import AppName, cipher_volume
from holdfast.domain.node import Item
from holdfast.domain.secret import Secret
from holdfast.node.age_file import WrongIdentity
from holdfast.node.key_files import KeyFiles
from holdfast.node.shared_keys import (
    ACCESS,
    BEFORE,
    CERTIFICATE,
    CHANGED_KEY,
    CIPHER,
    NAMES,
    SECRETS,
    VOLUME_KEY,
    SharedKeys,
)
from holdfast.ports import Keychain

_KEY_BYTES = 32
#: Items of the node itself, which every admin has: others, of this workstation, stay on it.
_AUTHORITIES, REPOSITORIES, EDGE = "authority/", "repository/", "edge/"
#: An app's keychain items, by the name that their content has in its age file.
_ITEMS = {
    VOLUME_KEY: "volume/{}",
    CHANGED_KEY: "volume-changed/{}",
    CIPHER: "cipher/{}",
    SECRETS: "secrets/{}",
    BEFORE: "secrets-before/{}",
    CERTIFICATE: "certificate/{}",
    ACCESS: "access/{}",
    NAMES: "names/{}",
}
#: Where the node keeps an authority beside another one while it is replaced.
NEXT, FORMER = "-next", "-former"


class NodeKeys:
    """All keys of one node. node_id: the node's own identity, kept on its engine."""

    def __init__(self, keychain: Keychain, node_id: Callable[[], str], files: KeyFiles) -> None:
        self._keychain = keychain
        self._node_id = node_id
        self.shared = SharedKeys(keychain, lambda: self._service, files)

    @property
    def label(self) -> str:
        return self._keychain.label

    def check(self) -> None:
        """Raises KeychainError where the keychain does not answer. Whoever ends or removes what
        cannot be made again without keys asks this first."""
        self._keychain.names(self._service)

    @property
    def node_id(self) -> str:
        return self._node_id()

    @property
    def _service(self) -> str:
        return f"holdfast:{self._node_id()}"

    def new_volume_key(self, app: AppName) -> Secret:
        """Make and keep the key of a volume that does not exist yet (64 hex digits)."""
        key = Secret(secrets.token_hex(_KEY_BYTES).encode())
        shelf = self.shared.look()
        if shelf is not None:
            self.shared.put(shelf, app, {VOLUME_KEY: key})
        self._keychain.write(self._service, _item(VOLUME_KEY, app), key)
        return key

    def volume_key(self, app: AppName) -> Secret:
        """Raises KeyMissing: a new key would open nothing that is there."""
        return self.opening_keys(app)[0]

    def opening_keys(self, app: AppName) -> tuple[Secret, Secret | None]:
        """The volume's key, and the one that it is being given: while that is not brought to its
        end, it may be either. Raises KeyMissing."""
        try:
            shelf = self.shared.look()
            shared = (shelf.open(app) if shelf else None) or {}
        except (KeyMissing, WrongIdentity):
            if self.stored(_item(VOLUME_KEY, app)) is None:
                raise
            shared = {}
        if VOLUME_KEY in shared:
            return shared[VOLUME_KEY], shared.get(CHANGED_KEY)
        key = self._keychain.read(self._service, _item(VOLUME_KEY, app))
        return key, self.stored(_item(CHANGED_KEY, app))

    def keep_changed_key(self, app: AppName, key: Secret) -> None:
        """Before the volume is given it."""
        self._put(app, {CHANGED_KEY: key})

    def take_changed_key(self, app: AppName, key: Secret) -> None:
        """From here on it is the volume's key, and there is no other one."""
        self._put(app, {VOLUME_KEY: key, CHANGED_KEY: None})

    def keep_volume(self, app: AppName) -> None:
        """In the keychain, what the node's files say of the app's volume."""
        shelf = self.shared.look()
        told = (shelf.open(app) if shelf else None) or {}
        for file in (CIPHER, VOLUME_KEY):
            if file in told:
                self._keep(_item(file, app), told[file])

    def cipher_volume(self, app: AppName) -> str:
        """The named volume that the volume key opens."""
        found = self._find(app, CIPHER)
        return found.reveal().decode() if found else cipher_volume(app)

    def secrets(self, app: AppName) -> Secret:
        """The app's TOML document, empty if nothing has been stored."""
        return self._find(app, SECRETS) or Secret(b"")

    def secrets_before(self, app: AppName) -> Secret | None:
        """The document before the last change, None where there was none."""
        return self._find(app, BEFORE)

    def store_secrets(self, app: AppName, document: Secret) -> None:
        """Keep a document, and the one that was there as the one before it."""
        there, before = self._find(app, SECRETS), self.secrets_before(app)
        if there == document:
            return
        changed = {BEFORE: there, SECRETS: document}
        written = {file: value for file, value in changed.items() if value is not None}
        self._share(app, written)
        # where the two change places, a crash in between must not lose the one that is wanted
        order = (SECRETS, BEFORE) if document == before else (BEFORE, SECRETS)
        for file in order:
            if file in written:
                self._keychain.write(self._service, _item(file, app), written[file])

    def certificates(self, apps: Iterable[AppName]) -> dict[AppName, Secret]:
        """The certificates that were imported for these apps, as they were kept."""
        return self._of_each(CERTIFICATE, apps)

    def names(self, apps: Iterable[AppName]) -> dict[AppName, Secret]:
        """The further host names of these apps, as they were kept."""
        return self._of_each(NAMES, apps)

    def _of_each(self, file: str, apps: Iterable[AppName]) -> dict[AppName, Secret]:
        """What cannot be opened is left out: it shall not hold the others back."""
        names = self._keychain.names(self._service)
        try:
            shelf = self.shared.look()
        except KeyMissing:
            shelf = None
        found: dict[AppName, Secret] = {}
        for app in apps:
            shared = None
            with suppress(HoldfastError, WrongIdentity):
                shared = shelf.open(app) if shelf else None
            stored = self.stored(item) if (item := _item(file, app)) in names else None
            if value := stored if shared is None else shared.get(file):
                found[app] = value
        return found

    def keep_certificate(self, app: AppName, item: Secret | None) -> None:
        """None: the app has none of its own any more."""
        self._put(app, {CERTIFICATE: item})

    def keep_names(self, app: AppName, item: Secret | None) -> None:
        """None: the app has its main name alone."""
        self._put(app, {NAMES: item})

    def accesses(self, apps: Iterable[AppName]) -> dict[AppName, Secret]:
        """Who may visit these apps, as it was kept; nothing for those that are as they began.
        What cannot be opened is there, and empty: it shall open no app, nor hold others back.
        Raises NotLetIn."""
        shelf = self.shared.look()
        found: dict[AppName, Secret] = {}
        for app in apps:
            try:
                shared = shelf.open(app) if shelf else None
            except (HoldfastError, WrongIdentity):
                found[app] = Secret(b"")
                continue
            kept = self.stored(_item(ACCESS, app)) if shared is None else shared.get(ACCESS)
            if kept is not None:
                found[app] = kept
        return found

    def keep_access(self, app: AppName, item: Secret) -> None:
        self._put(app, {ACCESS: item})

    def forget(self, app: AppName) -> list[Item]:
        """Delete what belongs to an app: with its key the volume's content is shredded."""
        found = self.items(app)
        self.shared.files.delete(app)
        for item in _ITEMS.values():
            self._keychain.delete(self._service, item.format(app))
        return found

    @staticmethod
    def volume_items(app: AppName) -> tuple[Item, ...]:
        """Where the key of the app's volume is kept, as lists of what belongs to an app name it."""
        return _key_file(app), Item("keychain item", _item(VOLUME_KEY, app))

    def items(self, app: AppName) -> list[Item]:
        own = {item.format(app) for item in _ITEMS.values()}
        names = self._keychain.names(self._service)
        files = [_key_file(app)] if app in self.shared.files.read() else []
        return files + [Item("keychain item", name) for name in names if name in own]

    def forget_node(self) -> None:
        for name in self._keychain.names(self._service):
            self._keychain.delete(self._service, name)

    def catch_up(self, list_apps: Callable[[], Sequence[AppName]]) -> None:
        """Where there is a recovery kit: bring keychain and age files in line. list_apps: those
        that have a volume. What other admins wrote is kept here too, what the files lack is added
        to them, and what was removed from the node is forgotten. Raises NotLetIn."""
        shelf = self.shared.look()
        if shelf is None:
            return
        # after the files were read: the volume of one that is being removed goes before its file,
        # which else would be taken for one that is missing, and come back
        apps = list_apps()
        self.keep_authorities(shelf.node)
        for app in apps:
            held = {file: self.stored(_item(file, app)) for file in _ITEMS}
            try:
                shared = shelf.open(app)
            except HoldfastError:
                # whoever needs that app is told; the others shall not be held back
                continue
            if shared is None and held[VOLUME_KEY] is not None:
                self.shared.put(shelf, app, {f: v for f, v in held.items() if v is not None})
            for file, value in (shared or {}).items():
                if file in _ITEMS:
                    self._keep(_item(file, app), value)
            if shared is not None and CHANGED_KEY not in shared and held[CHANGED_KEY]:
                self._keychain.delete(self._service, _item(CHANGED_KEY, app))
        for name in self._keychain.names(self._service):
            owner = name.partition("/")[2]
            known = owner in apps or owner in shelf.contents
            of_app = not known and name in (item.format(owner) for item in _ITEMS.values())
            if of_app or (name.startswith(REPOSITORIES) and name not in shelf.node):
                self._keychain.delete(self._service, name)

    def keep_authorities(self, node: Mapping[str, Secret]) -> None:
        """Those of the node, in the keychain too."""
        for item, value in node.items():
            if not item.endswith((NEXT, FORMER)):
                self._keep(item, value)

    def shared_items(self) -> Mapping[str, Secret]:
        """Those of the node in its age files, none where it has no recovery kit."""
        shelf = self.shared.look()
        return {} if shelf is None else shelf.node

    def publish(self, items: Mapping[str, Secret]) -> None:
        """Keep items of the node, for all admins where it has a recovery kit."""
        shelf = self.shared.look()
        if shelf is not None:
            self.shared.put_node(replace(shelf, node={**shelf.node, **items}))
        for item, value in items.items():
            self._keychain.write(self._service, item, value)

    def stored(self, name: str) -> Secret | None:
        """An item of the keychain."""
        try:
            return self._keychain.read(self._service, name)
        except KeyMissing:
            return None

    def kept_items(self, *kinds: str) -> dict[str, Secret]:
        """Those of the keychain whose names begin so; the node's own where nothing is said."""
        names = self._keychain.names(self._service)
        wanted = [
            name for name in names if name.startswith(kinds or (_AUTHORITIES, REPOSITORIES, EDGE))
        ]
        return {name: self._keychain.read(self._service, name) for name in wanted}

    def repository_items(self) -> dict[str, Secret]:
        """What is kept of repositories, by name: what all admins see, where the node has a kit."""
        try:
            shelf = self.shared.look()
        except NotLetIn:
            shelf = None
        if shelf is None:
            return self.kept_items(REPOSITORIES)
        return {name: item for name, item in shelf.node.items() if name.startswith(REPOSITORIES)}

    def forget_repository(self, name: str) -> None:
        """No error if it is missing."""
        shelf = self.shared.look()
        if shelf is not None and name in shelf.node:
            left = {other: item for other, item in shelf.node.items() if other != name}
            self.shared.put_node(replace(shelf, node=left))
        self._keychain.delete(self._service, name)

    def note(self, name: str, value: Secret) -> None:
        """Keep an item on this workstation alone."""
        self._keep(name, value)

    def drop_note(self, name: str) -> None:
        self._keychain.delete(self._service, name)

    def _put(self, app: AppName, changed: Mapping[str, Secret | None]) -> None:
        """Change what is kept of an app, in this order in the keychain. None: kept no more."""
        self._share(app, changed)
        for file, value in changed.items():
            if value is None:
                self._keychain.delete(self._service, _item(file, app))
            else:
                self._keychain.write(self._service, _item(file, app), value)

    def _share(self, app: AppName, changed: Mapping[str, Secret | None]) -> None:
        """Change the app's age file, where the node has a recovery kit. None: left out of it."""
        shelf = self.shared.look()
        if shelf is not None:
            kept = shelf.open(app) or {VOLUME_KEY: self.volume_key(app)}
            files = {f: v for f, v in {**kept, **changed}.items() if v is not None}
            self.shared.put(shelf, app, files)

    def _find(self, app: AppName, file: str) -> Secret | None:
        """The node's word where it has a recovery kit, otherwise the keychain's. A workstation
        that was never let in may still hold what it wrote itself."""
        try:
            shelf = self.shared.look()
            shared = shelf.open(app) if shelf else None
        except (KeyMissing, WrongIdentity):
            stored = self.stored(_item(file, app))
            if stored is None:
                raise
            return stored
        return self.stored(_item(file, app)) if shared is None else shared.get(file)

    def _keep(self, item: str, value: Secret) -> None:
        if self.stored(item) != value:
            self._keychain.write(self._service, item, value)


def _item(file: str, app: AppName) -> str:
    return _ITEMS[file].format(app)


def _key_file(app: AppName) -> Item:
    return Item("key file", f"{app}.age")
