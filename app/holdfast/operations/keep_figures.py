"""A keeper's duty: measure the apps whose figures are kept, and no others."""

from __future__ import annotations

from contextlib import suppress

from holdfast.domain.errors import HoldfastError
from holdfast.domain.operation import CancelToken, Steps
from holdfast.node.inventory import AppParts, all_parts
from holdfast.node.kept_figures import KeptFigures
from holdfast.node.measuring import measure
from holdfast.node.node import Node
from holdfast.operations.known import Known


class KeepFigures:
    def __init__(self, node: Node) -> None:
        self._node = node
        self._kept = Known(self._are_kept)
        self.heed = self._kept.forget

    def steps(self, cancel: CancelToken) -> Steps[None]:
        yield from ()
        wanted = {parts.name: parts for parts in all_parts(self._node) if self._wants(parts)}
        for name, measured in measure(self._node, list(wanted.values())).items():
            cancel.check()
            # an app that was sealed or removed just now is measured no more
            with suppress(HoldfastError):
                KeptFigures(self._node, name, wanted[name].uid).add(measured)

    def _wants(self, parts: AppParts) -> bool:
        if not parts.unsealed or parts.running is None:
            return False
        try:
            return self._kept.of(parts)
        except HoldfastError:
            return False

    def _are_kept(self, parts: AppParts) -> bool:
        return KeptFigures(self._node, parts.name, parts.uid).are_kept
