"""Ask a repository for its branches with what is kept, and let a key go that was replaced."""

from __future__ import annotations

from dataclasses import replace

from holdfast.domain.connection import Connection, Repository, contact_after
from holdfast.domain.errors import RepositoryError
from holdfast.domain.forge_account import ForgeError
from holdfast.domain.operation import CancelToken, Line, Step, Steps
from holdfast.domain.repository import RepositoryAddress
from holdfast.node.connections import Reach
from holdfast.node.deploy_keys import read_key_pair
from holdfast.node.looks import looking
from holdfast.node.node import Node


def check_kept(node: Node, address: RepositoryAddress, cancel: CancelToken) -> Steps[Repository]:
    """One that does not answer is no error where something is kept: the result says so."""
    yield Step("Ask the repository for its branches")
    yield from node.images.ensure_node_image(cancel)
    kept = node.connections.reach(address)
    if kept.connection is not None and kept.connection.secret_before is not None:
        yield from _settle(node, address, kept, kept.connection, cancel)
    error: RepositoryError | None = None
    try:
        with looking(node, address, cancel=cancel) as fetcher:
            fetcher.branches()
    except RepositoryError as refused:
        error = refused
    if error is not None and kept.connection is None:
        # nothing is kept in which it could be told
        raise error
    node.connections.note_contact(address, contact_after(error, node.clock.now()))
    return node.connections.show(address)


def _settle(
    node: Node,
    address: RepositoryAddress,
    kept: Reach,
    connection: Connection,
    cancel: CancelToken,
) -> Steps[None]:
    """Try the new key alone; where it opens the repository, the one before goes: from the forge
    first, if Holdfast put it there."""
    alone = replace(connection, secret_before=None)
    try:
        with looking(node, address, Reach(alone, kept.host_keys), cancel) as fetcher:
            fetcher.branches()
    except RepositoryError:
        # what the attempt that follows has to say is told
        return
    if connection.installed and connection.secret_before is not None:
        yield Step("Take the key before from the forge")
        before = read_key_pair(connection.secret_before, None, "").public
        try:
            node.forge_access.uninstall(connection, before)
        except ForgeError as refused:
            yield Line(f"{refused.what} The key before is still there. {refused.next}")
            return
    node.connections.keep(alone)
