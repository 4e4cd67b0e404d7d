"""The life of the node itself: start, stop, status, remove."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from holdfast.domain import names
from holdfast.domain.errors import KeychainError
from holdfast.domain.node import Item, NodeState, NodeStatus, Removal
from holdfast.domain.operation import CancelToken, Operation, Step, Steps
from holdfast.node.edge import update_edge
from holdfast.node.images import PYTHON_VERSIONS
from holdfast.node.inventory import all_parts, node_state
from holdfast.node.jobs import ensure_jobs_network
from holdfast.node.node import Node
from holdfast.node.probe import prove_engine, recognise
from holdfast.node.removal import erase, erase_node
from holdfast.operations.unseal import unseal_node
from holdfast.ports import EngineHost

_LANE = "node"


def start_node(
    host: EngineHost, connect: Callable[[], Node], unseal: bool
) -> Operation[NodeStatus]:
    """Start the engine, make the images and, where the keychain answers, the edge. The apps of
    before stay sealed unless `unseal`."""

    def body(cancel: CancelToken) -> Steps[NodeStatus]:
        yield Step("Start the engine")
        host.start()
        node = connect()
        recognise(node)
        newest = next(iter(PYTHON_VERSIONS))
        yield from node.images.ensure_images([newest], cancel)
        yield from prove_engine(node)
        yield Step("Look at the engine's host")
        _ = node.host
        ensure_jobs_network(node)
        if unseal:
            yield from unseal_node(node).body(cancel)
        elif not all_parts(node):
            # without a keychain there is no certificate yet; the first deploy makes the edge
            with suppress(KeychainError):
                yield Step("Start the edge")
                update_edge(node, {})
        return read_status(host, connect)

    return Operation("Start the node", target=_LANE, body=body)


def stop_node(host: EngineHost) -> Operation[None]:
    def body(cancel: CancelToken) -> Steps[None]:
        yield Step("Stop the engine and everything on it")
        host.stop()

    return Operation("Stop the node", target=_LANE, body=body)


def node_status(host: EngineHost, connect: Callable[[], Node]) -> Operation[NodeStatus]:
    def body(cancel: CancelToken) -> Steps[NodeStatus]:
        yield Step("Look at the node")
        return read_status(host, connect)

    return Operation("Look at the node", target="status", body=body)


def read_status(host: EngineHost, connect: Callable[[], Node]) -> NodeStatus:
    """Needs no keychain."""
    place = host.location
    socket, data, containerd = map(str, (place.socket, place.data_root, place.containerd_root))
    state = host.state()
    if state != "running":
        return NodeStatus(NodeState(state), None, socket, data, containerd, None, 0)
    node = connect()
    facts, parts = node.engine.facts(), all_parts(node)
    image = node.images.node_image
    return NodeStatus(
        state=node_state(parts) if node.engine.image_id(image) else NodeState.STARTING,
        engine_version=facts.version,
        socket=socket,
        data_root=data,
        containerd_root=containerd,
        image=image,
        apps=len(parts),
        has_kit=node.keys.shared.files.exist(),
    )


def remove_node(host: EngineHost, connect: Callable[[], Node]) -> Operation[Removal | None]:
    """Remove every app, all of ours on the engine, the node's keys, and the engine if it is of
    ours. None if there is no node."""

    def body(cancel: CancelToken) -> Steps[Removal | None]:
        yield Step("Remove every app")
        if host.state() == "stopped" and not host.location.data_root.exists():
            return None
        host.start()
        node = connect()
        node.keys.check()
        removed: list[Item] = []
        by_hand = node.forge_access.take_back(node.connections.all())
        for parts in all_parts(node):
            removed += erase(node, parts.name)
        yield Step("Remove what the node had of its own")
        removed += erase_node(node)
        left = [
            Item("container", c.name)
            for c in node.engine.containers()
            if c.name.startswith(names.PREFIX)
        ]
        node.ca_file.unlink(missing_ok=True)
        host.remove()
        name = names.AppName(node.name)
        return Removal(name, tuple(removed), tuple(left), node.clock.now(), by_hand=by_hand)

    return Operation("Remove the node", target=_LANE, body=body)
