"""Publish a node: choose where visitors reach its edge."""

from __future__ import annotations

from contextlib import suppress
from ipaddress import ip_address, ip_network

from holdfast.domain.errors import HoldfastError, UsageError
from holdfast.domain.operation import CancelToken, Operation, Step, Steps
from holdfast.domain.publication import Publication, Published
from holdfast.node.edge import address_text, edge_place, update_edge
from holdfast.node.inventory import all_parts, host_of
from holdfast.node.node import Node
from holdfast.node.publication import keep_publication, wanted_publication


def read_publication(node: Node) -> Operation[Published]:
    def body(cancel: CancelToken) -> Steps[Published]:
        yield Step("Look at the edge")
        return _published(node, wanted_publication(node.keys))

    return Operation("Look where visitors reach the node", target="publication", body=body)


def publish_node(node: Node, wanted: Publication) -> Operation[Published]:
    """The edge is begun anew there: open pages connect again by themselves. Where it cannot
    listen, it is put back. Raises UsageError for an address that the node does not have."""

    def body(cancel: CancelToken) -> Steps[Published]:
        yield Step("Look at the node's addresses")
        own = _addresses(node)
        if not (wanted.is_loopback or wanted.is_everywhere or wanted.address in own):
            raise UsageError(
                f"The node has no address {wanted.address}.",
                f"It has {', '.join(own)}.",
                "Choose one of them, or 0.0.0.0 for all.",
            )
        before = wanted_publication(node.keys)
        yield Step("Begin the edge at its new place")
        keep_publication(node.keys, wanted)
        try:
            update_edge(node, {})
        except BaseException:
            keep_publication(node.keys, before)
            with suppress(HoldfastError):
                update_edge(node, {})
            raise
        return _published(node, wanted)

    return Operation("Publish the node", target="node", body=body)


def _addresses(node: Node) -> tuple[str, ...]:
    """The node's IPv4 addresses, without those towards containers."""
    inner = [ip_network(pool) for _, _, pools in node.engine.networks() for pool in pools]
    own = [ip_address(address) for address in node.host.addresses]
    return tuple(
        str(address)
        for address in own
        if address.version == 4 and not any(address in pool for pool in inner)
    )


def _published(node: Node, publication: Publication) -> Published:
    below = f".{publication.base_domain}"
    elsewhere = [
        parts.name
        for parts in all_parts(node)
        if not (host_of(parts.containers) or below).endswith(below)
    ]
    place = address_text(edge_place(node))
    return Published(publication, place, tuple(elsewhere), _addresses(node))
