"""The edge: one route per running app, brought in line with what runs on the engine."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from holdfast.domain import names
from holdfast.domain.container import ContainerFacts, PushedFile
from holdfast.domain.errors import HoldfastError
from holdfast.domain.names import AppName, HostName
from holdfast.domain.node import FIRST_EDGE_PORT
from holdfast.domain.page_sources import PageRules
from holdfast.node import payloads
from holdfast.node.authorities import (
    SIDECARS,
    edge_authority,
    sidecars_authority,
    trusted_authorities,
    visitors_authority,
)
from holdfast.node.certificates import issue_client, issue_server, pem_bundle
from holdfast.node.edge_routes import routes, sealed_hosts, still_serving, with_further
from holdfast.node.edge_turn import edge_turn
from holdfast.node.further_names import further_names
from holdfast.node.locking import in_turn
from holdfast.node.networks import ensure_network
from holdfast.node.node import Node
from holdfast.node.own_certificate import OwnCertificate, from_item
from holdfast.node.page_rules import KeptPages, kept_pages
from holdfast.node.proxy_commands import RELOAD_COMMAND
from holdfast.node.proxy_configuration import (
    EDGE_NAME,
    GO,
    TLS_PORT,
    EdgeRoutes,
    Route,
    apps_by_host,
    edge_files,
    routes_file,
)
from holdfast.node.publication import wanted_publication
from holdfast.node.subnets import edge_address, free_sidecar_address
from holdfast.node.visitor_access import doorkeepers
from holdfast.ports import Conflict, EngineError

_FIRST_PORTS = (FIRST_EDGE_PORT, 8080)
_TRIES = 20
_START_SECONDS = 30.0
#: `holdfast-edge-lock`, under which the edge is started; no app has this name.
EDGE_LOCK = AppName("edge")


def published(containers: list[ContainerFacts], port: int = TLS_PORT) -> tuple[str, int] | None:
    """(address, port) where visitors reach the edge, None while it does not run."""
    for container in containers:
        if container.name == names.EDGE and container.state == "running":
            for address, outside, inside in container.ports:
                if inside == port:
                    return address, outside
    return None


def edge_place(node: Node) -> tuple[str, int] | None:
    """The same, asked of the engine."""
    return published(node.engine.containers({names.LABEL_ROLE: "edge"}))


def update_edge(
    node: Node,
    serving: Mapping[AppName, str | None],
    rules: Mapping[AppName, PageRules | None] = MappingProxyType({}),
    counted: Mapping[AppName, bool] = MappingProxyType({}),
) -> tuple[str, int]:
    """Bring the edge's routes in line with what runs; start it if it does not. Where it is.

    serving: the releases that shall be reached from now on (None: closed). rules: what those
    apps' pages may do (None: as is kept on the volume). counted: whether their visitors
    are. What other apps' routes lead to, and may do, is left as it is, whoever has chosen it."""
    # before its turn: a locked keychain waits for a person
    edge_authority(node.keys, node.clock.now())
    _ensure_started(node)
    with edge_turn(node) as now:
        containers = node.engine.containers({names.LABEL_ROLE: ""})
        place = published(containers)
        if place is None:
            raise HoldfastError("The edge stopped as soon as it was started.")
        if counted and not serving and not rules and counted.items() <= now.routes.counted.items():
            return place
        chosen = still_serving(containers, now.serving) | dict(serving)
        known = dict(now.routes.rules) | dict(rules)
        counting = now.routes.counted | dict(counted)

        def pages(app: AppName, release: str) -> KeptPages:
            told = known.get(app)
            if told is not None and app in counting:
                return KeptPages(told, counting[app])
            kept = kept_pages(node, app, release)
            return KeptPages(told or kept.rules, counting.get(app, kept.counted))

        wanted = routes(containers, chosen, pages)
        _join_networks(node, containers, wanted)
        closed = {app: release for app, release in chosen.items() if release is None}
        served = EdgeRoutes(
            closed | {route.app: route.release for route in wanted},
            {route.app: route.rules for route in wanted},
            {route.app: route.counted for route in wanted},
        )
        _check_alone(wanted, serving)
        resting = sealed_hosts(containers, wanted)
        apps = apps_by_host(wanted, resting).values()
        named, resting = with_further(wanted, resting, further_names(node.keys, set(apps)))
        files = _files(node, named, resting, place[1])
        _tell(node, [*files, routes_file(served)], now.started)
    return place


def _check_alone(wanted: list[Route], serving: Mapping[AppName, str | None]) -> None:
    """Two routes of one host would be refused whole, and no route could be changed any more."""
    for route in (each for each in wanted if each.app in serving):
        for other in wanted:
            if other.app != route.app and other.host_name == route.host_name:
                raise HoldfastError(
                    f"The host name {route.host_name} is taken.",
                    f"The app {other.app} answers there.",
                    "Give one of the two another name: deploy it with --host-name.",
                )


