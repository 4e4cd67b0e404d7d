"""What containers use, measured side by side: an engine answers with its next measurement, for
which it may wait a second."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from holdfast.domain import names
from holdfast.domain.container import Usage
from holdfast.node.node import Node
from holdfast.ports import EngineError

_SIDE_BY_SIDE = 32


@dataclass(frozen=True, slots=True)
class Metered:
    """cpu_percent: of one core, since the measurement before; None without one."""

    at: datetime
    usage: Usage
    cpu_percent: float | None


class UsageMeter:
    """What was measured last of every app that runs. One thread measures, any may read."""

    def __init__(self, node: Node) -> None:
        self._node = node
        # kept, as each of its threads has a connection; they end with the meter
        self._pool = ThreadPoolExecutor(_SIDE_BY_SIDE, thread_name_prefix="usage")
        self._metered: dict[str, Metered] = {}

    def read(self, containers: Sequence[str]) -> dict[str, Usage]:
        """What each uses now. What ends while it is measured is left out."""
        found = self._pool.map(self._usage, containers)
        return {each: usage for each, usage in zip(containers, found, strict=True) if usage}

    def measure(self) -> None:
        listed = self._node.engine.containers({names.LABEL_ROLE: "run"})
        found = self.read([each.id for each in listed if each.state == "running"])
        at = self._node.clock.now()
        self._metered = {
            runner: Metered(at, usage, _cpu_percent(self._metered.get(runner), at, usage))
            for runner, usage in found.items()
        }

    def of(self, runner: str) -> Metered | None:
        """runner: the id of a container that runs an app."""
        return self._metered.get(runner)

    def _usage(self, container: str) -> Usage | None:
        try:
            return self._node.engine.usage(container)
        except EngineError:
            return None


def _cpu_percent(before: Metered | None, at: datetime, usage: Usage) -> float | None:
    if before is None or (passed := (at - before.at).total_seconds()) <= 0:
        return None
    return max(0.0, 100 * (usage.cpu_seconds - before.usage.cpu_seconds) / passed)
