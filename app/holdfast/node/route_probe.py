"""Asks for a route as a visitor would: until a new release answers, or what one gets just now."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from holdfast.domain import names
from holdfast.domain.errors import DeployFailed, HoldfastError
from holdfast.domain.names import AppName, HostName
from holdfast.domain.operation import CancelToken
from holdfast.node.node import Node
from holdfast.node.proxy_commands import probe_command

_ROUTE_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class RouteWanted:
    """What a visitor shall reach. websocket: the app counts as reached when one opens."""

    app: AppName
    host_name: HostName
    release: str
    websocket: bool


def wait_route(node: Node, route: RouteWanted, cancel: CancelToken) -> None:
    """Until the route answers from this release's sidecar, as a visitor would ask it."""
    path = "/_stcore/stream" if route.websocket else "/"
    began = node.clock.now()
    while True:
        answer = probe_route(node, route.host_name, path, route.websocket)
        if answer.get("release") == route.release and _served(answer, route.websocket):
            return
        now = node.clock.now()
        if (now - began).total_seconds() > _ROUTE_SECONDS:
            raise DeployFailed(
                "The new release is ready, but its address does not answer.",
                str(answer.get("error") or f"status {answer.get('status')}"),
                "Look at the app's log, then deploy again.",
            )
        node.clock.sleep(0.1, cancel)


def probe_route(
    node: Node,
    host: HostName,
    path: str = "/",
    websocket: bool = False,
    nameless: bool = False,
) -> Mapping[str, Any]:
    """What a visitor would get: status, release, policies for the page, access, and error.
    nameless: one who has no certificate; access: the mark of the doorkeeper who says so. A probe
    that could not run, on a machine without a process to spare say, is no answer; the engine's
    runtime tells why."""
    done = node.engine.run(names.EDGE, probe_command(host, path, websocket, nameless))
    if done.exit_code:
        told = (done.output + done.error).decode(errors="replace").strip()
        return {"error": told[-300:] or f"the probe ended with status {done.exit_code}"}
    answer: dict[str, Any] = json.loads(done.output)
    return answer


def _served(answer: Mapping[str, Any], websocket: bool) -> bool:
    status = answer.get("status")
    return status is not None and (status == 101 if websocket else status < 500)


#: Asked after who is let in, and answered by the edge itself: a slow app has no part in it.
_EDGE_ANSWERS = "/_stcore/metrics"


def wait_access(node: Node, host: HostName, mark: str | None, cancel: CancelToken) -> None:
    """Until the edge asks whoever comes to the host as it was told last. mark: its doorkeeper's,
    None where everybody is let in."""
    began = node.clock.now()
    while True:
        answer = probe_route(node, host, _EDGE_ANSWERS, nameless=True)
        if answer.get("status") is not None and answer.get("access") == mark:
            return
        if (node.clock.now() - began).total_seconds() > _ROUTE_SECONDS:
            raise HoldfastError(
                "The edge does not hold to the change yet.",
                str(answer.get("error") or f"Visitors of {host} are asked as before."),
                "Try again.",
            )
        node.clock.sleep(0.1, cancel)
