"""What an app printed: the last lines, and each new one, its secrets hidden.

The launcher has hidden them already where they were known when they were printed.
"""

from __future__ import annotations

from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken, Line, Operation, Step, Steps
from holdfast.node.app_mask import app_mask
from holdfast.node.node import Node
from holdfast.operations.unsealed_volume import unsealed_volume

_WHY = "Its log lies encrypted in it."


def read_logs(node: Node, name: AppName, lines: int) -> Operation[tuple[str, ...]]:
    """The last `lines`, the oldest first."""

    def body(cancel: CancelToken) -> Steps[tuple[str, ...]]:
        yield Step("Read the log")
        printed = unsealed_volume(node, name, _WHY).log_tail(lines)
        mask = app_mask(node.keys, name)
        return tuple(mask.hide(line) for line in printed)

    return Operation(f"Read the log of {name}", target=f"logs/{name}", body=body)


def follow_logs(node: Node, name: AppName, lines: int) -> Operation[None]:
    """The last `lines`, then each new one, until it is cancelled."""

    def body(cancel: CancelToken) -> Steps[None]:
        volume = unsealed_volume(node, name, _WHY)
        mask = app_mask(node.keys, name)
        for line in volume.follow_log(lines, cancel):
            yield Line(mask.hide(line))

    return Operation(f"Follow the log of {name}", target=f"logs/{name}", body=body)
