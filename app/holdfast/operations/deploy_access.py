"""Who may visit a new app: nobody without a certificate where its code is private and the node is
published."""

from __future__ import annotations

from datetime import datetime

from holdfast.domain.connection import CredentialKind
from holdfast.domain.names import AppName
from holdfast.domain.operation import Line, Steps
from holdfast.domain.repository import RepositoryAddress
from holdfast.domain.visitor_access import AccessMode
from holdfast.node.connections import Connections
from holdfast.node.keys import NodeKeys
from holdfast.node.publication import wanted_publication
from holdfast.node.visitor_access import keep_access, read_access, with_mode


def begin_access(
    keys: NodeKeys, name: AppName, address: RepositoryAddress, now: datetime
) -> Steps[None]:
    """Before a new app has a route."""
    if wanted_publication(keys).is_loopback:
        return
    connection = Connections(keys).reach(address).connection
    if connection is None or connection.credential is CredentialKind.NONE:
        return
    keep_access(keys, with_mode(read_access(keys, name), AccessMode.CERTIFICATE, now))
    yield Line(
        "Its repository is private and the node is published: visitors need a certificate."
        f" Issue one: holdfast access issue {name} VISITOR --save FILE"
    )
