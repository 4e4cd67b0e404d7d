"""What an app printed: the last lines, and each new one, its secrets hidden.

The launcher has hidden them already where they were known when they were printed.
"""

from __future__ import annotations

from holdfast.domain import names
from holdfast.domain.errors import NodeSealed
from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken, Line, Operation, Step, Steps
from holdfast.node.app_mask import app_mask
from holdfast.node.inventory import parts_of
from holdfast.node.node import Node
from holdfast.node.payloads import LOG, SCRIPTS, log_tail


def read_logs(node: Node, name: AppName, lines: int) -> Operation[tuple[str, ...]]:
    """The last `lines`, the oldest first."""

    def body(cancel: CancelToken) -> Steps[tuple[str, ...]]:
        yield Step("Read the log")
        mounter, user = _reader(node, name)
        done = node.engine.run(mounter, log_tail(lines), user)
        mask = app_mask(node.keys, name)
        printed = done.output.decode(errors="replace").splitlines()
        return tuple(mask.hide(line) for line in printed)

    return Operation(f"Read the log of {name}", target=f"logs/{name}", body=body)


def follow_logs(node: Node, name: AppName, lines: int) -> Operation[None]:
    """The last `lines`, then each new one, until it is cancelled."""

    def body(cancel: CancelToken) -> Steps[None]:
        mounter, user = _reader(node, name)
        command = (f"{SCRIPTS}/follow.py", LOG, str(lines))
        mask = app_mask(node.keys, name)
        for line in node.engine.stream(mounter, command, cancel, user):
            yield Line(mask.hide(line))

    return Operation(f"Follow the log of {name}", target=f"logs/{name}", body=body)


def _reader(node: Node, name: AppName) -> tuple[str, str]:
    parts = parts_of(node, name)
    if not parts.unsealed:
        raise NodeSealed(
            f"The volume of {name} is sealed.",
            "Its log lies encrypted in it.",
            "Unseal the node: holdfast node unseal",
        )
    return names.mounter(name), f"{parts.uid}:{parts.uid}"
