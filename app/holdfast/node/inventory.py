"""What is on the engine: lists of our objects, read into the states that users see."""

from __future__ import annotations

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from holdfast.domain import names
from holdfast.domain.app import AppState
from holdfast.domain.container import ContainerFacts
from holdfast.domain.errors import AppNotFound, HoldfastError
from holdfast.domain.names import AppName, HostName
from holdfast.domain.node import AppSummary, NodeState, Snapshot
from holdfast.domain.stored import Damaged, from_json
from holdfast.node import payloads
from holdfast.node.edge import address_text, published, url_of
from holdfast.node.node import Node
from holdfast.node.served_certificates import ServedCertificates
from holdfast.node.usage import UsageMeter
from holdfast.node.volume import Contents, Volume
from holdfast.ports import EngineError

_EXIT = re.compile(r"Exited \((\d+)\)")
#: Ended as asked: by itself, by SIGTERM, or by the SIGKILL that follows it.
_ORDERLY = {0, 143}
_READERS = 8
#: The states of an app while this is done with it.
_BUSY = {"deploy": AppState.DEPLOYING, "unseal": AppState.UNSEALING}
#: States of an app whose process its launcher keeps, and knows more about than the engine.
_LAUNCHED = (AppState.STARTING, AppState.RUNNING, AppState.CRASHED)


@dataclass(frozen=True, slots=True)
class AppParts:
    """An app's objects on the engine, of one listing."""

    name: AppName
    uid: int
    containers: tuple[ContainerFacts, ...]

    def by_role(self, role: str) -> list[ContainerFacts]:
        return [c for c in self.containers if c.labels.get(names.LABEL_ROLE) == role]

    @property
    def unsealed(self) -> bool:
        """A mounter without its key ends by itself: one that runs has mounted."""
        return any(c.state == "running" for c in self.by_role("volume"))

    @property
    def sealed_on_purpose(self) -> bool:
        """Until somebody unseals it, as opposed to what an engine's restart has sealed."""
        return bool(self.by_role("seal"))

    @property
    def running(self) -> ContainerFacts | None:
        """While there are two, the one that serves: a killed deploy leaves another, which nobody
        told to begin."""
        running = [c for c in self.by_role("run") if c.state == "running"]
        return min(
            running, key=lambda c: ("unhealthy" in c.status, "starting" in c.status), default=None
        )

    @property
    def port(self) -> int:
        """Where the running app listens, on its loopback."""
        label = self.running.labels.get(names.LABEL_PORT) if self.running else None
        return int(label or payloads.APP_PORT)

    @property
    def lock(self) -> ContainerFacts | None:
        return next((c for c in self.by_role("lock") if c.state == "running"), None)

    @property
    def operation(self) -> str | None:
        """What is being done with it, by whomever."""
        return self.lock.labels.get(names.LABEL_OPERATION) if self.lock else None

    @property
    def state(self) -> AppState:
        if self.operation in _BUSY:
            return _BUSY[self.operation]
        if not self.unsealed:
            return AppState.SEALED
        if self.running:
            if "unhealthy" in self.running.status:
                return AppState.CRASHED if self.operation is None else AppState.STARTING
            starting = "starting" in self.running.status
            return AppState.STARTING if starting else AppState.RUNNING
        ended = [_EXIT.search(c.status) for c in self.by_role("run")]
        orderly = all(found is None or int(found[1]) in _ORDERLY for found in ended)
        # what is being stopped is killed, and listed so until it is removed
        if not orderly and self.operation is None:
            return AppState.CRASHED
        return AppState.STOPPED


def all_parts(node: Node) -> list[AppParts]:
    """Every app that has a volume, sorted by name."""
    containers = node.engine.containers({names.LABEL_APP: ""})
    # while an app's volume is encrypted anew there are two of it
    uids = {
        AppName(labels[names.LABEL_APP]): int(labels[names.LABEL_UID])
        for _, labels in node.engine.volumes({names.LABEL_ROLE: "cipher"})
    }
    return [
        AppParts(app, uid, tuple(c for c in containers if c.labels.get(names.LABEL_APP) == app))
        for app, uid in sorted(uids.items())
    ]


def parts_of(node: Node, app: AppName) -> AppParts:
    """Raises AppNotFound."""
    for parts in all_parts(node):
        if parts.name == app:
            return parts
    raise AppNotFound(
        f"There is no app named {app}.",
        "No volume of that name is on the node.",
        "List the apps with: holdfast app list",
    )


def free_uid(parts: Sequence[AppParts]) -> int:
    used = {part.uid for part in parts}
    return next(uid for uid in payloads.APP_UIDS if uid not in used)


def node_state(parts: Sequence[AppParts]) -> NodeState:
    if any(part.state is AppState.UNSEALING for part in parts):
        return NodeState.UNSEALING
    unsealed = sum(part.unsealed for part in parts)
    if unsealed == len(parts):
        return NodeState.UNSEALED
    return NodeState.PARTLY if unsealed else NodeState.SEALED


