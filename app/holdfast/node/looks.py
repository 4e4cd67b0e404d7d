"""A look at a repository: in a fetch container whose every file is RAM, and for no app."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from uuid import uuid4

from holdfast.domain import names
from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken
from holdfast.domain.repository import RepositoryAddress
from holdfast.node import payloads
from holdfast.node.connections import Reach
from holdfast.node.fetcher import Fetcher, fetching
from holdfast.node.node import Node
from holdfast.ports import Conflict

#: What stands for an app in the names of a look's container.
_LOOK = "look-"
#: Clocks may differ by five minutes.
_ENDED_SINCE = timedelta(minutes=10)


def _clear_looks(node: Node) -> None:
    """Remove what killed desktops left of theirs: containers that have ended, with nothing in RAM
    any more. Whoever is about to remove one was not killed."""
    before = node.clock.now() - _ENDED_SINCE
    for container in node.engine.containers({names.LABEL_ROLE: "fetch"}):
        app = container.labels.get(names.LABEL_APP, "")
        if app.startswith(_LOOK) and container.state == "exited" and container.created < before:
            labels = {names.LABEL_APP: app}
            # another desktop may be at it in this moment
            with suppress(Conflict):
                for part in node.engine.containers(labels):
                    node.engine.remove(part.id)
                for ram, _ in node.engine.volumes(labels):
                    node.engine.remove_volume(ram)


@contextmanager
def looking(
    node: Node,
    address: RepositoryAddress,
    tried: Reach | None = None,
    cancel: CancelToken | None = None,
) -> Iterator[Fetcher]:
    """As `fetching`, of a repository that is only looked at: in RAM, and for no app."""
    _clear_looks(node)
    look = AppName(f"{_LOOK}{uuid4().hex[:8]}")
    uid = payloads.EDGE_UID
    with fetching(node, look, uid, address, None, tried, cancel=cancel) as fetcher:
        yield fetcher
