"""Another workstation before the same engine, with a home and a keychain of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

from private_session import PrivateBus, PrivateSecretService
from world import World

from holdfast.adapters.keychain import KeyringKeychain
from holdfast.adapters.node_identity import node_id
from holdfast.node.key_files import KeyFiles
from holdfast.node.keys import NodeKeys
from holdfast.operations.node_desk import NodeDesk


@contextmanager
def second_admin(world: World, folder: Path, name: str = "Bo") -> Iterator[World]:
    """folder: an empty one."""
    with closing(PrivateBus(folder / "bus")) as bus:
        service = PrivateSecretService(bus)
        service.start()
        try:
            engine, images = world.engine, world.node.images
            keychain = KeyringKeychain(environment=service.environment)
            files = KeyFiles(engine, lambda: images.node_image)
            node = replace(
                world.node,
                keys=NodeKeys(keychain, lambda: node_id(engine), files),
                ca_file=folder / "ca.pem",
                by=name,
            )
            desk = NodeDesk(lambda: node, None)  # type: ignore[arg-type]  # the engine's life is not asked for
            yield replace(world, node=node, desk=desk, keychain=keychain)
        finally:
            service.stop()
