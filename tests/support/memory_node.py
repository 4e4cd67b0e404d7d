"""The node of the desk in memory: its apps, whether they are sealed, and who is busy with which."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from threading import Condition

import sample

from holdfast.domain.app import AppState
from holdfast.domain.errors import AppBusy, AppNotFound, NodeSealed, NodeUnreachable, UsageError
from holdfast.domain.names import AppName
from holdfast.domain.node import AppSummary, NodeState, Snapshot
from holdfast.domain.operation import CancelToken, Fact, Steps
from holdfast.domain.publication import Publication, Published
from holdfast.node.edge import url_of

#: The node's, beside its loopback.
ADDRESS = "192.0.2.7"


class Bell:
    """Something that blocks and can be closed, as a stream of the engine's would be."""

    def __init__(self, changed: Condition) -> None:
        self._changed = changed
        self.closed = False

    def wait(self, seconds: float | None = None) -> None:
        """Until something changes, or it is closed."""
        with self._changed:
            if not self.closed:
                self._changed.wait(seconds)

    def close(self) -> None:
        with self._changed:
            self.closed = True
            self._changed.notify_all()


class MemoryNode:
    """faults: those of its desk. apps: by name. sealed_apps: those that wait to be unsealed, as
    they were before. on_purpose: they were sealed by a user."""

    def __init__(self, faults: set[str]) -> None:
        self._faults = faults
        self.changed = Condition()
        self._turn = 0
        number = 200 if "crowded" in faults else 0 if "empty" in faults else 7
        self.apps = {app.name: app for app in sample.apps(number)}
        self._state = NodeState.STOPPED if "stopped" in faults else NodeState.UNSEALED
        self.sealed_apps: dict[AppName, AppSummary] = {}
        self.on_purpose = False
        self._publication = Publication()
        #: what is done with an app, and since when
        self._busy: dict[AppName, tuple[str, datetime]] = {}
        if "sealed" in faults:
            self.seal()

    def repair(self, fault: str) -> None:
        with self.changed:
            self._faults.discard(fault)
            self.tell()

    def break_off(self, fault: str) -> None:
        with self.changed:
            self._faults.add(fault)
            self.tell()

    def put(self, app: AppSummary) -> None:
        with self.changed:
            self.apps[app.name] = app
            self.tell()

    def take_away(self, app: AppName) -> None:
        with self.changed:
            self.apps.pop(app, None)
            self.tell()

    def known(self, app: str) -> AppSummary:
        if app not in self.apps:
            raise AppNotFound(
                f"There is no app named {app}.",
                "No volume of that name is on the node.",
                "List the apps with: holdfast app list",
            )
        return self.apps[AppName(app)]

    def seal(self, on_purpose: bool = False) -> None:
        with self.changed:
            self.sealed_apps = {**self.apps, **self.sealed_apps}
            self.apps = {name: sample.sealed(app) for name, app in self.apps.items()}
            if on_purpose:
                self.on_purpose = True
                self.apps = {
                    name: replace(app, sealed_on_purpose=True) for name, app in self.apps.items()
                }
            self._state = NodeState.SEALED
            self.tell()

    def unseal(self, app: AppName | None) -> None:
        with self.changed:
            for name in [app] if app else list(self.sealed_apps):
                self.apps[name] = self.sealed_apps.pop(name, self.apps[name])
            self._state = NodeState.PARTLY if self.sealed_apps else NodeState.UNSEALED
            self.on_purpose = bool(self.sealed_apps) and self.on_purpose
            self.tell()

    def snapshot(self) -> Snapshot:
        apps = tuple(sorted(self.apps.values(), key=lambda app: app.name))
        return Snapshot(self._state, apps, self._place())

    def published(self) -> Published:
        below = f".{self._publication.base_domain}"
        elsewhere = [
            a.name for a in self.apps.values() if not (a.host_name or below).endswith(below)
        ]
        return Published(self._publication, self._place(), tuple(elsewhere), (ADDRESS,))

    def publish(self, wanted: Publication) -> None:
        if not (wanted.is_loopback or wanted.is_everywhere or wanted.address == ADDRESS):
            raise UsageError(
                f"The node has no address {wanted.address}.",
                f"It has {ADDRESS}.",
                "Choose one of them, or 0.0.0.0 for all.",
            )
        with self.changed:
            self._publication = wanted
            self.apps = {
                name: replace(
                    app,
                    address=self._place(),
                    url=url_of(app.host_name, (wanted.address, self._port))
                    if app.host_name
                    else None,
                )
                for name, app in self.apps.items()
            }
            self.tell()

    @property
    def _port(self) -> int:
        return self._publication.https_port or 8443

    def _place(self) -> str:
        return f"{self._publication.address}:{self._port}"

    def watched(self, cancel: CancelToken) -> Steps[None]:
        """A snapshot now and after each change."""
        seen = -1
        with self.waiting(cancel) as bell:
            while not bell.closed:
                with self.changed:
                    self.check_online()
                    if seen == self._turn:
                        self.changed.wait()
                        continue
                    seen = self._turn
                    snapshot = self.snapshot()
                yield Fact(snapshot)

    def waiting(self, cancel: CancelToken) -> AbstractContextManager[Bell]:
        return cancel.closing(Bell(self.changed))

    @contextmanager
    def holding(self, app: AppName, operation: str) -> Iterator[None]:
        if app in self._busy:
            what, since = self._busy[app]
            raise AppBusy(
                f"{app} is busy.",
                f"Ada on workshop has been doing “{what}” since"
                f" {since.isoformat(timespec='seconds')}.",
                "Wait until it has ended, then try again.",
            )
        self._busy[app] = (operation, datetime.now(UTC))
        try:
            yield
        finally:
            del self._busy[app]

    @contextmanager
    def deploying(self, app: AppName) -> Iterator[None]:
        """Somebody else deploys this app while the block runs."""
        before = self.apps[app]
        with self.holding(app, "deploy"):
            self.put(replace(before, state=AppState.DEPLOYING, activity="deploy"))
            try:
                yield
            finally:
                self.put(before)

    def check_unsealed(self, app: AppName) -> None:
        if self.known(app).state is AppState.SEALED:
            raise NodeSealed(
                f"The volume of {app} is sealed.",
                "What is known about the app lies encrypted in it.",
                "Unseal the node.",
            )

    def check_online(self) -> None:
        if self._faults & {"offline", "stopped"}:
            raise NodeUnreachable(
                "The node does not answer.",
                "Nothing listens on /run/holdfast/docker.sock.",
                "Start the node, or check that you may use its socket.",
            )

    def tell(self) -> None:
        """Whoever waits is told that something changed; called with `changed` held."""
        self._turn += 1
        self.changed.notify_all()
