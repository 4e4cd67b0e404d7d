"""The keeper of a node, with duties of the test's own and an engine that only tells events."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from queue import SimpleQueue
from typing import Any, cast

import pytest
from keeping import Keeping, keeping
from waiting import wait_until

from holdfast.domain import names
from holdfast.domain.errors import HoldfastError, NodeUnreachable
from holdfast.domain.keeping import NewsKind
from holdfast.domain.names import AppName
from holdfast.domain.operation import Cancelled, CancelToken, Line, Step, Steps
from holdfast.node.node import Node
from holdfast.operations.keep_node import Duty, duties_of, keep_node

pytestmark = pytest.mark.timeout(60)

NEVER = 3600.0


@dataclass
class TellingEngine:
    """streams: those that are read now; None ends one, as the engine does when it stops."""

    runs: bool = True
    streams: list[SimpleQueue[Mapping[str, str] | None]] = field(default_factory=list)

    @contextmanager
    def events(
        self, actions: Sequence[str], cancel: CancelToken
    ) -> Iterator[Iterator[Mapping[str, str]]]:
        if not self.runs:
            raise NodeUnreachable("It does not run.")
        stream: SimpleQueue[Mapping[str, str] | None] = SimpleQueue()
        self.streams.append(stream)

        class Reading:
            def close(self) -> None:
                stream.put(None)

        with cancel.closing(Reading()):
            yield iter(stream.get, None)

    def tell(self, **labels: str) -> None:
        self.streams[-1].put(labels)

    def stop(self) -> None:
        self.runs = False
        self.streams[-1].put(None)


class HastyClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def sleep(self, seconds: float, cancel: CancelToken) -> None:
        cancel.check()
        time.sleep(0.001)


@dataclass
class RestlessClock(HastyClock):
    """Whoever would sleep is cancelled. slept: for how long each would have."""

    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float, cancel: CancelToken) -> None:
        self.slept.append(seconds)
        raise Cancelled


def node_on(engine: TellingEngine, clock: HastyClock) -> Node:
    unused = cast(Any, None)
    return Node(
        name="this-machine",
        engine=cast(Any, engine),
        keys=unused,
        images=unused,
        clock=clock,
        ca_file=Path("/nowhere"),
        by="tests",
        local_repositories=unused,
        ssh_agent=unused,
        browsers=unused,
        github=unused,
        forges={},
    )


@contextmanager
def kept(engine: TellingEngine, duties: Callable[[Node], Sequence[Duty]]) -> Iterator[Keeping]:
    node = node_on(engine, HastyClock())
    before = set(threading.enumerate())
    with keeping(keep_node(node, duties)) as made:
        yield made
    assert made.ended[0].cancelled
    assert set(threading.enumerate()) <= before


def quick(name: str, done: Callable[[], None], at_events: bool = True) -> Duty:
    def steps(cancel: CancelToken) -> Steps[None]:
        yield Step(f"Do {name}")
        done()
        yield Line("halfway")

    return Duty(name, NEVER, steps, at_events)


def nothing() -> None: ...


def test_a_duty_that_fails_ends_neither_itself_nor_another() -> None:
    engine = TellingEngine()
    times = iter([HoldfastError("Not yet."), ZeroDivisionError("a fault"), None])

    def fail() -> None:
        if error := next(times):
            raise error

    with kept(engine, lambda node: [quick("Renew", fail), quick("Poll", nothing)]) as keeper:
        assert str(keeper.wait_for(NewsKind.FAILED, "Renew").error) == "Not yet."
        keeper.wait_for(NewsKind.DONE, "Poll")
        engine.tell(name="a container")
        assert isinstance(keeper.wait_for(NewsKind.FAILED, "Renew").error, ZeroDivisionError)
        keeper.wait_for(NewsKind.DONE, "Poll")
        engine.tell(name="a container")
        keeper.wait_for(NewsKind.DONE, "Renew")
        texts = [news.text for news in keeper.told if news.duty == "Renew" and news.text]
        assert texts[-2:] == ["Do Renew", "halfway"]


def test_an_engine_that_stops_is_waited_for_and_every_duty_is_done_when_it_is_back() -> None:
    engine = TellingEngine(runs=False)
    nodes = []

    def duties(node: Node) -> list[Duty]:
        nodes.append(node)
        return [quick("Poll", nothing, at_events=False)]

    with kept(engine, duties) as keeper:
        lost = keeper.wait_for(NewsKind.LOST)
        assert isinstance(lost.error, NodeUnreachable)
        engine.runs = True
        for _ in range(2):
            keeper.wait_for(NewsKind.DONE, "Poll")
            engine.stop()
            keeper.wait_for(NewsKind.LOST)
            engine.runs = True
        keeper.wait_for(NewsKind.DONE, "Poll")
        # told once, however often it was asked
        assert [news.kind for news in keeper.told].count(NewsKind.LOST) == 3
        # what is known of the engine's host is read anew
        assert len({id(node) for node in nodes}) == 3


def test_an_event_wakes_a_duty_that_listens() -> None:
    engine = TellingEngine()
    done = []

    def duties(node: Node) -> list[Duty]:
        deaf = quick("Renew", lambda: done.append("Renew"), at_events=False)
        return [quick("Unseal", lambda: done.append("Unseal")), deaf]

    with kept(engine, duties) as keeper:
        for name in ("Unseal", "Renew"):
            keeper.wait_for(NewsKind.DONE, name)
        engine.tell(name="a container")
        keeper.wait_for(NewsKind.DONE, "Unseal")
    assert sorted(done) == ["Renew", "Unseal", "Unseal"]


def test_a_duty_heeds_to_which_app_something_happens() -> None:
    engine = TellingEngine()
    heeded: list[str] = []

    def duties(node: Node) -> list[Duty]:
        return [
            replace(quick("Follow", nothing, False), heed=heeded.append),
            quick("Poll", nothing),
        ]

    with kept(engine, duties) as keeper:
        keeper.wait_for(NewsKind.DONE, "Poll")
        engine.tell(name="a network")
        engine.tell(**names.labels(AppName("board"), "lock"))
        wait_until(lambda: heeded != [], "it is heeded")
    assert heeded == ["board"]


def test_a_duty_without_work_tells_nothing() -> None:
    engine = TellingEngine()

    def look(cancel: CancelToken) -> Steps[None]:
        return
        yield

    with kept(
        engine, lambda node: [Duty("Unseal", NEVER, look, True), quick("Poll", nothing)]
    ) as keeper:
        for _ in range(3):
            keeper.wait_for(NewsKind.DONE, "Poll")
            engine.tell(name="a container")
    assert "Unseal" not in {news.duty for news in keeper.told}


def test_a_duty_that_takes_long_is_cancelled_with_its_keeper() -> None:
    engine = TellingEngine()
    cleaned = []

    def deploy(cancel: CancelToken) -> Steps[None]:
        gate = threading.Event()

        class Gate:
            close = staticmethod(gate.set)

        yield Step("Deploy")
        try:
            with cancel.closing(Gate()):
                gate.wait()
        except Cancelled:
            cleaned.append("deploy")
            raise

    with kept(engine, lambda node: [Duty("Follow", NEVER, deploy)]) as keeper:
        keeper.wait_for(NewsKind.STEP, "Follow")
    assert cleaned == ["deploy"]
    assert keeper.told[-1].kind is NewsKind.STEP


def test_branches_are_asked_about_each_half_minute_and_not_by_all_desktops_at_once() -> None:
    clock = RestlessClock()
    for _ in range(9):
        duties = {duty.name: duty for duty in duties_of(node_on(TellingEngine(), clock), False)}
        following = duties["Follow the branches"]
        assert following.every == 30
        with pytest.raises(Cancelled):
            next(following.steps(CancelToken()))
    assert len(set(clock.slept)) > 1
    assert all(0 <= seconds <= 3 for seconds in clock.slept)
