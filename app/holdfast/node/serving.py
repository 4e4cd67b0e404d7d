"""A release that serves: its sidecar, its firewall and the app itself, begun and ended together."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from holdfast.domain import names
from holdfast.domain.app import AppConfiguration, Release
from holdfast.domain.container import ContainerFacts, PushedFile
from holdfast.domain.errors import HoldfastError
from holdfast.domain.frameworks import start_command
from holdfast.domain.names import AppName, HostName
from holdfast.domain.operation import CancelToken, Line, Steps
from holdfast.domain.secret import Secret
from holdfast.domain.secrets_change import for_app
from holdfast.domain.telemetry import Telemetry, variables
from holdfast.node import payloads
from holdfast.node.authorities import EDGE, edge_authority, sidecars_authority, trusted_authorities
from holdfast.node.beside import Beside
from holdfast.node.certificates import issue_server, pem_bundle
from holdfast.node.firewall import firewall_rules
from holdfast.node.further_names import names_of
from holdfast.node.networks import close_firewall, ensure_network, join_edge, never_reached
from holdfast.node.node import Node
from holdfast.node.proxy_commands import SIDECAR_RELOAD_COMMAND
from holdfast.node.proxy_configuration import GO, sidecar_files
from holdfast.node.script_answers import ERROR, RESULT, told_failure
from holdfast.node.scripts import PYTHON, SCRIPTS
from holdfast.node.subnets import edge_address, free_sidecar_address, gateway_address
from holdfast.node.volume import Volume
from holdfast.ports import CommandFailed, NotFound

READY_SECONDS = 60
#: Tells the launcher to wait, for as long as it takes.
_AHEAD = PushedFile("ahead", b"")
_WAIT_READY = (*PYTHON, "-S", f"{SCRIPTS}/wait_ready.py", "/mnt/launch")


@dataclass(frozen=True, slots=True)
class Pair:
    """One release's containers on the engine. port: where the app listens, on the loopback."""

    configuration: AppConfiguration
    release: Release
    port: int


@dataclass(frozen=True, slots=True)
class Begun:
    """An app's container, begun before there is anything to run in it. environment: the digest of
    the one that it is shown."""

    part: payloads.Part
    environment: str | None


def server_name(app: str, release: str) -> str:
    """The name in a sidecar's certificate: nobody else's certificate has it."""
    return f"{release}.{app}.holdfast.internal"


def begin_sidecar(node: Node, app: AppName, release: str, uid: int) -> None:
    """Start the sidecar with its certificate, and close its namespace's firewall."""
    subnet = ensure_network(node, names.network(app), names.labels(app, "network"))
    used = [
        address
        for container in node.engine.containers({names.LABEL_APP: app})
        for address in container.networks.values()
        if address
    ]
    address = free_sidecar_address(subnet, used)
    part = payloads.sidecar(app, release, uid, node.images.node_image, address)
    # before it starts: it waits for its files some seconds only, a locked keychain for a person
    files = _sidecar_files(node, app, release, payloads.APP_PORT)
    node.begin(part)
    node.engine.push(part.container.name, "/keys", files, uid)
    # alone, as for the edge
    node.engine.push(part.container.name, "/keys", [GO], uid)
    rules = firewall_rules(
        edge_address(subnet),
        address,
        host_addresses=[gateway_address(subnet), *never_reached(node)],
        resolvers=node.host.resolvers,
    )
    close_firewall(node, app, part.container.name, rules)
    join_edge(node, names.network(app), subnet)


def reload_sidecar(
    node: Node, app: AppName, release: str, uid: int, port: int, patient: bool = False
) -> None:
    """Let a running sidecar serve under the authorities of now. patient: see `sidecar_files`.
    Raises HoldfastError if it refuses; then it serves on as it did."""
    sidecar, user = names.sidecar(app, release), f"{uid}:{uid}"
    node.engine.push(sidecar, "/keys", _sidecar_files(node, app, release, port, patient), uid)
    done = node.engine.run(sidecar, SIDECAR_RELOAD_COMMAND, user)
    if done.exit_code:
        raise HoldfastError(
            f"The sidecar of {app} could not be renewed.",
            done.complaint,
            f"Restart the app, then try again: holdfast app restart {app}",
        )


def _sidecar_files(
    node: Node, app: AppName, release: str, port: int, patient: bool = False
) -> list[PushedFile]:
    now = node.clock.now()
    leaf = issue_server(sidecars_authority(node.keys, now), [server_name(app, release)], now)
    trusted = trusted_authorities(node.keys, EDGE, edge_authority(node.keys, now))
    return sidecar_files(pem_bundle(leaf), trusted, port, release, patient)


def begin_runner(node: Node, part: payloads.Part, uid: int) -> None:
    """Start the app's container before there is anything to run in it: it waits for that."""
    node.begin(part)
    node.engine.push(part.container.name, "/mnt/launch", [_AHEAD], uid)


def begin_app(
    node: Node, pair: Pair, volume: Volume, secrets: Secret, begun: Begun | None = None
) -> None:
    """Show the app its own part of the volume, start it and hand it its secrets. begun: ahead;
    what it does not need of that is replaced."""
    configuration, release = pair.configuration, pair.release
    part = payloads.runner(configuration, release.slot, release.image, pair.port)
    runner = part.container.name
    with Beside() as beside:
        # what is mounted later than the container is begun arrives in it all the same
        if begun is None or begun.environment != release.environment.digest:
            beside.begin(lambda: show_run_view(volume, release.slot, release.environment.digest))
        if begun is None or begun.part != part:
            node.begin(part)
    push_secrets(node, pair, secrets)
    launch = [PushedFile("launch.json", _plan(node, pair)), GO]
    node.engine.push(runner, "/mnt/launch", launch, configuration.uid)


