"""The edge: one route per running app, brought in line with what runs on the engine."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from holdfast.domain import names
from holdfast.domain.container import ContainerFacts
from holdfast.domain.errors import DeployFailed, HoldfastError
from holdfast.domain.names import AppName, HostName
from holdfast.domain.node import FIRST_EDGE_PORT
from holdfast.domain.operation import CancelToken
from holdfast.node import payloads
from holdfast.node.certificates import issue_client, issue_server, pem_bundle
from holdfast.node.networks import ensure_network
from holdfast.node.node import Node
from holdfast.node.proxy_configuration import (
    EDGE_NAME,
    GO,
    RELOAD_COMMAND,
    TLS_PORT,
    Route,
    edge_files,
    probe_command,
)
from holdfast.node.serving import server_name
from holdfast.node.subnets import edge_address, free_sidecar_address
from holdfast.ports import Conflict, EngineError

_FIRST_PORTS = (FIRST_EDGE_PORT, 8080)
_TRIES = 20
_ROUTE_SECONDS = 15.0
_TELL_AGAIN_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class RouteWanted:
    """What a visitor shall reach. websocket: the app counts as reached when one opens."""

    app: AppName
    host_name: HostName
    release: str
    websocket: bool


def routes(containers: list[ContainerFacts], serving: Mapping[AppName, str | None]) -> list[Route]:
    """A route for every app that runs. serving: the release that shall be reached, for apps
    where that is not simply the only one (None: no route)."""
    sidecars = {
        container.labels.get(names.LABEL_RELEASE): address
        for container in containers
        if container.labels.get(names.LABEL_ROLE) == "proxy" and container.state == "running"
        for address in [container.networks.get(names.network(_app(container)), "")]
        if address
    }
    found: dict[AppName, Route] = {}
    # the list comes newest first: the last one written is the oldest, which serves until told
    for container in containers:
        release = container.labels.get(names.LABEL_RELEASE, "")
        if (
            container.labels.get(names.LABEL_ROLE) != "run"
            or container.state != "running"
            or release not in sidecars
        ):
            continue
        app = _app(container)
        if app in serving and serving[app] != release:
            continue
        host = HostName(container.labels[names.LABEL_HOST])
        found[app] = Route(host, app, release, sidecars[release], server_name(app, release))
    return sorted(found.values(), key=lambda route: route.host_name)


def _app(container: ContainerFacts) -> AppName:
    return AppName(container.labels.get(names.LABEL_APP, ""))


def published(containers: list[ContainerFacts], port: int = TLS_PORT) -> tuple[str, int] | None:
    """(address, port) where visitors reach the edge, None while it does not run."""
    for container in containers:
        if container.name == names.EDGE and container.state == "running":
            for address, outside, inside in container.ports:
                if inside == port:
                    return address, outside
    return None


def update_edge(node: Node, serving: Mapping[AppName, str | None]) -> tuple[str, int]:
    """Bring the edge's routes in line with what runs; start it if it does not. Where it is."""
    with node.edge_lock:
        return _update(node, serving)


def _update(node: Node, serving: Mapping[AppName, str | None]) -> tuple[str, int]:
    containers = node.engine.containers({names.LABEL_ROLE: ""})
    place = published(containers)
    if place is None:
        _start(node)
        containers = node.engine.containers({names.LABEL_ROLE: ""})
        place = published(containers)
    if place is None:
        raise HoldfastError("The edge stopped as soon as it was started.")
    wanted = routes(containers, serving)
    _join_networks(node, containers, wanted)
    fresh = node.engine.run(names.EDGE, ("/usr/bin/test", "-e", "/keys/pid")).exit_code != 0
    files = _files(node, wanted, place[1])
    # at its start the edge waits for `go`; later it is told to look at what was pushed
    node.engine.push(names.EDGE, "/keys", [*files, GO] if fresh else files, payloads.EDGE_UID)
    if fresh:
        _wait_started(node)
    else:
        done = node.engine.run(names.EDGE, RELOAD_COMMAND)
        if done.exit_code:
            raise HoldfastError(
                "The edge refused its new routes and keeps the old ones.",
                done.error.decode(errors="replace")[-300:],
            )
    return place


