"""A keychain that asks a person first may take minutes: what waits for its keys meanwhile?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest
from world import Repository, World, plain_app

from holdfast.adapters.node_identity import node_id
from holdfast.domain import names
from holdfast.domain.names import AppName
from holdfast.domain.secret import Secret
from holdfast.node.edge import update_edge
from holdfast.node.keys import NodeKeys
from holdfast.node.node import Node
from holdfast.operations.start import restart_app

pytestmark = [pytest.mark.node, pytest.mark.timeout(300)]

HAS_FILES = ("/usr/bin/test", "-e", "/keys/go")


@dataclass
class AskedKeychain:
    """The world's own keychain. waiting: the proxies without files at its first question, which
    is when a locked keychain asks its owner; from then on it is open."""

    world: World
    waiting: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    @property
    def label(self) -> str:
        return self.world.keychain.label

    def read(self, service: str, name: str) -> Secret:
        if not self.asked:
            self.waiting = [
                container.name
                for role in ("edge", "proxy")
                for container in self.world.engine.containers({names.LABEL_ROLE: role})
                if self.world.engine.run(container.name, HAS_FILES).exit_code
            ]
        self.asked.append(name)
        return self.world.keychain.read(service, name)

    def write(self, service: str, name: str, value: Secret) -> None:
        self.world.keychain.write(service, name, value)

    def delete(self, service: str, name: str) -> None:
        self.world.keychain.delete(service, name)

    def names(self, service: str) -> list[str]:
        return self.world.keychain.names(service)


@pytest.fixture
def keychain(world: World) -> AskedKeychain:
    return AskedKeychain(world)


@pytest.fixture
def node(world: World, keychain: AskedKeychain) -> Node:
    files = world.node.keys.shared.files
    return replace(world.node, keys=NodeKeys(keychain, lambda: node_id(world.engine), files))


def test_not_the_edge_when_it_starts(world: World, node: Node, keychain: AskedKeychain) -> None:
    world.engine.remove(names.EDGE)
    update_edge(node, {})
    assert keychain.asked
    assert keychain.waiting == []


def test_not_the_sidecar_of_an_app_that_starts_again(
    world: World, node: Node, keychain: AskedKeychain, new_repository: Callable[[], Repository]
) -> None:
    repository = new_repository()
    repository.commit(plain_app("'served'"))
    world.deploy(repository, "again")
    try:
        world.run(restart_app(node, AppName("again")))
        assert world.visit("again.localhost").text == "served"
    finally:
        world.remove(AppName("again"))
    assert keychain.asked
    assert keychain.waiting == []
