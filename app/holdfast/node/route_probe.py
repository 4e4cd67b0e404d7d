"""Asks for a route as a visitor would: until a new release answers, or what one gets just now."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from holdfast.domain import names
from holdfast.domain.errors import DeployFailed, HoldfastError
from holdfast.domain.names import AppName, HostName
from holdfast.domain.operation import CancelToken
from holdfast.node.node import Node
from holdfast.node.proxy_commands import probe_command

_ROUTE_SECONDS = 15.0
#: Asked after who is let in and who is led elsewhere, and answered by the edge itself: a slow app
#: has no part in it.
_EDGE_ANSWERS = "/_stcore/metrics"

Answer = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RouteWanted:
    """What a visitor shall reach. websocket: the app counts as reached when one opens."""

    app: AppName
    host_name: HostName
    release: str
    websocket: bool


def wait_route(node: Node, route: RouteWanted, cancel: CancelToken) -> str:
    """Until the route answers from this release's sidecar, as a visitor would ask it. Why its
    certificate is not to be trusted, "" where it is."""
    path = "/_stcore/stream" if route.websocket else "/"
    held, answer = _ask_until(
        node,
        lambda: probe_route(node, route.host_name, path, route.websocket),
        lambda told: told.get("release") == route.release and _served(told, route.websocket),
        cancel,
    )
    if not held:
        raise DeployFailed(
            "The new release is ready, but its address does not answer.",
            str(answer.get("error") or f"status {answer.get('status')}"),
            "Look at the app's log, then deploy again.",
        )
    return str(answer.get("unverified") or "")


def wait_name(node: Node, host: HostName, leads_to: HostName | None, cancel: CancelToken) -> None:
    """Until the edge answers at a further name of an app, whatever the app does: by serving it, or
    by leading visitors to another name."""

    def holds(told: Answer) -> bool:
        place = told.get("location")
        if leads_to is None:
            return told.get("status") is not None and not place
        return urlsplit(place or "").hostname == leads_to

    _wait_edge(node, host, holds, cancel)


def wait_gone(node: Node, host: HostName, cancel: CancelToken) -> None:
    """Until the edge knows no such name: it ends the handshake."""
    _wait_edge(node, host, lambda told: told.get("status") is None, cancel)


def _wait_edge(
    node: Node, host: HostName, holds: Callable[[Answer], bool], cancel: CancelToken
) -> None:
    held, answer = _ask_until(node, lambda: probe_route(node, host, _EDGE_ANSWERS), holds, cancel)
    if not held:
        raise HoldfastError(
            f"The edge does not answer at {host} as it shall.",
            str(answer.get("error") or f"It answers with status {answer.get('status')}."),
            "Try again.",
        )


def probe_route(
    node: Node,
    host: HostName,
    path: str = "/",
    websocket: bool = False,
    nameless: bool = False,
) -> Answer:
    """What a visitor would get: status, release, policies for the page, location, access, error,
    and unverified, which says why the certificate is not to be trusted. nameless: one who has no
    certificate; access: the mark of the doorkeeper who says so. A probe that could not run, on a
    machine without a process to spare say, is no answer; the engine's runtime tells why."""
    done = node.engine.run(names.EDGE, probe_command(host, path, websocket, nameless))
    if done.exit_code:
        told = (done.output + done.error).decode(errors="replace").strip()
        return {"error": told[-300:] or f"the probe ended with status {done.exit_code}"}
    answer: dict[str, Any] = json.loads(done.output)
    return answer


def _served(answer: Answer, websocket: bool) -> bool:
    status = answer.get("status")
    return status is not None and (status == 101 if websocket else status < 500)


def wait_access(node: Node, host: HostName, mark: str | None, cancel: CancelToken) -> None:
    """Until the edge asks whoever comes to the host as it was told last. mark: its doorkeeper's,
    None where everybody is let in."""
    held, answer = _ask_until(
        node,
        lambda: probe_route(node, host, _EDGE_ANSWERS, nameless=True),
        lambda told: told.get("status") is not None and told.get("access") == mark,
        cancel,
    )
    if not held:
        raise HoldfastError(
            "The edge does not hold to the change yet.",
            str(answer.get("error") or f"Visitors of {host} are asked as before."),
            "Try again.",
        )


def _ask_until(
    node: Node, ask: Callable[[], Answer], holds: Callable[[Answer], bool], cancel: CancelToken
) -> tuple[bool, Answer]:
    """Whether it holds within some seconds, and the last answer."""
    began = node.clock.now()
    while True:
        answer = ask()
        if holds(answer):
            return True, answer
        if (node.clock.now() - began).total_seconds() > _ROUTE_SECONDS:
            return False, answer
        node.clock.sleep(0.1, cancel)
