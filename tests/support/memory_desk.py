"""A desk in memory: lively apps, and faults by name.

Faults: offline, sealed, empty, crowded (200 apps), slow (a deploy waits until it is cancelled or
`go_on` is called), fails-on-deploy, no-such-repository, broken-promise, leftovers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from threading import Condition, Event

import sample

from holdfast.domain.app import AppState, Release
from holdfast.domain.errors import DeployFailed, NodeSealed, NodeUnreachable, RepositoryError
from holdfast.domain.names import AppName, HostName
from holdfast.domain.node import (
    AppSummary,
    Item,
    NodeState,
    NodeStatus,
    Removal,
    Snapshot,
    StepTime,
    VolumeFacts,
)
from holdfast.domain.operation import CancelToken, Fact, Line, Operation, Step, Steps
from holdfast.domain.requests import (
    AppSecrets,
    Deployed,
    DeployRequest,
    RepositoryFacts,
    SecretsApplied,
    Verification,
)
from holdfast.domain.secret import Secret
from holdfast.domain.secrets_document import parse
from holdfast.domain.secrets_values import names_of


class _Bell:
    """Something that blocks and can be closed, as a stream of the engine's would be."""

    def __init__(self, changed: Condition) -> None:
        self._changed = changed
        self.closed = False

    def close(self) -> None:
        with self._changed:
            self.closed = True
            self._changed.notify_all()


@dataclass(frozen=True)
class KeptSecrets:
    document: Secret = field(default_factory=lambda: Secret(b""))
    before: Secret | None = None

    def shown(self, app: AppName) -> AppSecrets:
        return AppSecrets(app, self.document, self.before, "GNOME Keyring")


