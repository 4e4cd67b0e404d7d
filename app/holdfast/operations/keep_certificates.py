"""Keep certificates: the keeper's duty to renew them when two thirds of their life are over."""

from __future__ import annotations

from holdfast.domain.operation import CancelToken, Steps
from holdfast.node.found_certificates import find_certificates
from holdfast.node.node import Node
from holdfast.operations.renew_certificates import renew_certificates


class KeepCertificates:
    def __init__(self, node: Node) -> None:
        self._node = node

    def steps(self, cancel: CancelToken) -> Steps[None]:
        """Nothing is told where nothing is due. Looking needs no keychain."""
        now = self._node.clock.now()
        if any(seen.kept and seen.is_due(now) for seen in find_certificates(self._node).seen):
            yield from renew_certificates(self._node, due=True).body(cancel)
