"""Begins and ends a container together with the RAM volumes that it needs."""

from __future__ import annotations

from holdfast.node.payloads import Part
from holdfast.ports import Conflict, Engine


def begin(engine: Engine, part: Part) -> None:
    """Make a container with its RAM volumes, replacing what a killed desktop left, and start it."""
    engine.remove(part.container.name)
    for ram in part.ram:
        engine.remove_volume(ram.name)
        engine.create_ram_volume(ram)
    for shared in part.shared:
        engine.create_ram_volume(shared)
    try:
        engine.create(part.container)
    except Conflict:
        engine.remove(part.container.name)
        engine.create(part.container)
    engine.start(part.container.name)


def end(engine: Engine, part: Part) -> None:
    """Remove a container together with its RAM volumes."""
    engine.remove(part.container.name)
    for ram in part.ram:
        engine.remove_volume(ram.name)
