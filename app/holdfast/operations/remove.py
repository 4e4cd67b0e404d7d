"""Remove: everything that belongs to an app goes, and a second search shows what is left."""

from __future__ import annotations

from contextlib import suppress

from holdfast.domain.errors import HoldfastError
from holdfast.domain.names import AppName
from holdfast.domain.node import Removal
from holdfast.domain.operation import CancelToken, Operation, Step, Steps
from holdfast.node.edge import update_edge
from holdfast.node.locking import holding
from holdfast.node.node import Node
from holdfast.node.removal import erase, search
from holdfast.ports import EngineError


def remove_app(node: Node, name: AppName) -> Operation[Removal]:
    """Removing what is not there is no error. The volume's key is destroyed: nobody can read a
    copy of the volume afterwards."""

    def body(cancel: CancelToken) -> Steps[Removal]:
        yield Step("Search for everything that belongs to it")
        if not search(node, name):
            return Removal(name, (), (), node.clock.now())
        with holding(node, name, "remove"):
            yield Step("Close the route")
            # an app that is broken or sealed has none
            with suppress(EngineError, HoldfastError):
                update_edge(node, {name: None})
            yield Step("Remove containers, volumes, networks and keys")
            by_hand = node.forge_access.take_back(node.connections.leaving(name))
            removed = erase(node, name)
            # the keys went last
            had_key = not set(node.keys.volume_items(name)).isdisjoint(removed)
            destroyed = node.clock.now() if had_key else None
        yield Step("Search again")
        left = tuple(search(node, name))
        return Removal(name, tuple(removed), left, node.clock.now(), destroyed, by_hand)

    return Operation(f"Remove {name}", target=name, body=body)
