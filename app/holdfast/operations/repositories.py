"""The node's repositories: listed, tried, and disconnected."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from holdfast.domain.connection import Repository
from holdfast.domain.errors import UsageError
from holdfast.domain.names import AppName
from holdfast.domain.node import Removal
from holdfast.domain.operation import CancelToken, Operation, Step, Steps
from holdfast.domain.repository import remote_address
from holdfast.node.inventory import Inventory, all_parts
from holdfast.node.node import Node
from holdfast.operations.check_kept import check_kept


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
        return (yield from check_kept(node, address, cancel))

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
        by_hand = node.forge_access.take_back([kept])
        gone = node.connections.forget(kept.address)
        left = () if node.connections.reach(address).connection is None else (gone,)
        return Removal(AppName(""), (gone,), left, node.clock.now(), by_hand=by_hand)

    return Operation("Disconnect the repository", target="repositories", body=body)


def _sources(node: Node) -> Iterable[tuple[AppName, str]]:
    """(app, the address of its repository) of all whose volumes are open."""
    inventory = Inventory(node)
    for parts in all_parts(node):
        contents = inventory.contents(parts)
        if contents is not None and contents.configuration is not None:
            yield parts.name, contents.configuration.source.repository


def _same(address: str) -> str:
    return address.removesuffix(".git")
