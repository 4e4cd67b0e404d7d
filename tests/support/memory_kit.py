"""The recovery kit of the desk in memory: one that exists, or as a fault says."""

from __future__ import annotations

from collections.abc import Collection

import sample

from holdfast.domain.errors import UsageError
from holdfast.domain.names import AppName
from holdfast.domain.recovery_kit import (
    Kit,
    KitAdmin,
    KitOpened,
    KitState,
    KitStatus,
    Revoked,
    choose_admin,
)
from holdfast.node.age_file import parse_identity


class MemoryKit:
    def __init__(self, faults: Collection[str]) -> None:
        self._state = KitState.CONFIRMED
        if "no-kit" in faults:
            self._state = KitState.MISSING
        if "foreign-kit" in faults:
            self._state = KitState.FOREIGN
        self._admins = list(sample.ADMINS)

    def status(self) -> KitStatus:
        if self._state in (KitState.MISSING, KitState.FOREIGN):
            return KitStatus(self._state)
        return KitStatus(self._state, sample.kit().recipient, tuple(a.name for a in self._admins))

    def make(self, another: bool) -> Kit:
        if self._state is KitState.CONFIRMED and not another:
            raise UsageError("The node has a recovery kit, and it was confirmed.")
        self._state = KitState.UNCONFIRMED
        return sample.kit()

    def check(self, text: bytes) -> Kit:
        if parse_identity(text) != sample.kit().identity:
            raise UsageError("This recovery kit is not this node's.")
        return sample.kit()

    def open(self, text: bytes, apps: tuple[AppName, ...]) -> KitOpened:
        self.check(text)
        self._state = KitState.CONFIRMED
        return KitOpened(sample.kit().recipient, apps)

    def admins(self) -> tuple[KitAdmin, ...]:
        return () if self._state in (KitState.MISSING, KitState.FOREIGN) else tuple(self._admins)

    def renew(self, wanted: str) -> Kit:
        """What a revocation begins with."""
        choose_admin(self.admins(), wanted)
        self._state = KitState.UNCONFIRMED
        return sample.kit()

    def revoke(self, wanted: str, apps: tuple[AppName, ...]) -> Revoked:
        admin = choose_admin(self.admins(), wanted)
        self._admins.remove(admin)
        return Revoked(admin.name, sample.kit(), apps, sample.CA_FILE)
