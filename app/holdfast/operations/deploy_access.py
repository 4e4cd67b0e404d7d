"""Who may visit an app of another repository than before: nobody without a certificate, where that
is private and the node is published."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from holdfast.domain.app import AppConfiguration
from holdfast.domain.errors import HoldfastError
from holdfast.domain.names import AppName
from holdfast.domain.operation import Line, Steps
from holdfast.domain.repository import RepositoryAddress
from holdfast.domain.visitor_access import AccessMode
from holdfast.node.connections import Connections
from holdfast.node.edge import update_edge
from holdfast.node.keys import NodeKeys
from holdfast.node.node import Node
from holdfast.node.publication import wanted_publication
from holdfast.node.visitor_access import KeptAccess, keep_access, read_access, with_mode
from holdfast.node.volume import Volume
from holdfast.ports import EngineError


def begin_access(
    keys: NodeKeys, name: AppName, address: RepositoryAddress, now: datetime
) -> Steps[KeptAccess | None]:
    """Before a route leads to it. The access of before, None where nothing was changed."""
    if wanted_publication(keys).is_loopback:
        return None
    connection = Connections(keys).reach(address).connection
    if connection is None or not connection.private:
        return None
    before = read_access(keys, name)
    if before.facts.mode is AccessMode.CERTIFICATE:
        return None
    keep_access(keys, with_mode(before, AccessMode.CERTIFICATE, now))
    yield Line(
        "Its repository is private and the node is published: visitors need a certificate."
        f" Issue one: holdfast access issue {name} VISITOR --save FILE"
    )
    return before


def reopen(node: Node, volume: Volume, before: AppConfiguration, access: KeptAccess) -> None:
    """After a deploy that failed: the app of before goes on, and is visited as it was. Not if what
    is private serves by now, or nobody can say."""
    with suppress(HoldfastError, EngineError):
        now = volume.contents().configuration
        if now is not None and now.source.repository == before.source.repository:
            keep_access(node.keys, access)
            update_edge(node, {})
