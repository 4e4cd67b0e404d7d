"""When the edge is asked for its certificates, and what is made of its answers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from holdfast.domain.container import Completed, ContainerFacts
from holdfast.domain.names import HostName
from holdfast.node.node import Node
from holdfast.node.proxy_commands import certificates_command
from holdfast.node.served_certificates import ServedCertificates
from holdfast.ports import NotFound

NOW = datetime(2026, 11, 24, 14, 2, tzinfo=UTC)
ENDS = NOW + timedelta(days=61)
SALES, MAP = HostName("sales.localhost"), HostName("map.localhost")


@dataclass
class Edge:
    """Both engine and clock of a node whose edge serves some hosts."""

    serves: dict[str, datetime]
    exit_code: int = 0
    gone: bool = False
    time: datetime = NOW
    asked: list[tuple[str, ...]] = field(default_factory=list)

    def run(self, container: str, command: Sequence[str]) -> Completed:
        if self.gone:
            raise NotFound(404, "no such container")
        hosts = tuple(command[len(certificates_command(())) :])
        self.asked.append(hosts)
        told = {host: int(ends.timestamp()) for host, ends in self.serves.items() if host in hosts}
        return Completed(self.exit_code, b"" if self.exit_code else json.dumps(told).encode(), b"")

    def now(self) -> datetime:
        return self.time


@dataclass
class World:
    engine: Edge

    @property
    def clock(self) -> Edge:
        return self.engine


def container(name: str, role: str, host: str = "", state: str = "running") -> ContainerFacts:
    labels = {"holdfast.role": role} | ({"holdfast.host": host} if host else {})
    return ContainerFacts(f"id of {name}", name, "", labels, state, "Up", NOW, {}, ())


EDGE = container("holdfast-edge", "edge")
RUNNING = [EDGE, container("p", "proxy"), container("r", "run", SALES)]


def served(edge: Edge) -> ServedCertificates:
    return ServedCertificates(cast("Node", cast("Any", World(edge))))


def test_it_is_asked_again_when_proxies_change_and_else_once_a_minute() -> None:
    edge = Edge({SALES: ENDS, MAP: ENDS})
    look = served(edge)
    assert look.ends(RUNNING) == {SALES: ENDS}
    look.ends(RUNNING)
    edge.time += timedelta(seconds=59)
    look.ends(RUNNING)
    assert edge.asked == [(SALES,)]
    edge.time += timedelta(seconds=1)
    look.ends(RUNNING)
    assert edge.asked == [(SALES,)] * 2
    more = [*RUNNING, container("q", "proxy"), container("m", "run", MAP)]
    assert look.ends(more) == {SALES: ENDS, MAP: ENDS}
    assert edge.asked[-1] == (MAP, SALES)


def test_a_host_that_is_not_served_yet_is_asked_for_again() -> None:
    edge = Edge({})
    look = served(edge)
    assert look.ends(RUNNING) == {}
    edge.serves[SALES] = ENDS
    assert look.ends(RUNNING) == {SALES: ENDS}


def test_an_edge_that_does_not_know_the_question_is_not_pressed() -> None:
    edge = Edge({SALES: ENDS}, exit_code=2)
    look = served(edge)
    assert look.ends(RUNNING) == {}
    look.ends(RUNNING)
    assert len(edge.asked) == 1


def test_nothing_is_asked_where_nothing_runs() -> None:
    edge = Edge({SALES: ENDS})
    stopped = [replace(each, state="exited") for each in RUNNING]
    assert served(edge).ends([EDGE]) == {}
    assert served(edge).ends(stopped) == {}
    assert edge.asked == []


def test_an_edge_that_is_only_starting_is_asked_again_at_once() -> None:
    edge = Edge({SALES: ENDS}, gone=True)
    look = served(edge)
    assert look.ends(RUNNING) == {}
    edge.gone = False
    assert look.ends(RUNNING) == {SALES: ENDS}
