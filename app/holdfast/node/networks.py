"""Networks of ours, and the firewall in the network namespace of a container on one."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from holdfast.domain import names
from holdfast.domain.container import Completed, ContainerSpec
from holdfast.domain.errors import DeployFailed
from holdfast.domain.names import AppName
from holdfast.node import payloads
from holdfast.node.node import Node
from holdfast.node.subnets import APP_PREFIX, edge_address, free_subnet
from holdfast.ports import EngineError

#: Of two desktops that choose the same free subnet in the same moment, one is refused.
_TRIES = 5


def ensure_network(
    node: Node, name: str, labels: Mapping[str, str], prefix: int = APP_PREFIX
) -> str:
    """The subnet of a network of ours, which is made if it is not there."""
    tries = _TRIES
    while True:
        networks = node.engine.networks()
        for found, _, subnets in networks:
            if found == name and subnets:
                return subnets[0]
        used = (subnet for _, _, subnets in networks for subnet in subnets)
        subnet = free_subnet((*used, *node.host.addresses), prefix=prefix)
        try:
            node.engine.create_network(name, subnet, labels)
            return subnet
        except EngineError:
            tries -= 1
            if not tries:
                raise


def join_edge(node: Node, network: str, subnet: str) -> None:
    """Let the edge reach what is on an app's network, if it runs; it sees to that again itself
    when it is given a route."""
    for container in node.engine.containers({names.LABEL_ROLE: "edge"}):
        if container.state == "running" and network not in container.networks:
            with suppress(EngineError):
                node.engine.connect(network, names.EDGE, edge_address(subnet))


def never_reached(node: Node) -> list[str]:
    """The host's own addresses, and the subnets of the engine's other networks."""
    others = [
        pool
        for name, _, pools in node.engine.networks()
        if not name.startswith(names.PREFIX)
        for pool in pools
    ]
    return [*others, *node.host.addresses]


def close_firewall(node: Node, app: AppName, guarded: str, rules: str) -> None:
    """Load rules into the namespace of the running container `guarded`. Raises DeployFailed."""
    done = load_rules(node, payloads.firewall(app, guarded, node.images.node_image), rules)
    if done.exit_code:
        raise DeployFailed(
            f"The firewall of {guarded} could not be closed.",
            done.complaint,
            "The node's kernel needs nf_tables. Check with: holdfast doctor",
        )


def load_rules(node: Node, spec: ContainerSpec, rules: str) -> Completed:
    """Load rules into the namespace of a firewall container."""
    # what a killed desktop left
    node.engine.remove(spec.name)
    return node.engine.complete(spec, rules.encode())