def _tell(node: Node, files: list[PushedFile], started: bool) -> None:
    # at its start the edge waits for `go`; later it is told to look at what was pushed
    node.engine.push(names.EDGE, "/keys", files, payloads.EDGE_UID)
    if not started:
        # alone: an engine goes back to the folders of what it unpacked, which are moved by then
        node.engine.push(names.EDGE, "/keys", [GO], payloads.EDGE_UID)
    if not started:
        _wait_started(node)
        return
    done = node.engine.run(names.EDGE, RELOAD_COMMAND)
    if done.exit_code:
        raise HoldfastError(
            "The edge refused its new routes and keeps the old ones.",
            done.complaint,
        )


def _ensure_started(node: Node) -> None:
    """One desktop starts it, another one that wants to waits until that is done."""
    if _serves(node):
        return
    with in_turn(node, EDGE_LOCK, "start the edge", _START_SECONDS):
        if not _serves(node):
            _start(node)


def _serves(node: Node) -> bool:
    """Whether it runs where it shall, and from the image of this release of Holdfast: another
    one's edge may not know the scripts that it is asked to run, and is begun anew."""
    containers = node.engine.containers({names.LABEL_ROLE: "edge"})
    image = node.engine.image_id(node.images.node_image)
    place = published([container for container in containers if container.image == image])
    return place is not None and wanted_publication(node.keys).is_met_by(*place)


def _wait_started(node: Node) -> None:
    # of a port that nobody listens on yet, an engine takes visitors all the same, and ends them
    listening = f'[ -n "$(ss -Hltn "sport = :{TLS_PORT}")" ]'
    tries = f"for n in $(seq 200); do {listening} && exit 0; sleep 0.05; done; exit 1"
    if node.engine.run(names.EDGE, ("/bin/sh", "-c", tries)).exit_code:
        raise HoldfastError("The edge did not start.", "HAProxy refused its configuration.")


def _files(
    node: Node, wanted: list[Route], resting: Mapping[HostName, AppName], public_port: int
) -> list[PushedFile]:
    now = node.clock.now()
    apps = apps_by_host(wanted, resting)
    own = _own_certificates(node, apps)
    issued = [host for host in apps if host not in own]
    visitors = visitors_authority(node.keys, issued, now)
    node.ca_file.parent.mkdir(parents=True, exist_ok=True)
    # whoever reads it meanwhile finds one or the other
    new = node.ca_file.with_suffix(".part")
    new.write_bytes(visitors.root)
    new.replace(node.ca_file)
    certificates = {host: pem_bundle(issue_server(visitors, [host], now)) for host in issued}
    certificates |= {host: pem_bundle(each.leaf) for host, each in own.items()}
    client = issue_client(edge_authority(node.keys, now), EDGE_NAME, now)
    keepers = doorkeepers(node.keys, set(apps.values()), now)
    uids = {
        AppName(labels[names.LABEL_APP]): int(labels[names.LABEL_UID])
        for _, labels in node.engine.volumes({names.LABEL_ROLE: "cipher"})
    }
    return edge_files(
        wanted,
        certificates,
        b"".join(dict.fromkeys((visitors.root, *(each.root for each in own.values())))),
        trusted_authorities(node.keys, SIDECARS, sidecars_authority(node.keys, now)),
        pem_bundle(client),
        public_port,
        own,
        resting,
        {host: keepers[app] for host, app in apps.items() if app in keepers},
        uids,
    )


def _own_certificates(
    node: Node, apps: Mapping[HostName, AppName]
) -> dict[HostName, OwnCertificate]:
    """Each for the names that it covers; for the others the node's own CA serves."""
    items = node.keys.certificates(set(apps.values()))
    found = {host: from_item(items[app]) for host, app in apps.items() if app in items}
    return {host: own for host, own in found.items() if own.covers(host)}


def _start(node: Node) -> None:
    labels = {names.LABEL_ROLE: "edge"}
    subnet = ensure_network(node, names.EDGE, labels)
    address = free_sidecar_address(subnet, [])
    publication = wanted_publication(node.keys)
    fixed = publication.https_port is not None and publication.http_port is not None
    for step in range(1 if fixed else _TRIES):
        ports = (
            publication.https_port or _FIRST_PORTS[0] + step,
            publication.http_port or _FIRST_PORTS[1] + step,
        )
        part = payloads.edge(
            node.images.node_image, address, publication.address, ports, node.proxies
        )
        try:
            node.begin(part)
            return
        except EngineError as error:
            node.end(part)
            if isinstance(error, Conflict) or "already" not in error.message:
                raise
    if fixed:
        raise HoldfastError(
            f"Port {ports[0]} or {ports[1]} of {publication.address} is in use on the node.",
            "Another program listens there.",
            "End it, or choose others with holdfast node publish.",
        )
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


def address_text(place: tuple[str, int] | None) -> str | None:
    return f"{place[0]}:{place[1]}" if place else None


def url_of(host: HostName, place: tuple[str, int] | None) -> str | None:
    """Where visitors open the app, None while the edge does not run."""
    if place is None:
        return None
    return f"https://{authority_of(host, place[1])}/"


def authority_of(host: HostName, port: int) -> str:
    """Host and port as visitors type them."""
    return host if port == 443 else f"{host}:{port:d}"