class MemoryDesk:
    def __init__(self, *faults: str) -> None:
        self.faults = set(faults)
        self._changed = Condition()
        self._turn = 0
        self.asked: list[DeployRequest] = []
        self.kept_secrets: dict[str, KeptSecrets] = defaultdict(KeptSecrets)
        self._go_on = Event()
        number = 200 if "crowded" in faults else 0 if "empty" in faults else 7
        self._apps = {app.name: app for app in sample.apps(number)}
        self._state = NodeState.UNSEALED
        if "sealed" in faults:
            self._state = NodeState.SEALED
            self._apps = {name: sample.sealed(app) for name, app in self._apps.items()}

    # what a test does to the world

    def go_on(self) -> None:
        self._go_on.set()

    def put(self, app: AppSummary) -> None:
        with self._changed:
            self._apps[app.name] = app
            self._tell()

    def keep_secrets(self, app: str, document: str) -> None:
        self.kept_secrets[app] = KeptSecrets(Secret(document.encode()))

    def repair(self, fault: str) -> None:
        with self._changed:
            self.faults.discard(fault)
            self._tell()

    def break_off(self, fault: str) -> None:
        with self._changed:
            self.faults.add(fault)
            self._tell()

    def app(self, name: str) -> AppSummary:
        return self._apps[AppName(name)]

    # the verbs

    def watch(self) -> Operation[None]:
        def body(cancel: CancelToken) -> Steps[None]:
            seen = -1
            with cancel.closing(_Bell(self._changed)) as bell:
                while not bell.closed:
                    with self._changed:
                        self._check_online()
                        if seen == self._turn:
                            self._changed.wait()
                            continue
                        seen = self._turn
                        snapshot = self._snapshot()
                    yield Fact(snapshot)

        return Operation("Watch the node", "node", body)

    def status(self) -> Operation[NodeStatus]:
        return self._answer("Read the node", "node", lambda: sample.status(self._snapshot()))

    def unseal(self) -> Operation[None]:
        def body(cancel: CancelToken) -> Steps[None]:
            yield Step("Read the keys")
            yield Step("Mount the volumes")
            with self._changed:
                self._state = NodeState.UNSEALED
                self._apps = {a.name: a for a in sample.apps(len(self._apps))}
                self._tell()

        return Operation("Unseal the node", "node", body)

    def inspect(self, repository: str, branch: str | None) -> Operation[RepositoryFacts]:
        def body(cancel: CancelToken) -> Steps[RepositoryFacts]:
            yield Step("Read the repository")
            if "no-such-repository" in self.faults:
                raise RepositoryError(
                    "The repository could not be read.",
                    f"There is none at {repository}, or it is private.",
                    "Check the address, or add a key that may read it.",
                )
            return sample.repository(repository, branch)

        return Operation(f"Read {repository}", "repository", body)

    def deploy(self, request: DeployRequest) -> Operation[Deployed]:
        name = AppName(request.name or "app")
        self.asked.append(request)

        def body(cancel: CancelToken) -> Steps[Deployed]:
            before = self._apps.get(name)
            self.put(replace(before or sample.fresh(name), state=AppState.DEPLOYING))
            try:
                yield from self._deploy_steps(cancel)
            except BaseException:
                self._put_back(name, before)
                raise
            return self._serve(name, request)

        return Operation(f"Deploy {name}", name, body)

    def stop(self, app: AppName) -> Operation[None]:
        return self._turn_to("Stop", app, AppState.STOPPED, ("Drain visitors", "Stop the app"))

    def start(self, app: AppName) -> Operation[None]:
        return self._turn_to("Start", app, AppState.RUNNING, ("Start the app", "Open the route"))

    def restart(self, app: AppName) -> Operation[None]:
        return self._turn_to("Restart", app, AppState.RUNNING, ("Stop the app", "Start the app"))

    def roll_back(self, app: AppName, release: str) -> Operation[Deployed]:
        def body(cancel: CancelToken) -> Steps[Deployed]:
            yield Step("Start the release before")
            found = next(r for r in sample.releases(app) if r.id == release)
            self.put(replace(self._apps[app], release=release, commit=found.commit))
            return sample.deployed(self._apps[app], found, ())

        return Operation(f"Roll back {app}", app, body)

    def remove(self, app: AppName) -> Operation[Removal]:
        def body(cancel: CancelToken) -> Steps[Removal]:
            yield Step("Remove the containers")
            yield Step("Destroy the volume's key")
            yield Step("Search again")
            with self._changed:
                self._apps.pop(app, None)
                self._tell()
            left = (Item("volume", f"holdfast-{app}-cipher"),) if "leftovers" in self.faults else ()
            now = datetime.now(UTC)
            return Removal(app, sample.belongings(app), left, now, now)

        return Operation(f"Remove {app}", app, body)

    def releases(self, app: AppName) -> Operation[tuple[Release, ...]]:
        def read() -> tuple[Release, ...]:
            self._check_unsealed(app)
            return sample.releases(app)

        return self._answer(f"Read the releases of {app}", app, read)

    def follow_logs(self, app: AppName, lines: int) -> Operation[None]:
        def body(cancel: CancelToken) -> Steps[None]:
            self._check_unsealed(app)
            for text in sample.log(app)[-lines:]:
                yield Line(text)
            with self._waiting(cancel) as bell, self._changed:
                while not bell.closed:
                    self._changed.wait()

        return Operation(f"Follow the log of {app}", app, body)

    def volume(self, app: AppName) -> Operation[VolumeFacts]:
        sealed = self._apps[app].state is AppState.SEALED
        return self._answer(f"Read {app}", app, lambda: sample.volume(app, sealed))

    def verify(self, app: AppName) -> Operation[Verification]:
        broken = "broken-promise" in self.faults
        return self._answer(f"Verify {app}", app, lambda: sample.verification(app, broken))

    def import_secrets(self, app: AppName, text: str) -> Operation[None]:
        return self._store(app, lambda old: parse(text), False)

    def secrets(self, app: AppName) -> Operation[AppSecrets]:
        return self._answer(
            f"Read the secrets of {app}", app, lambda: self.kept_secrets[app].shown(app)
        )

    def edit_secrets(
        self, app: AppName, before: Secret, after: Secret, later: bool = False
    ) -> Operation[SecretsApplied]:
        return self._store(app, lambda old: after, later)

    def undo_secrets(self, app: AppName, later: bool = False) -> Operation[SecretsApplied]:
        return self._store(app, lambda old: self.kept_secrets[app].before or old, later)

    # inside

    def _store(
        self, app: AppName, change: Callable[[Secret], Secret], later: bool
    ) -> Operation[SecretsApplied]:
        def body(cancel: CancelToken) -> Steps[SecretsApplied]:
            yield Step("Store the secrets in the keychain")
            kept = self.kept_secrets[app]
            document = change(kept.document)
            self.kept_secrets[app] = KeptSecrets(document, kept.document)
            return SecretsApplied(
                app, tuple(names_of(document)), "on next start" if later else "live"
            )

        return Operation(f"Store the secrets of {app}", app, body)

    def _deploy_steps(self, cancel: CancelToken) -> Steps[None]:
        for title, lines in sample.DEPLOY_STEPS:
            yield Step(title)
            for text in lines:
                yield Line(text)
            if title == "Resolve dependencies":
                if "slow" in self.faults:
                    self._wait_to_go_on(cancel)
                if "fails-on-deploy" in self.faults:
                    raise DeployFailed(
                        "The dependencies could not be resolved.",
                        "requirements.txt asks for pandas>=9, and no such version exists.",
                        "Correct requirements.txt, push, and retry.",
                    )

    def _wait_to_go_on(self, cancel: CancelToken) -> None:
        event = self._go_on

        class Gate:
            def close(self) -> None:
                event.set()

        with cancel.closing(Gate()):
            event.wait()

    def _serve(self, name: AppName, request: DeployRequest) -> Deployed:
        release = sample.releases(name)[0]
        app = replace(
            sample.fresh(name),
            state=AppState.RUNNING,
            host_name=HostName(request.host_name or f"{name}.localhost"),
            url=f"https://{request.host_name or f'{name}.localhost'}:8443/",
            release=release.id,
            commit=release.commit,
            started=datetime.now(UTC),
        )
        self.put(app)
        return sample.deployed(app, release, (StepTime("Fetch", 0.3),))

    def _put_back(self, name: AppName, before: AppSummary | None) -> None:
        with self._changed:
            if before is None:
                self._apps.pop(name, None)
            else:
                self._apps[name] = before
            self._tell()

    def _turn_to(
        self, verb: str, app: AppName, state: AppState, steps: tuple[str, ...]
    ) -> Operation[None]:
        def body(cancel: CancelToken) -> Steps[None]:
            for step in steps:
                yield Step(step)
            self.put(replace(self._apps[app], state=state))

        return Operation(f"{verb} {app}", app, body)

    def _answer(self, title: str, target: str, read: Callable[[], object]) -> Operation:  # type: ignore[type-arg]
        def body(cancel: CancelToken) -> Steps[object]:
            self._check_online()
            yield Step(title)
            return read()

        return Operation(title, target, body)

    @contextmanager
    def _waiting(self, cancel: CancelToken) -> Iterator[_Bell]:
        with cancel.closing(_Bell(self._changed)) as bell:
            yield bell

    def _check_unsealed(self, app: AppName) -> None:
        if self._apps[app].state is AppState.SEALED:
            raise NodeSealed(
                f"The volume of {app} is sealed.",
                "What is known about the app lies encrypted in it.",
                "Unseal the node.",
            )

    def _check_online(self) -> None:
        if "offline" in self.faults:
            raise NodeUnreachable(
                "The node does not answer.",
                "Nothing listens on /run/holdfast/docker.sock.",
                "Start the node, or check that you may use its socket.",
            )

    def _snapshot(self) -> Snapshot:
        apps = tuple(sorted(self._apps.values(), key=lambda app: app.name))
        return Snapshot(self._state, apps, "127.0.0.1:8443")

    def _tell(self) -> None:
        self._turn += 1
        self._changed.notify_all()
