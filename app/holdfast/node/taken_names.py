"""Which host names of a node are taken: each leads to one app alone."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress

from holdfast.domain.errors import HoldfastError, UsageError
from holdfast.domain.names import AppName, HostName
from holdfast.node.further_names import further_names
from holdfast.node.inventory import AppParts, all_parts, host_of
from holdfast.node.node import Node
from holdfast.node.volume import Volume
from holdfast.ports import EngineError


def check_free(node: Node, app: AppName, hosts: Collection[HostName]) -> None:
    """Raises UsageError where another app has one of these."""
    others = [parts for parts in all_parts(node) if parts.name != app]
    further = further_names(node.keys, [parts.name for parts in others])
    for parts in others:
        taken = {_main(node, parts), *(each.host for each in further.get(parts.name, ()))}
        for host in hosts:
            if host in taken:
                raise UsageError(
                    f"The host name {host} is taken.",
                    f"The app {parts.name} answers there.",
                    "Choose another, or take it away from that app.",
                )


def _main(node: Node, parts: AppParts) -> HostName | None:
    """Of an app that is stopped its volume tells; of one that was sealed meanwhile, nobody."""
    host = host_of(parts.containers)
    if host is None and parts.unsealed:
        with suppress(HoldfastError, EngineError):
            configuration = Volume(node, parts.name, parts.uid).contents().configuration
            return configuration.host_name if configuration else None
    return host
