"""A node's keys in the OS keychain: of volumes, of authorities, and the apps' secrets."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from ipaddress import ip_network

from holdfast.domain.errors import KeyMissing
from holdfast.domain.names import AppName, HostName
from holdfast.domain.node import Item
from holdfast.domain.secret import Secret
from holdfast.node.certificates import (
    Authority,
    from_secret,
    new_edge_authority,
    new_sidecars_authority,
    new_visitors_authority,
    to_secret,
)
from holdfast.ports import Keychain

_KEY_BYTES = 32
_LOOPBACK = ("127.0.0.0/8", "::1/128")


class NodeKeys:
    """All items of one node. node_id: the node's own identity, kept on its engine."""

    def __init__(self, keychain: Keychain, node_id: Callable[[], str]) -> None:
        self._keychain = keychain
        self._node_id = node_id

    @property
    def label(self) -> str:
        return self._keychain.label

    @property
    def _service(self) -> str:
        return f"holdfast:{self._node_id()}"

    def new_volume_key(self, app: AppName) -> Secret:
        """Make and keep the key of a volume that does not exist yet (64 hex digits)."""
        key = Secret(secrets.token_hex(_KEY_BYTES).encode())
        self._keychain.write(self._service, f"volume/{app}", key)
        return key

    def volume_key(self, app: AppName) -> Secret:
        """Raises KeyMissing: a new key would open nothing that is there."""
        return self._keychain.read(self._service, f"volume/{app}")

    def secrets(self, app: AppName) -> Secret:
        """The app's TOML document, empty if nothing has been stored."""
        try:
            return self._keychain.read(self._service, f"secrets/{app}")
        except KeyMissing:
            return Secret(b"")

    def secrets_before(self, app: AppName) -> Secret | None:
        """The document before the last change, None where there was none."""
        return self._stored(f"secrets-before/{app}")

    def store_secrets(self, app: AppName, document: Secret) -> None:
        """Keep a document, and the one that was there as the one before it."""
        there = self._stored(f"secrets/{app}")
        if there == document:
            return
        writes = [(f"secrets-before/{app}", there), (f"secrets/{app}", document)]
        if document == self.secrets_before(app):
            # the two change places: a crash in between must not lose the one that is wanted
            writes.reverse()
        for item, value in writes:
            if value is not None:
                self._keychain.write(self._service, item, value)

    def forget(self, app: AppName) -> list[Item]:
        """Delete what belongs to an app: with its key the volume's content is shredded."""
        found = self.items(app)
        for item in found:
            self._keychain.delete(self._service, item.id)
        return found

    @staticmethod
    def volume_item(app: AppName) -> Item:
        """The key of the app's volume, as lists of what belongs to an app name it."""
        return Item("keychain item", f"volume/{app}")

    def items(self, app: AppName) -> list[Item]:
        own = {f"volume/{app}", f"secrets/{app}", f"secrets-before/{app}"}
        names = self._keychain.names(self._service)
        return [Item("keychain item", name) for name in names if name in own]

    def forget_node(self) -> None:
        for name in self._keychain.names(self._service):
            self._keychain.delete(self._service, name)

    def sidecars_authority(self, now: datetime) -> Authority:
        return self._authority("sidecars", lambda: new_sidecars_authority(now))

    def edge_authority(self, now: datetime) -> Authority:
        return self._authority("edge", lambda: new_edge_authority(now))

    def visitors_authority(self, hosts: Sequence[HostName], now: datetime) -> Authority:
        """The CA that visitors trust. It is made anew when a host lies outside its domains."""
        wanted = {"localhost"} | {host.partition(".")[2] for host in hosts}
        stored = self._stored("authority/visitors-domains")
        known = set(stored.reveal().decode().split()) if stored else set()
        if not wanted <= known:
            domains = sorted(known | wanted)
            addresses = [ip_network(network) for network in _LOOPBACK]
            made = new_visitors_authority(domains, addresses, now)
            self._keychain.write(self._service, "authority/visitors", to_secret(made))
            self._keychain.write(
                self._service, "authority/visitors-domains", Secret(" ".join(domains).encode())
            )
        return from_secret(self._keychain.read(self._service, "authority/visitors"))

    def _authority(self, name: str, make: Callable[[], Authority]) -> Authority:
        stored = self._stored(f"authority/{name}")
        if stored is not None:
            return from_secret(stored)
        made = make()
        self._keychain.write(self._service, f"authority/{name}", to_secret(made))
        return made

    def _stored(self, name: str) -> Secret | None:
        try:
            return self._keychain.read(self._service, name)
        except KeyMissing:
            return None
