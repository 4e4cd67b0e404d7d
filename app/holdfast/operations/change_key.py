"""Change the key of an app's volume, while the app runs or while it is sealed."""

from __future__ import annotations

from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken, Operation, Step, Steps
from holdfast.node.inventory import parts_of
from holdfast.node.key_change import give_key, key_to_be
from holdfast.node.locking import holding
from holdfast.node.node import Node


def change_key(node: Node, name: AppName) -> Operation[None]:
    """No visitor notices it. Interrupted, it is brought to its end by repeating it, and the volume
    opens all the while. Raises AppNotFound, AppBusy, NotLetIn."""

    def body(cancel: CancelToken) -> Steps[None]:
        yield from node.images.ensure_node_image(cancel)
        yield Step(f"Keep a new key for {name}")
        parts_of(node, name)
        with holding(node, name, "change the key"):
            key = key_to_be(node.keys, name)
            yield Step(f"Give the volume of {name} its new key")
            give_key(node, parts_of(node, name), key)
            yield Step("Forget the old key")
            node.keys.take_changed_key(name, key)

    return Operation(f"Change the key of {name}", target=name, body=body)
