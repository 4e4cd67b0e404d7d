"""Publish a node: choose where visitors reach its edge."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from dataclasses import replace
from ipaddress import ip_address, ip_network

from holdfast.domain.errors import HoldfastError, UsageError
from holdfast.domain.operation import CancelToken, Operation, Step, Steps
from holdfast.domain.publication import Publication, Published
from holdfast.domain.visitor_access import AccessMode
from holdfast.node.edge import address_text, edge_place, update_edge
from holdfast.node.inventory import all_parts, host_of
from holdfast.node.locking import holding
from holdfast.node.node import Node
from holdfast.node.private_apps import open_private_apps
from holdfast.node.publication import keep_publication, wanted_publication
from holdfast.node.visitor_access import keep_access, with_mode


def read_publication(node: Node) -> Operation[Published]:
    def body(cancel: CancelToken) -> Steps[Published]:
        yield Step("Look at the edge")
        return _published(node, wanted_publication(node.keys))

    return Operation("Look where visitors reach the node", target="publication", body=body)


def publish_node(node: Node, wanted: Publication, leave_open: bool = False) -> Operation[Published]:
    """The edge is begun anew there: open pages connect again by themselves. Where it cannot
    listen, it is put back. Raises UsageError for an address that the node does not have.

    What nobody but the node's own machine could visit does not become everybody's by that, where
    its code is private: visitors of such an app need a certificate then. leave_open: they do not.
    """

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
        shown = before.is_loopback and not wanted.is_loopback and not leave_open
        open_before = open_private_apps(node) if shown else ()
        with ExitStack() as held:
            for access in open_before:
                yield Step(f"Close {access.facts.app} to who has no certificate")
                held.enter_context(holding(node, access.facts.app, "set access"))
            yield Step("Begin the edge at its new place")
            try:
                # before anybody can come
                for access in open_before:
                    closed = with_mode(access, AccessMode.CERTIFICATE, node.clock.now())
                    keep_access(node.keys, closed)
                keep_publication(node.keys, wanted)
                update_edge(node, {})
            except BaseException:
                keep_publication(node.keys, before)
                for access in open_before:
                    keep_access(node.keys, access)
                with suppress(HoldfastError):
                    update_edge(node, {})
                raise
        closed_apps = tuple(access.facts.app for access in open_before)
        return replace(_published(node, wanted), closed=closed_apps)

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
    private = tuple(access.facts.app for access in open_private_apps(node))
    return Published(publication, place, tuple(elsewhere), _addresses(node), private)