@dataclass(frozen=True, slots=True)
class LaunchStatus:
    """The part of the launcher's status.json that lists show."""

    state: str = ""
    restarts: int = 0

    @property
    def app_state(self) -> AppState | None:
        """The engine asks for health every few seconds only, and knows no difference between an
        app that takes long to start and one that ended."""
        if self.state == "ready":
            return AppState.RUNNING
        if self.state == "starting" and not self.restarts:
            return AppState.STARTING
        return None


def launch_status(node: Node, runner: str, uid: int) -> LaunchStatus:
    """What an app's launcher says now. Raises HoldfastError, Damaged."""
    done = node.engine.run(runner, ("/bin/cat", "/mnt/launch/status.json"), user=f"{uid}:{uid}")
    return from_json(LaunchStatus, done.output or b"{}")


@dataclass
class Inventory:
    """Makes snapshots. It keeps what never changes: the releases that it has read once."""

    node: Node
    #: Read for each snapshot; whoever shows what apps use has it measure.
    meter: UsageMeter | None = None
    _contents: dict[AppName, tuple[object, Contents]] = field(default_factory=dict)
    _statuses: dict[str, tuple[str, LaunchStatus]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._certificates = ServedCertificates(self.node)
        # kept, as each of its threads has a connection; they end with the inventory
        self._pool = ThreadPoolExecutor(_READERS + 1, thread_name_prefix="inventory")

    def snapshot(self) -> Snapshot:
        parts = all_parts(self.node)
        edge = self.node.engine.containers({names.LABEL_ROLE: "edge"})
        place = published(edge)
        everything = [*edge, *(c for part in parts for c in part.containers)]
        served = self._pool.submit(self._certificates.ends, everything)
        apps = tuple(self._pool.map(lambda part: self._summary(part, place), parts))
        ends = served.result()
        apps = tuple(
            replace(app, certificate_ends=ends.get(app.host_name) if app.host_name else None)
            for app in apps
        )
        return Snapshot(node_state(parts), apps, address_text(place))

    def contents(self, parts: AppParts) -> Contents | None:
        """None while it is sealed. Read again when the app's containers are others."""
        if not parts.unsealed:
            return None
        stamp = tuple(sorted(c.id for c in parts.containers))
        known = self._contents.get(parts.name)
        if known and known[0] == stamp:
            return known[1]
        try:
            found = Volume(self.node, parts.name, parts.uid).contents()
        except (EngineError, HoldfastError):
            # between the list and the look the app went, or was sealed
            return None
        self._contents[parts.name] = (stamp, found)
        return found

    def _summary(self, parts: AppParts, place: tuple[str, int] | None) -> AppSummary:
        contents = self.contents(parts)
        configuration = contents.configuration if contents else None
        release = contents.current if contents else None
        host = host_of(parts.containers) or (configuration.host_name if configuration else None)
        status = self._launch_status(parts)
        state = parts.state
        if state in _LAUNCHED:
            state = status.app_state or state
        if state is AppState.STOPPED:
            if contents is None:
                # its mounter was started by hand, without a key
                state = AppState.SEALED
            elif release is None:
                state = AppState.FAILED
        runner = parts.running
        metered = self.meter.of(runner.id) if self.meter and runner else None
        return AppSummary(
            name=parts.name,
            state=state,
            host_name=host,
            url=url_of(host, place) if host else None,
            address=address_text(place),
            release=release.id if release else None,
            commit=release.commit if release else None,
            memory_bytes=metered.usage.memory_bytes if metered else None,
            memory_limit=metered.usage.memory_limit if metered else None,
            cpu_percent=metered.cpu_percent if metered else None,
            restarts=status.restarts,
            started=runner.created if runner else None,
            activity=parts.operation,
            sealed_on_purpose=parts.sealed_on_purpose,
        )

    def _launch_status(self, parts: AppParts) -> LaunchStatus:
        """What the app's launcher says of it; once it is ready, asked again when its health has
        changed."""
        runner = parts.running
        if runner is None:
            return LaunchStatus()
        health = runner.status.rpartition("(")[2]
        known = self._statuses.get(runner.id)
        if known and known[0] == health and known[1].state == "ready":
            return known[1]
        try:
            status = launch_status(self.node, runner.id, parts.uid)
        except (HoldfastError, Damaged):
            # it ended since the list was made, or has not begun to write: the next look tells
            return LaunchStatus("starting")
        self._statuses[runner.id] = (health, status)
        return status


def host_of(containers: Sequence[ContainerFacts]) -> HostName | None:
    hosts = (c.labels[names.LABEL_HOST] for c in containers if names.LABEL_HOST in c.labels)
    return next(map(HostName, hosts), None)
