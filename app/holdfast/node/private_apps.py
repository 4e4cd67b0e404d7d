"""The apps of a node whose code is private, and which everybody may visit who reaches its edge."""

from __future__ import annotations

from holdfast.domain.visitor_access import AccessMode
from holdfast.node.inventory import all_parts
from holdfast.node.node import Node
from holdfast.node.visitor_access import KeptAccess, read_accesses


def open_private_apps(node: Node) -> tuple[KeptAccess, ...]:
    """By name. One of which nothing can be read lets in nobody, and is not among them."""
    private = {
        app
        for connection in node.connections.all()
        if connection.private
        for app in connection.apps
    }
    apps = sorted({parts.name for parts in all_parts(node)} & private)
    kept = read_accesses(node.keys, apps).values()
    return tuple(each for each in kept if each.facts.mode is AccessMode.PUBLIC)
