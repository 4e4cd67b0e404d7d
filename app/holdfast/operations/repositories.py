"""The node's repositories: listed, tried, and disconnected."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from holdfast.domain.connection import Connection, Contact, Repository
from holdfast.domain.errors import RepositoryError, UsageError
from holdfast.domain.names import AppName
from holdfast.domain.node import Removal
from holdfast.domain.operation import CancelToken, Operation, Step, Steps
from holdfast.domain.repository import RepositoryAddress
from holdfast.node.connections import Reach
from holdfast.node.fetcher import looking
from holdfast.node.inventory import Inventory, all_parts
from holdfast.node.node import Node
from holdfast.operations.connect_repository import remote_address


def read_repositories(node: Node) -> Operation[tuple[Repository, ...]]:
    """Those that are connected, and those that unsealed apps were deployed from."""

    def body(cancel: CancelToken) -> Steps[tuple[Repository, ...]]:
        yield Step("Read what is kept of the repositories")
        found = {_same(each.address): each for each in node.connections.shown()}
        yield Step("Look at the apps")
        for app, address in _sources(node):
            known = found.get(_same(address), Repository(address=address))
            apps = tuple(sorted({*known.apps, app}))
            found[_same(address)] = replace(known, apps=apps)
        return tuple(sorted(found.values(), key=lambda each: each.address))

    return Operation("List the repositories", target="repositories", body=body)


def check_repository(node: Node, given: str) -> Operation[Repository]:
    """Ask the repository for its branches. One that does not answer is no error here: the result
    says so. A new key that opens it takes the place of the one before."""
    address = remote_address(given)

    def body(cancel: CancelToken) -> Steps[Repository]:
        yield Step("Ask the repository for its branches")
        yield from node.images.ensure_node_image(cancel)
        kept = node.connections.reach(address)
        if kept.connection is not None and kept.connection.secret_before is not None:
            _settle(node, address, kept, kept.connection)
        error: RepositoryError | None = None
        try:
            with looking(node, address) as fetcher:
                fetcher.branches()
        except RepositoryError as refused:
            error = refused
        if error is not None and kept.connection is None:
            # nothing is kept in which it could be told
            raise error
        told = f"{error.what} {error.why}".strip() if error else ""
        node.connections.note_contact(address, Contact(node.clock.now(), told))
        return node.connections.show(address)

    return Operation("Test the repository", target="repositories", body=body)


def disconnect_repository(node: Node, given: str, anyway: bool) -> Operation[Removal]:
    """Forget a repository's credential. anyway: also where apps are deployed from it."""
    address = remote_address(given)

    def body(cancel: CancelToken) -> Steps[Removal]:
        yield Step("Forget the credential")
        kept = node.connections.reach(address).connection
        if kept is None:
            return Removal(AppName(""), (), (), node.clock.now())
        if kept.apps and not anyway:
            raise UsageError(
                f"{', '.join(kept.apps)} would lose the way to the repository.",
                "What serves goes on serving, and could not be deployed anew.",
                "Repeat it with --yes if that is meant.",
            )
        gone = node.connections.forget(kept.address)
        left = () if node.connections.reach(address).connection is None else (gone,)
        return Removal(AppName(""), (gone,), left, node.clock.now())

    return Operation("Disconnect the repository", target="repositories", body=body)


def _settle(node: Node, address: RepositoryAddress, kept: Reach, connection: Connection) -> None:
    """Try the new key alone; where it opens the repository, the one before goes."""
    alone = replace(connection, secret_before=None)
    try:
        with looking(node, address, Reach(alone, kept.host_keys)) as fetcher:
            fetcher.branches()
    except RepositoryError:
        # what the attempt that follows has to say is told
        return
    node.connections.keep(alone)


def _sources(node: Node) -> Iterable[tuple[AppName, str]]:
    """(app, the address of its repository) of all whose volumes are open."""
    inventory = Inventory(node)
    for parts in all_parts(node):
        contents = inventory.contents(parts)
        if contents is not None and contents.configuration is not None:
            yield parts.name, contents.configuration.source.repository


def _same(address: str) -> str:
    return address.removesuffix(".git")
