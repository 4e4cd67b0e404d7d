"""Look at the node: once, or again at every event of its engine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread

from holdfast.domain.container import EngineEvent
from holdfast.domain.errors import HoldfastError, NodeUnreachable
from holdfast.domain.node import Snapshot
from holdfast.domain.operation import Cancelled, CancelToken, Fact, Operation, Step, Steps
from holdfast.node.inventory import Inventory
from holdfast.node.node import Node

#: Memory and processor use have no events.
_REFRESH_SECONDS = 5.0
#: One deploy brings a dozen events at once.
_SETTLE_SECONDS = 0.1
_BURST = 5
#: Health checks run every few seconds in every container.
_NOISE = ("exec_create", "exec_start", "exec_die", "exec_detach", "archive-path", "top")


def list_apps(node: Node) -> Operation[Snapshot]:
    def body(cancel: CancelToken) -> Steps[Snapshot]:
        yield Step("List the apps")
        return Inventory(node).snapshot()

    return Operation("List the apps", target="list", body=body)


def watch_node(node: Node) -> Operation[None]:
    """Publish a snapshot at once and after each change, until it is cancelled. An event is a
    hint alone: what is shown was listed anew."""

    def body(cancel: CancelToken) -> Steps[None]:
        inventory = Inventory(node)
        yield Fact(inventory.snapshot())
        for _ in _hints(node, cancel):
            cancel.check()
            yield Fact(inventory.snapshot())

    return Operation("Watch the node", target="watch", body=body)


def _hints(node: Node, cancel: CancelToken) -> Iterator[None]:
    """One None per burst of events or per refresh; raises what ended the stream of events."""
    arrived: SimpleQueue[BaseException | None] = SimpleQueue()

    def read() -> None:
        try:
            with node.engine.events(cancel) as events:
                for event in events:
                    if is_hint(event):
                        arrived.put(None)
            arrived.put(engine_ended())
        except (Cancelled, HoldfastError) as ended:
            arrived.put(ended)

    Thread(target=read, name="engine-events", daemon=True).start()
    while True:
        with suppress(Empty):
            _raise(arrived.get(timeout=_REFRESH_SECONDS))
            # the rest of the burst: at most a few, each within the time that a person notices
            for _ in range(_BURST):
                _raise(arrived.get(timeout=_SETTLE_SECONDS))
        yield


def is_hint(event: EngineEvent) -> bool:
    """Whether what is on the engine may be another than before it."""
    return not event.action.startswith(_NOISE)


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
