"""A node on an engine of a test's own, which may be filled, killed and started again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from own_network import own_network
from world import World, connect

from holdfast.adapters.embedded_engine import EmbeddedEngine
from holdfast.adapters.keychain import KeyringKeychain
from holdfast.shipped import RESOURCES


@contextmanager
def own_engine(
    folder: Path, keychain: KeyringKeychain, ca_file: Path
) -> Iterator[tuple[EmbeddedEngine, World]]:
    """folder: where it keeps everything. Its packages have to be cached: nothing but the machine
    itself is reached from its network."""
    with own_network():
        engine = EmbeddedEngine(folder, RESOURCES, environment={})
        try:
            world = connect(engine.start().socket, keychain, ca_file)
            with closing(world.api):
                world.make_images("3.13")
                world.begin()
                yield engine, world
        finally:
            engine.remove()