def show_run_view(volume: Volume, slot: str, environment: str) -> None:
    """environment: its digest."""
    volume.show_view(
        payloads.run_view(slot),
        f"releases/{slot}/checkout:checkout:rw",
        f"environment/{environment}:environment:ro",
        "data:data:rw",
        "logs:logs:rw",
    )


def _plan(node: Node, pair: Pair) -> bytes:
    configuration = pair.configuration
    named = names_of(node.keys, configuration.name, configuration.host_name)
    return launch_file(pair, named.serving).encode()


def launch_file(pair: Pair, hosts: Sequence[HostName] = ()) -> str:
    """What the launcher reads; nothing in it is secret. hosts: where visitors open the app."""
    configuration, release = pair.configuration, pair.release
    choice = configuration.telemetry
    start = start_command(
        release.framework,
        release.entrypoint,
        pair.port,
        application=release.application,
        command=release.command,
        authorities=hosts or (configuration.host_name,),
        streamlit_version=release.environment.streamlit,
        upload_megabytes=min(200, configuration.limits.memory_bytes // payloads.MEBIBYTE // 5),
        statistics=None if choice is Telemetry.AS_REPOSITORY else choice is Telemetry.ON,
    )
    return json.dumps(
        {
            "command": list(start.command),
            "environment": {**start.environment, **variables(choice)},
            "folder": "/mnt/app/checkout",
            "framework": release.framework,
            "port": pair.port,
            "logs": "/mnt/app/logs",
            "secrets": payloads.SECRETS_FILE,
            "ready_seconds": READY_SECONDS,
        }
    )


def push_secrets(node: Node, pair: Pair, document: Secret) -> None:
    """Hand a running container what of an app's secrets is the app's."""
    runner = names.runner(pair.configuration.name, pair.release.slot)
    home = [PushedFile(".streamlit/secrets.toml", for_app(document).reveal(), 0o600)]
    node.engine.push(runner, payloads.HOME, home, pair.configuration.uid)


def push_plan(node: Node, pair: Pair) -> None:
    """Hand a running app's launcher its plan, which counts from the app's next start on."""
    runner = names.runner(pair.configuration.name, pair.release.slot)
    plan = [PushedFile("launch.json", _plan(node, pair))]
    node.engine.push(runner, "/mnt/launch", plan, pair.configuration.uid)


def wait_ready(node: Node, pair: Pair, cancel: CancelToken) -> Steps[None]:
    """Until the app answers as its framework should; raises DeployFailed with what it printed."""
    runner = names.runner(pair.configuration.name, pair.release.slot)
    command = (*_WAIT_READY, str(READY_SECONDS + 5))
    try:
        for line in node.engine.stream(runner, command, cancel):
            if not line.startswith((RESULT, ERROR)):
                yield Line(line)
    except CommandFailed as failed:
        raise told_failure(failed, "The app did not become ready.") from None


def end_pair(node: Node, app: AppName, release: str, volume: Volume | None) -> None:
    """Stop and remove a release's containers: the app, its sidecar, and then its view."""
    for name in (names.runner(app, release), names.sidecar(app, release)):
        node.engine.remove(name)
    _clear_app(node, app, release)
    node.engine.remove_volume(names.sidecar_keys(app, release))
    if volume is not None:
        volume.hide_view(payloads.run_view(release))


def end_app(node: Node, pair: Pair) -> None:
    """Stop and remove the app alone: its sidecar, and whoever waits there, stay."""
    runner = names.runner(pair.configuration.name, pair.release.slot)
    with suppress(NotFound):
        node.engine.stop(runner, grace=5)
    node.engine.remove(runner)
    _clear_app(node, pair.configuration.name, pair.release.slot)


def _clear_app(node: Node, app: AppName, release: str) -> None:
    for purpose in ("launch", "home", "tmp"):
        node.engine.remove_volume(names.ram_volume(app, purpose, release))


def clear_unfinished(
    node: Node,
    volume: Volume,
    app: AppName,
    containers: Sequence[ContainerFacts],
    kept: str | None,
    views: Sequence[str],
) -> None:
    """End what an operation that was killed has left of other releases than `kept`, and what it
    fetched, built or closed a firewall with. views: what is shown of the volume. The app's lock has
    to be held."""
    volumes = node.engine.volumes({names.LABEL_APP: app})
    # also what it had made for a container that it did not live to make
    found = [each.labels for each in containers] + [labels for _, labels in volumes]
    for release in sorted({each.get(names.LABEL_RELEASE) or "" for each in found} - {"", kept}):
        end_pair(node, app, release, volume)
    clear_short_lived(node, containers, volumes)
    # as it may have been killed between the end of a container and that of its view
    staying = {payloads.ACME_VIEW} | ({payloads.run_view(kept)} if kept else set())
    for view in sorted(set(views) - staying):
        volume.hide_view(view)


def clear_short_lived(
    node: Node,
    containers: Sequence[ContainerFacts],
    volumes: Sequence[tuple[str, Mapping[str, str]]],
) -> None:
    """End what an operation that was killed looked, fetched or built with. volumes: names and
    labels."""
    for container in containers:
        if container.labels.get(names.LABEL_ROLE) in names.SHORT_LIVED:
            node.engine.remove(container.name)
    for ram, labels in volumes:
        if labels.get(names.LABEL_ROLE) in names.SHORT_LIVED:
            node.engine.remove_volume(ram)


def releases_running(containers: Sequence[ContainerFacts]) -> list[str]:
    """The ids of the releases that have containers, of an app's list."""
    found = (container.labels.get(names.LABEL_RELEASE) for container in containers)
    return sorted({release for release in found if release})
