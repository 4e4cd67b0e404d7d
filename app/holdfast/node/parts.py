"""Begins and ends a container together with the RAM volumes that it needs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from holdfast.domain.operation import Closable
from holdfast.node.payloads import Part
from holdfast.ports import Conflict, Engine


def begin(engine: Engine, part: Part) -> None:
    """Make a container with its RAM volumes, replacing what a killed desktop left, and start it."""
    _make_volumes(engine, part)
    try:
        engine.create(part.container)
    except Conflict:
        engine.remove(part.container.name)
        engine.create(part.container)
    engine.start(part.container.name)


@contextmanager
def held(engine: Engine, part: Part) -> Iterator[Closable]:
    """Begin it, for the time of the block; both end with this process, however that ends, and the
    container when it is closed."""
    _make_volumes(engine, part)
    with ExitStack() as stack:
        stack.callback(end, engine, part)
        try:
            running = stack.enter_context(engine.held(part.container))
        except Conflict:
            engine.remove(part.container.name)
            running = stack.enter_context(engine.held(part.container))
        yield running


def end(engine: Engine, part: Part) -> None:
    """Remove a container together with its RAM volumes."""
    engine.remove(part.container.name)
    for ram in part.ram:
        engine.remove_volume(ram.name)


def _make_volumes(engine: Engine, part: Part) -> None:
    engine.remove(part.container.name)
    for ram in part.ram:
        engine.remove_volume(ram.name)
        engine.create_ram_volume(ram)
    for shared in part.shared:
        engine.create_ram_volume(shared)
