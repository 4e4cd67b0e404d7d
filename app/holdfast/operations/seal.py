"""Seal: end every app and close its volume, so that no plain view of it is left on the node."""

from __future__ import annotations

from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken, Operation, Step, Steps
from holdfast.node.inventory import all_parts, parts_of
from holdfast.node.node import Node
from holdfast.node.sealing import seal_app
from holdfast.operations.side_by_side import SideBySide


def seal_node(node: Node) -> Operation[None]:
    """It takes no key, so that a lost or locked keychain forbids it to nobody. What is sealed by
    it stays so until somebody unseals it: no desktop does by itself. Visitors are told that the
    app does not run. Several apps at once; those that fail are told at the end."""

    def body(cancel: CancelToken) -> Steps[None]:
        def seal(app: AppName) -> str:
            seal_app(node, parts_of(node, app))
            return "sealed"

        yield Step("Seal the apps")
        several = SideBySide(node, "seal", cancel)
        yield from several.each([parts.name for parts in all_parts(node)], seal)
        several.tell_failures("sealed")

    return Operation("Seal the node", target="node", body=body)
