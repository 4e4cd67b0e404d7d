"""Searches for marks in every byte that an engine keeps on the disk, and in all that it tells: as
`holdfast prove` does, whose search is shown to see in tests/node/test_at_rest.py."""

from __future__ import annotations

import json
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any, TypeVar

from world import World

from holdfast.domain.marks import Marks
from holdfast.domain.operation import CancelToken
from holdfast.node.disk_search import searching

Result = TypeVar("Result")


def search(world: World, marks: Marks) -> dict[str, set[str]]:
    """Where the marks are found below the engine's data root, and in which forms."""
    root = Path(world.engine.facts().data_root)
    if root.parent != Path("/var/lib"):
        # an embedded engine keeps its log and containerd's files beside it
        root = root.parent
    with searching(world.node, [str(root)]) as searcher:
        disk = finished(searcher.search(marks, CancelToken()))
    assert disk.files > 1000, f"{root} is not where the engine keeps its files"
    assert disk.unsearched == ()
    found: dict[str, set[str]] = {}
    for seen in disk.seen:
        found.setdefault(seen.path, set()).add(seen.found.form)
    return found


def told(world: World, marks: Marks, since: float) -> set[str]:
    """Where the engine itself tells of the marks: inspect of everything, and its last events."""
    events = list(world.api.events(since=since, until=time.time(), decode=True))
    assert events
    answers = {**dict(world.engine.told()), "events": json.dumps(events).encode()}
    return {name for name, answer in answers.items() if marks.found_in(answer)}


def finished(search: Generator[Any, None, Result]) -> Result:
    while True:
        try:
            next(search)
        except StopIteration as ended:
            result: Result = ended.value
            return result
