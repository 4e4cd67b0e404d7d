"""Unseal: mount each sealed volume with its key and start the apps that ran before."""

from __future__ import annotations

from holdfast.domain.errors import HoldfastError
from holdfast.domain.operation import CancelToken, Line, Operation, Step, Steps
from holdfast.node.edge import update_edge
from holdfast.node.inventory import AppParts, all_parts
from holdfast.node.locking import holding
from holdfast.node.node import Node
from holdfast.node.serving import (
    Pair,
    begin_app,
    begin_sidecar,
    end_pair,
    releases_running,
    wait_ready,
)
from holdfast.node.volume import Volume


def unseal_node(node: Node) -> Operation[None]:
    """One app that fails does not hold the others back; at the end it is told."""

    def body(cancel: CancelToken) -> Steps[None]:
        yield Step("Look for sealed volumes")
        node.keys.catch_up([parts.name for parts in all_parts(node)])
        failed: list[tuple[str, HoldfastError]] = []
        started: list[Pair] = []
        for parts in all_parts(node):
            if parts.unsealed and Volume(node, parts.name, parts.uid).is_mounted():
                continue
            yield Step(f"Unseal {parts.name}")
            try:
                with holding(node, parts.name, "unseal"):
                    pair = _unseal(node, parts)
            except HoldfastError as error:
                failed.append((parts.name, error))
                yield Line(str(error))
                continue
            if pair is not None:
                started.append(pair)
        yield Step("Open the routes")
        update_edge(node, {})
        for pair in started:
            try:
                yield from wait_ready(node, pair, cancel)
            except HoldfastError as error:
                failed.append((pair.configuration.name, error))
        if failed:
            name, first = failed[0]
            raise HoldfastError(
                f"{len(failed)} of the node's apps could not be unsealed or started.",
                f"{name}: {first.what} {first.why}".strip(),
                first.next,
            )

    return Operation("Unseal the node", target="node", body=body)


def _unseal(node: Node, parts: AppParts) -> Pair | None:
    volume = Volume(node, parts.name, parts.uid)
    volume.mount(node.keys.volume_key(parts.name), node.images.node_image)
    contents = volume.contents()
    # what an engine leaves of containers when it ends has lost its RAM volumes
    for old in releases_running(parts.containers):
        end_pair(node, parts.name, old, volume)
    configuration = contents.configuration
    release = contents.release(configuration.release) if configuration else None
    if configuration is None or release is None or not configuration.wanted:
        return None
    pair = Pair(configuration, release)
    begin_sidecar(node, pair)
    begin_app(node, pair, volume, node.keys.secrets(parts.name))
    return pair
