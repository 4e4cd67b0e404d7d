"""A keychain that does not answer: what serves goes on serving, and nothing is half done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from world import Repository, World, plain_app

from holdfast.adapters.existing_engine import ExistingEngine
from holdfast.adapters.keychain import KeyringKeychain
from holdfast.adapters.node_identity import node_id
from holdfast.domain.app import AppState
from holdfast.domain.errors import KeychainUnreachable
from holdfast.domain.names import AppName
from holdfast.domain.operation import Operation
from holdfast.node.keys import NodeKeys
from holdfast.operations.node_desk import NodeDesk
from holdfast.operations.node_life import remove_node

pytestmark = [pytest.mark.node, pytest.mark.timeout(300)]


def test_without_it_an_app_is_neither_ended_nor_removed(
    world: World, new_repository: Callable[[], Repository], engine_socket: Path
) -> None:
    repository = new_repository()
    repository.commit(plain_app("'open'"))
    world.deploy(repository, "till")
    keys = NodeKeys(
        KeyringKeychain(environment={}),
        lambda: node_id(world.engine),
        world.node.keys.shared.files,
    )
    node = replace(world.node, keys=keys)
    host = ExistingEngine.at(engine_socket)
    desk, app = NodeDesk(lambda: node, host), AppName("till")
    before = world.picture()
    try:
        operations: tuple[Operation[Any], ...] = (
            desk.restart(app),
            desk.stop(app),
            desk.remove(app),
            remove_node(host, lambda: node),
        )
        for operation in operations:
            with pytest.raises(KeychainUnreachable) as told:
                world.run(operation)
            assert "gnome-keyring-daemon" in told.value.next
            assert world.picture() == before
        assert world.state("till") is AppState.RUNNING
        assert world.visit("till.localhost").text == "open"
    finally:
        world.remove("till")
