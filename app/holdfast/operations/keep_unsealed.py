"""A keeper's duty: unseal what is sealed and was not sealed on purpose, and renew a lost edge."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from holdfast.domain.errors import HoldfastError, KeychainError
from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken, Steps
from holdfast.node.edge import EDGE_LOCK, edge_runs
from holdfast.node.inventory import AppParts, all_parts
from holdfast.node.node import Node
from holdfast.operations.unseal import unseal_apps
from holdfast.operations.without_lines import without_lines

_FIRST_REST = timedelta(seconds=10)
_LONGEST_REST = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class _Rest:
    until: datetime
    length: timedelta


@dataclass
class KeepUnsealed:
    """After a restart of the engine nothing runs, and after the death of a mounter its app finds
    no file any more: both are sealed volumes. What could not be unsealed rests for a while, longer
    each time; a keychain, which may have asked a person in vain, rests longest."""

    node: Node
    _rests: dict[AppName, _Rest] = field(default_factory=dict)

    def steps(self, cancel: CancelToken) -> Steps[None]:
        lacking = self._lacking() - self._resting()
        if not lacking:
            return
        try:
            steps = unseal_apps(self.node, lambda parts: parts.name in lacking, cancel)
            yield from without_lines(steps)
        except HoldfastError as error:
            self._let_rest(lacking & self._lacking(), isinstance(error, KeychainError))
            raise
        for app in lacking:
            self._rests.pop(app, None)

    def _lacking(self) -> Set[AppName]:
        """The apps to unseal; EDGE_LOCK stands for the edge."""
        found = all_parts(self.node)
        sealed = {parts.name for parts in found if _is_to_be_unsealed(parts)}
        serves = any(parts.running for parts in found)
        return sealed | ({EDGE_LOCK} if serves and not edge_runs(self.node) else set())

    def _resting(self) -> Set[AppName]:
        now = self.node.clock.now()
        return {app for app, rest in self._rests.items() if rest.until > now}

    def _let_rest(self, apps: Set[AppName], longest: bool) -> None:
        now = self.node.clock.now()
        for app in apps:
            before = self._rests.get(app)
            length = min(before.length * 2, _LONGEST_REST) if before else _FIRST_REST
            length = _LONGEST_REST if longest else length
            self._rests[app] = _Rest(now + length, length)


def _is_to_be_unsealed(parts: AppParts) -> bool:
    """Not while somebody does something with it: that it ended is told by an event."""
    return not parts.unsealed and not parts.sealed_on_purpose and parts.lock is None
