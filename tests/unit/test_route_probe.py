"""What is made of the edge's answer about a route, and of a probe that could not run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import pytest

from holdfast.domain.container import Completed
from holdfast.domain.names import HostName
from holdfast.node.node import Node
from holdfast.node.route_probe import probe_route


@dataclass
class Edge:
    """The engine of a node, whose edge gives this answer."""

    done: Completed

    def run(self, container: str, command: Sequence[str]) -> Completed:
        return self.done


@dataclass
class World:
    engine: Edge


@pytest.mark.parametrize(
    ("done", "release", "error"),
    [
        (Completed(0, b'{"status": 200, "release": "r1", "error": null}', b""), "r1", None),
        (Completed(126, b"OCI runtime exec failed: no process", b""), None, "OCI runtime exec"),
        (Completed(137, b"", b""), None, "the probe ended with status 137"),
    ],
)
def test_a_probe_that_could_not_run_is_no_answer(
    done: Completed, release: str | None, error: str | None
) -> None:
    node = cast("Node", cast("Any", World(Edge(done))))
    answer = probe_route(node, HostName("sales.localhost"))
    assert answer.get("release") == release
    assert str(answer["error"]).startswith(str(error))
