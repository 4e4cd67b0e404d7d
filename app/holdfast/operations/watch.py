"""Look at the node: once, or again at every event of its engine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from threading import Event, Thread

from holdfast.domain.errors import HoldfastError, NodeUnreachable
from holdfast.domain.node import Snapshot
from holdfast.domain.operation import Cancelled, CancelToken, Fact, Operation, Step, Steps
from holdfast.node.inventory import Inventory
from holdfast.node.node import Node
from holdfast.node.usage import UsageMeter
from holdfast.ports import EngineError

#: Memory and processor use have no events.
_MEASURE_SECONDS = 5.0
#: Nor has a restart within a container.
_REFRESH_SECONDS = 30.0
#: One deploy brings a dozen events at once.
_SETTLE_SECONDS = 0.1
_BURST = 5
#: What is on the engine may be another than before these. Others are not even asked for: each
#: command that is run in a container is three of them.
HINTS = (
    *("create", "start", "restart", "stop", "kill", "die", "oom", "pause", "unpause", "rename"),
    *("update", "destroy", "remove", "health_status", "connect", "disconnect"),
    *("tag", "untag", "delete", "import", "load", "pull"),
)


def list_apps(node: Node) -> Operation[Snapshot]:
    def body(cancel: CancelToken) -> Steps[Snapshot]:
        yield Step("List the apps")
        meter = UsageMeter(node)
        meter.measure()
        return Inventory(node, meter).snapshot()

    return Operation("List the apps", target="list", body=body)


def watch_node(node: Node, looked_at: Event) -> Operation[None]:
    """Publish a snapshot at once and after each change, until it is cancelled. An event is a
    hint alone: what is shown was listed anew.

    looked_at: set while somebody sees it. Otherwise nothing is measured, and what has no event is
    noticed later.
    """

    def body(cancel: CancelToken) -> Steps[None]:
        meter = UsageMeter(node)
        inventory = Inventory(node, meter)
        yield Fact(inventory.snapshot())
        with _hints(node, meter, looked_at, cancel) as hints:
            for _ in hints:
                cancel.check()
                yield Fact(inventory.snapshot())

    return Operation("Watch the node", target="watch", body=body)


@contextmanager
def _hints(
    node: Node, meter: UsageMeter, looked_at: Event, cancel: CancelToken
) -> Iterator[Iterator[None]]:
    """One None per burst of events, per measurement or refresh; raises what ended the events."""
    arrived: SimpleQueue[BaseException | None] = SimpleQueue()
    over = Event()

    def read() -> None:
        try:
            with node.engine.events(HINTS, cancel) as events:
                for _ in events:
                    arrived.put(None)
            arrived.put(engine_ended())
        except (Cancelled, HoldfastError) as ended:
            arrived.put(ended)

    def measure() -> None:
        while not over.is_set():
            if looked_at.is_set():
                # an engine that is gone ends its events
                with suppress(EngineError, HoldfastError):
                    meter.measure()
                    arrived.put(None)
            over.wait(_MEASURE_SECONDS)

    def hints() -> Iterator[None]:
        while True:
            with suppress(Empty):
                _raise(arrived.get(timeout=_REFRESH_SECONDS))
                # the rest of the burst: at most a few, each within the time that a person notices
                for _ in range(_BURST):
                    _raise(arrived.get(timeout=_SETTLE_SECONDS))
            yield

    Thread(target=read, name="engine-events", daemon=True).start()
    Thread(target=measure, name="usage", daemon=True).start()
    try:
        yield hints()
    finally:
        over.set()


def engine_ended() -> NodeUnreachable:
    """What the end of a stream of events means."""
    return NodeUnreachable(
        "The node's engine has stopped.",
        "It ended the stream of its events.",
        "Start it with: holdfast node start",
    )


def _raise(ended: BaseException | None) -> None:
    if ended is not None:
        raise ended
