"""What `holdfast doctor` says of a node that runs: tried just now, not read from a version."""

from __future__ import annotations

from collections.abc import Callable

from holdfast.domain.errors import HoldfastError
from holdfast.domain.node import Precondition
from holdfast.node.node import Node
from holdfast.node.probe import recognise, try_engine
from holdfast.ports import EngineHost

_NAME, _KIT = "containers", "recovery kit"


def examine_node(host: EngineHost, connect: Callable[[], Node]) -> tuple[Precondition, ...]:
    """Nothing where no engine runs; nothing is started, and no keychain is asked."""
    if host.state() != "running":
        return ()
    try:
        node = connect()
        return (_examine(node), _kit(node))
    except HoldfastError as error:
        return (Precondition(_NAME, "missing", f"{error.what} {error.why}", error.next),)


def _examine(node: Node) -> Precondition:
    facts = recognise(node)
    if node.engine.image_id(node.images.node_image) is None:
        return Precondition(
            _NAME,
            "warning",
            f"Docker {facts.version} was not tried: the node's images are not made yet.",
            "Make them with: holdfast node start",
        )
    try_engine(node)
    return Precondition(
        _NAME,
        "ok",
        f"On Docker {facts.version} an encrypted volume was mounted, shared, written, read back "
        "and closed, and a firewall loaded, just now.",
        "",
    )


def _kit(node: Node) -> Precondition:
    if node.keys.shared.files.exist():
        return Precondition(_KIT, "ok", "The node has one.", "")
    told = "There is none: a lost keychain is lost data."
    return Precondition(_KIT, "warning", told, "Make it with: holdfast kit create")
