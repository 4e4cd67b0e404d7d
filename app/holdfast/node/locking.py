"""One operation on an app at a time, whoever asks: the engine's refusal of a name is the mutex."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from holdfast.domain import names
from holdfast.domain.container import ContainerFacts
from holdfast.domain.errors import AppBusy
from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken
from holdfast.node import payloads
from holdfast.node.node import Node
from holdfast.ports import Conflict

#: Seconds within which a holder starts the lock that it made, on a machine with much to do. One
#: that needs longer finds it gone, and holds nothing.
_START_SECONDS = 10.0
#: Seconds between two tries to get a lock that is held, or two looks at one that is made.
_PAUSE = 0.2


@contextmanager
def holding(node: Node, app: AppName, operation: str) -> Iterator[None]:
    """Hold the app's lock. Raises AppBusy with who holds it and since when.

    The lock's container ends as soon as the process that holds it is gone, so one that does not
    run any more belongs to nobody.
    """
    since = node.clock.now().isoformat(timespec="seconds")
    spec = payloads.lock(app, node.images.node_image, operation, node.by, since)
    with ExitStack() as stack:
        try:
            stack.enter_context(node.engine.held(spec))
        except Conflict:
            # by its id: in its place there may be the lock of somebody who was faster
            for dead in _refuse_if_alive(node, app):
                node.engine.remove(dead)
            try:
                stack.enter_context(node.engine.held(spec))
            except Conflict:
                _refuse_if_alive(node, app)
                raise
        yield


@contextmanager
def in_turn(node: Node, app: AppName, operation: str, seconds: float) -> Iterator[None]:
    """Hold the app's lock, and wait for it as long: what it is held for is over soon. Raises
    AppBusy if it is not."""
    began = node.clock.now()
    with ExitStack() as stack:
        while True:
            try:
                stack.enter_context(holding(node, app, operation))
                break
            except (AppBusy, Conflict):
                if (node.clock.now() - began).total_seconds() > seconds:
                    raise
                node.clock.sleep(_PAUSE, CancelToken())
        yield


def _refuse_if_alive(node: Node, app: AppName) -> list[str]:
    """The ids of locks that nobody holds any more."""
    found = _settled(node, app)
    for container in found:
        if container.state == "running":
            labels = container.labels
            raise AppBusy(
                f"{app} is busy.",
                f"{labels.get(names.LABEL_BY)} has been doing “{labels.get(names.LABEL_OPERATION)}”"
                f" since {labels.get(names.LABEL_SINCE)}.",
                "Wait until it has ended, then try again.",
            )
    return [container.id for container in found]


def _settled(node: Node, app: AppName) -> list[ContainerFacts]:
    """The app's locks, each of them started, or left by a holder that was killed before."""
    began = node.clock.now()
    while True:
        found = node.engine.containers({names.LABEL_APP: app, names.LABEL_ROLE: "lock"})
        if all(container.state != "created" for container in found):
            return found
        if (node.clock.now() - began).total_seconds() > _START_SECONDS:
            return found
        node.clock.sleep(_PAUSE, CancelToken())
