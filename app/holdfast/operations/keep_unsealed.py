"""A keeper's duty: unseal what is sealed and was not sealed on purpose, and renew a lost edge."""

from __future__ import annotations

from collections.abc import Set
from datetime import timedelta

from holdfast.domain.errors import HoldfastError, KeychainError
from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken, Steps
from holdfast.node.edge import EDGE_LOCK, edge_place
from holdfast.node.inventory import AppParts, all_parts
from holdfast.node.node import Node
from holdfast.operations.rests import Rests
from holdfast.operations.retold import without_lines
from holdfast.operations.unseal import unseal_apps

_FIRST_REST = timedelta(seconds=10)
_LONGEST_REST = timedelta(minutes=5)


class KeepUnsealed:
    """After a restart of the engine nothing runs, and after the death of a mounter its app finds
    no file any more: both are sealed volumes. What could not be unsealed rests for a while, longer
    each time; a keychain, which may have asked a person in vain, rests longest."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._rests = Rests(node.clock, _FIRST_REST, _LONGEST_REST)

    def steps(self, cancel: CancelToken) -> Steps[None]:
        lacking = {app for app in self._lacking() if not self._rests.is_resting(app)}
        if not lacking:
            return
        try:
            steps = unseal_apps(self._node, lambda parts: parts.name in lacking, cancel)
            yield from without_lines(steps)
        except HoldfastError as error:
            for app in lacking & self._lacking():
                self._rests.let_rest(app, longest=isinstance(error, KeychainError))
            raise
        for app in lacking:
            self._rests.forget(app)

    def _lacking(self) -> Set[AppName]:
        """The apps to unseal; EDGE_LOCK stands for the edge."""
        found = all_parts(self._node)
        sealed = {parts.name for parts in found if _is_to_be_unsealed(parts)}
        serves = any(parts.running for parts in found)
        return sealed | ({EDGE_LOCK} if serves and edge_place(self._node) is None else set())


def _is_to_be_unsealed(parts: AppParts) -> bool:
    """Not while somebody does something with it: that it ended is told by an event."""
    return not parts.unsealed and not parts.sealed_on_purpose and parts.lock is None
