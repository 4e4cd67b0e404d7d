"""An app that is sealed on purpose: it stays so until somebody unseals it, whatever restarts."""

from __future__ import annotations

from contextlib import suppress

from holdfast.domain import names
from holdfast.domain.errors import HoldfastError
from holdfast.domain.names import AppName
from holdfast.node import payloads
from holdfast.node.inventory import AppParts, host_of
from holdfast.node.node import Node
from holdfast.node.removal import clear_shared_folder
from holdfast.ports import Conflict

#: For the mounter's own clean-up.
_GRACE = 5
#: The app ends before its sidecar, and all who see its files before the mounter.
_USERS = ("acme", "run", "build", "copy", "fetch", "packages", "firewall", "proxy")


def seal_app(node: Node, parts: AppParts) -> None:
    """End all that runs of it and take its plain view away. The containers of its release go, and
    its mounter's stays, stopped: an engine that is told to clear unused volumes would take the
    ciphertext otherwise."""
    _say_so(node, parts)
    for role in _USERS:
        for container in parts.by_role(role):
            node.engine.remove(container.name)
    for mounter in parts.by_role("volume"):
        node.engine.stop(mounter.name, grace=_GRACE)
    if left := clear_shared_folder(node, parts.name):
        raise HoldfastError(
            f"{parts.name} could not be sealed: a plain view of it is left.",
            f"On the engine's host there is still {left[0]}.",
            "Restart the node's engine: that seals everything.",
        )


def forget_seal(node: Node, app: AppName) -> None:
    """No error if it is not sealed on purpose."""
    node.engine.remove(names.seal(app))


def _say_so(node: Node, parts: AppParts) -> None:
    """From now on every desktop that keeps the node leaves the app alone."""
    since = node.clock.now().isoformat(timespec="seconds")
    host = host_of(parts.containers)
    wanted = {names.LABEL_APP: parts.name, names.LABEL_ROLE: "cipher"}
    ciphers = [name for name, _ in node.engine.volumes(wanted)]
    # whoever sealed it before has said so
    with suppress(Conflict):
        spec = payloads.seal(parts.name, node.images.node_image, node.by, since, host, ciphers)
        node.engine.create(spec)