def _wait_started(node: Node) -> None:
    tries = "for n in $(seq 100); do [ -e /keys/pid ] && exit 0; sleep 0.05; done; exit 1"
    if node.engine.run(names.EDGE, ("/bin/sh", "-c", tries)).exit_code:
        raise HoldfastError("The edge did not start.", "HAProxy refused its configuration.")


def _files(node: Node, wanted: list[Route], public_port: int) -> list[Any]:
    now = node.clock.now()
    visitors = node.keys.visitors_authority([route.host_name for route in wanted], now)
    node.ca_file.parent.mkdir(parents=True, exist_ok=True)
    node.ca_file.write_bytes(visitors.root)
    certificates = {
        route.host_name: pem_bundle(issue_server(visitors, [route.host_name], now))
        for route in wanted
    }
    client = issue_client(node.keys.edge_authority(now), EDGE_NAME, now)
    return edge_files(
        wanted,
        certificates,
        visitors.root,
        node.keys.sidecars_authority(now).certificate,
        pem_bundle(client),
        public_port,
    )


def _start(node: Node) -> None:
    # before it starts: it waits for its files some seconds only, a locked keychain for a person
    node.keys.edge_authority(node.clock.now())
    labels = {names.LABEL_ROLE: "edge"}
    subnet = ensure_network(node, names.EDGE, labels)
    address = free_sidecar_address(subnet, [])
    for step in range(_TRIES):
        ports = (_FIRST_PORTS[0] + step, _FIRST_PORTS[1] + step)
        part = payloads.edge(node.images.node_image, address, ports)
        try:
            node.begin(part)
            return
        except EngineError as error:
            node.end(part)
            if isinstance(error, Conflict) or "already" not in error.message:
                raise
    raise HoldfastError(
        "There is no free port for the edge.",
        f"{_FIRST_PORTS[0]} and the {_TRIES - 1} ports after it are in use on the node.",
        "End a program that uses one of them.",
    )


def _join_networks(node: Node, containers: list[ContainerFacts], wanted: list[Route]) -> None:
    edge = next(container for container in containers if container.name == names.EDGE)
    subnets = {name: pools[0] for name, _, pools in node.engine.networks() if pools}
    for route in wanted:
        network = names.network(route.app)
        if network not in edge.networks and network in subnets:
            node.engine.connect(network, names.EDGE, edge_address(subnets[network]))


def wait_route(node: Node, route: RouteWanted, cancel: CancelToken) -> None:
    """Until the route answers from this release's sidecar, as a visitor would ask it."""
    path = "/_stcore/stream" if route.websocket else "/"
    command = probe_command(route.host_name, path, route.websocket)
    began = told = node.clock.now()
    while True:
        done = node.engine.run(names.EDGE, command)
        answer = json.loads(done.output or b"{}")
        if answer.get("release") == route.release and _served(answer, route.websocket):
            return
        now = node.clock.now()
        if (now - began).total_seconds() > _ROUTE_SECONDS:
            raise DeployFailed(
                "The new release is ready, but its address does not answer.",
                str(answer.get("error") or f"status {answer.get('status')}"),
                "Look at the app's log, then deploy again.",
            )
        if (now - told).total_seconds() > _TELL_AGAIN_SECONDS:
            # another desktop may have told the edge its own routes in the same moment
            update_edge(node, {route.app: route.release})
            told = now
        node.clock.sleep(0.1, cancel)


def _served(answer: Mapping[str, Any], websocket: bool) -> bool:
    status = answer.get("status")
    return status is not None and (status == 101 if websocket else status < 500)


def address_text(place: tuple[str, int] | None) -> str | None:
    return f"{place[0]}:{place[1]}" if place else None


def url_of(host: HostName, place: tuple[str, int] | None) -> str | None:
    """Where visitors open the app, None while the edge does not run."""
    if place is None:
        return None
    return f"https://{host}/" if place[1] == 443 else f"https://{host}:{place[1]}/"
