"""Measure apps: the engine says what they use, the edge what was asked of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from holdfast.domain import names
from holdfast.domain.container import Usage
from holdfast.domain.errors import HoldfastError
from holdfast.domain.figures import Counted, Measured
from holdfast.domain.names import AppName
from holdfast.domain.stored import Damaged, from_json
from holdfast.node.inventory import AppParts, host_of, launch_status
from holdfast.node.node import Node
from holdfast.node.proxy_commands import COUNTERS_COMMAND
from holdfast.node.usage import UsageMeter
from holdfast.ports import EngineError


def measure(node: Node, apps: Sequence[AppParts]) -> dict[AppName, Measured]:
    """Those that run and have a route. What ends while it is measured is left out."""
    running = {parts.running.id: parts for parts in apps if parts.running is not None}
    counted = _counted(node) if running else {}
    used = UsageMeter(node).read(list(running))
    found = {running[id].name: _measured(node, running[id], counted, used[id]) for id in used}
    return {name: each for name, each in found.items() if each is not None}


def _counted(node: Node) -> dict[str, Counted]:
    """By host name; empty where the edge does not answer."""
    try:
        done = node.engine.run(names.EDGE, COUNTERS_COMMAND)
        return from_json(dict[str, Counted], done.output or b"{}")
    except (EngineError, Damaged):
        return {}


def _measured(
    node: Node, parts: AppParts, counted: dict[str, Counted], usage: Usage
) -> Measured | None:
    runner, host = parts.running, host_of(parts.containers)
    if runner is None or host not in counted:
        return None
    try:
        status = launch_status(node, runner.id, parts.uid)
    except (HoldfastError, Damaged):
        return None
    return Measured(
        at=node.clock.now(),
        release=runner.labels.get(names.LABEL_RELEASE, ""),
        restarts=status.restarts,
        cpu_seconds=usage.cpu_seconds,
        memory_bytes=usage.memory_bytes,
        memory_limit=usage.memory_limit,
        **asdict(counted[host]),
    )
