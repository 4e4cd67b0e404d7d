"""A desktop that is killed at a call of the engine: that one and none after it happens."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from waiting import wait_until
from world import World

from holdfast.adapters.docker_engine import DockerEngine
from holdfast.adapters.node_identity import node_id
from holdfast.domain import names
from holdfast.domain.container import ContainerSpec
from holdfast.domain.operation import CancelToken, Closable, Operation, Update
from holdfast.node.key_files import KeyFiles
from holdfast.node.keys import NodeKeys
from holdfast.node.node import Node

#: Which call it is, by its name and what it is given.
At = Callable[[str, tuple[Any, ...]], bool]


class Killed(BaseException):
    """The desktop ends here; nothing of it that comes later happens."""


#: What killed desktops held: nobody ends it in their name, not even Python's garbage collector.
_HELD: list[AbstractContextManager[Closable]] = []


class MortalEngine:
    """The engine, until a call is made that `at` tells."""

    def __init__(self, engine: DockerEngine, at: At) -> None:
        self._engine, self._at, self.dead = engine, at, False
        #: The names of what it held.
        self.left: list[str] = []

    def __getattr__(self, name: str) -> Any:
        def call(*given: Any, **named: Any) -> Any:
            self._live(name, given)
            return getattr(self._engine, name)(*given, **named)

        return call

    @contextmanager
    def held(self, spec: ContainerSpec) -> Iterator[Closable]:
        self._live("held", (spec,))
        holding = self._engine.held(spec)
        running = holding.__enter__()
        try:
            yield running
        finally:
            if self.dead:
                # as its socket's other end sees it
                running.close()
                _HELD.append(holding)
                self.left.append(spec.name)
            else:
                holding.__exit__(None, None, None)

    def _live(self, name: str, given: tuple[Any, ...]) -> None:
        self.dead = self.dead or self._at(name, given)
        if self.dead:
            raise Killed


def run_until(world: World, at: At, verb: Callable[[Node], Operation[Any]]) -> list[Update]:
    """As by a desktop that is killed there; what it had told by then."""
    engine = MortalEngine(world.engine, at)
    files = KeyFiles(engine, lambda: world.node.images.node_image)
    keys = NodeKeys(world.keychain, lambda: node_id(world.engine), files)
    node = replace(world.node, engine=engine, keys=keys)
    told: list[Update] = []
    with pytest.raises(Killed):
        told.extend(verb(node).body(CancelToken()))
    wait_until(lambda: _ended(world, engine.left), "what it held ends with it")
    return told


def _ended(world: World, held: Collection[str]) -> bool:
    return not any(c.state == "running" and c.name in held for c in world.engine.containers())


def nth(number: int, matches: At) -> At:
    seen = count(1)
    return lambda name, given: matches(name, given) and next(seen) == number


def call(name: str, *begin: Any) -> At:
    return lambda called, given: called == name and given[: len(begin)] == begin


def made(container: str) -> At:
    making = ("create", "held")
    return lambda called, given: called in making and given[0].name == container


def switching(mounter: str) -> At:
    """Where a key file of the node is written while that volume is closed: the switch to another
    volume."""
    seen = []

    def at(name: str, given: tuple[Any, ...]) -> bool:
        seen.append((name, given[:1]))
        return ("stop", (mounter,)) in seen and (name, given[:1]) == ("push", (names.KEYS,))

    return at
