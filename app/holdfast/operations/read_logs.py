"""What an app printed: the last lines, and each new one, its secrets hidden.

The launcher has hidden them already where they were known when they were printed.
"""

from __future__ import annotations

from holdfast.domain.errors import NodeSealed
from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken, Line, Operation, Step, Steps
from holdfast.node.app_mask import app_mask
from holdfast.node.inventory import parts_of
from holdfast.node.node import Node
from holdfast.node.volume import Volume


def read_logs(node: Node, name: AppName, lines: int) -> Operation[tuple[str, ...]]:
    """The last `lines`, the oldest first."""

    def body(cancel: CancelToken) -> Steps[tuple[str, ...]]:
        yield Step("Read the log")
        printed = _volume(node, name).log_tail(lines)
        mask = app_mask(node.keys, name)
        return tuple(mask.hide(line) for line in printed)

    return Operation(f"Read the log of {name}", target=f"logs/{name}", body=body)


def follow_logs(node: Node, name: AppName, lines: int) -> Operation[None]:
    """The last `lines`, then each new one, until it is cancelled."""

    def body(cancel: CancelToken) -> Steps[None]:
        volume = _volume(node, name)
        mask = app_mask(node.keys, name)
        for line in volume.follow_log(lines, cancel):
            yield Line(mask.hide(line))

    return Operation(f"Follow the log of {name}", target=f"logs/{name}", body=body)


def _volume(node: Node, name: AppName) -> Volume:
    parts = parts_of(node, name)
    if not parts.unsealed:
        raise NodeSealed(
            f"The volume of {name} is sealed.",
            "Its log lies encrypted in it.",
            "Unseal the node: holdfast node unseal",
        )
    return Volume(node, name, parts.uid)
