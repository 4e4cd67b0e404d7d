"""An app that is sealed on purpose: it stays so until somebody unseals it, whatever restarts."""

from __future__ import annotations

from contextlib import suppress

from holdfast.domain import names
from holdfast.domain.names import AppName
from holdfast.node import payloads
from holdfast.node.node import Node
from holdfast.ports import Conflict


def keep_sealed(node: Node, app: AppName) -> None:
    """Every desktop that looks after the node leaves the app alone from now on."""
    since = node.clock.now().isoformat(timespec="seconds")
    # whoever sealed it before has said so
    with suppress(Conflict):
        node.engine.create(payloads.seal(app, node.images.node_image, node.by, since))


def forget_seal(node: Node, app: AppName) -> None:
    node.engine.remove(names.seal(app))
