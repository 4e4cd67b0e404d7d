"""A keychain in memory, with faults that have names: the second world of the tests."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from threading import Lock

from holdfast.adapters.keychain import check_item
from holdfast.domain.errors import KeychainLocked, KeychainUnreachable, KeyMissing
from holdfast.domain.secret import Secret


class KeychainFault(StrEnum):
    """What can be wrong with it. dies-on-write: it goes away before a write has counted."""

    LOCKED = "locked"
    UNREACHABLE = "unreachable"
    DIES_ON_WRITE = "dies-on-write"


class MemoryKeychain:
    """The Keychain port in memory. faults: those that hold now; a test may change the set."""

    label = "a keychain in memory"

    def __init__(self, faults: Iterable[KeychainFault] = ()) -> None:
        self.faults = set(faults)
        self._items: dict[tuple[str, str], Secret] = {}
        self._guard = Lock()

    def read(self, service: str, name: str) -> Secret:
        check_item(service, name)
        self._check_reachable()
        with self._guard:
            value = self._items.get((service, name))
        if value is None:
            raise KeyMissing(f"The keychain holds no “{name}” of {service}.")
        return value

    def write(self, service: str, name: str, value: Secret) -> None:
        check_item(service, name)
        self._check_reachable()
        if KeychainFault.DIES_ON_WRITE in self.faults:
            self.faults.add(KeychainFault.UNREACHABLE)
        self._check_reachable()
        with self._guard:
            self._items[service, name] = value

    def delete(self, service: str, name: str) -> None:
        check_item(service, name)
        self._check_reachable()
        with self._guard:
            self._items.pop((service, name), None)

    def names(self, service: str) -> list[str]:
        check_item(service, "any")
        self._check_reachable()
        with self._guard:
            return sorted(name for of, name in self._items if of == service)

    def _check_reachable(self) -> None:
        if KeychainFault.UNREACHABLE in self.faults:
            raise KeychainUnreachable(
                "The keychain does not answer.", next="Start a keyring in your session."
            )
        if KeychainFault.LOCKED in self.faults:
            raise KeychainLocked("The keychain is locked.", next="Unlock the keychain.")
