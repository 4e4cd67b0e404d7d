"""All verbs of a node at one place, for the window and the command line alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from holdfast.domain.app import Release
from holdfast.domain.names import AppName
from holdfast.domain.node import NodeStatus, Removal, Snapshot, VolumeCheck, VolumeFacts
from holdfast.domain.operation import CancelToken, Operation, Steps
from holdfast.domain.requests import (
    AppSecrets,
    Deployed,
    DeployRequest,
    RepositoryFacts,
    SecretsApplied,
    Verification,
)
from holdfast.domain.secret import Secret
from holdfast.domain.secrets_values import SecretPath
from holdfast.node.node import Node
from holdfast.operations.deploy import deploy_app
from holdfast.operations.edit_secrets import edit_secrets
from holdfast.operations.import_secrets import import_secrets
from holdfast.operations.inspect_repository import inspect_repository
from holdfast.operations.node_life import node_status
from holdfast.operations.read_logs import follow_logs, read_logs
from holdfast.operations.read_releases import read_releases
from holdfast.operations.read_secrets import read_secrets
from holdfast.operations.read_volume import read_volume, read_volumes, verify_volume
from holdfast.operations.remove import remove_app
from holdfast.operations.roll_back import roll_back_app
from holdfast.operations.set_secret import set_secret
from holdfast.operations.start import restart_app, start_app
from holdfast.operations.stop import stop_app
from holdfast.operations.undo_secrets import undo_secrets
from holdfast.operations.unseal import unseal_node
from holdfast.operations.unset_secret import unset_secret
from holdfast.operations.verify_app import verify_app
from holdfast.operations.watch import list_apps, watch_node
from holdfast.ports import EngineHost

Result = TypeVar("Result")


class NodeDesk:
    """connect: makes the node when the first verb runs, so that asking for one costs nothing."""

    def __init__(self, connect: Callable[[], Node], host: EngineHost) -> None:
        self._connect = connect
        self._host = host

    def watch(self) -> Operation[None]:
        return self._later("Watch the node", "watch", watch_node)

    def list(self) -> Operation[Snapshot]:
        return self._later("List the apps", "list", list_apps)

    def status(self) -> Operation[NodeStatus]:
        return node_status(self._host, self._connect)

    def unseal(self) -> Operation[None]:
        return self._later("Unseal the node", "node", unseal_node)

    def inspect(self, repository: str, branch: str | None) -> Operation[RepositoryFacts]:
        return self._later(
            "Read the repository",
            "inspect",
            lambda node: inspect_repository(node, repository, branch),
        )

    def deploy(self, request: DeployRequest) -> Operation[Deployed]:
        name = request.name or request.repository
        return self._later(f"Deploy {name}", name, lambda node: deploy_app(node, request))

    def stop(self, app: AppName) -> Operation[None]:
        return self._later(f"Stop {app}", app, lambda node: stop_app(node, app))

    def start(self, app: AppName) -> Operation[None]:
        return _told_nothing(self._later(f"Start {app}", app, lambda node: start_app(node, app)))

    def restart(self, app: AppName) -> Operation[None]:
        return _told_nothing(
            self._later(f"Restart {app}", app, lambda node: restart_app(node, app))
        )

    def roll_back(self, app: AppName, release: str | None) -> Operation[Deployed]:
        return self._later(f"Roll back {app}", app, lambda node: roll_back_app(node, app, release))

    def remove(self, app: AppName) -> Operation[Removal]:
        return self._later(f"Remove {app}", app, lambda node: remove_app(node, app))

    def releases(self, app: AppName) -> Operation[tuple[Release, ...]]:
        title = f"Read the releases of {app}"
        return self._later(title, f"releases/{app}", lambda node: read_releases(node, app))

    def follow_logs(self, app: AppName, lines: int) -> Operation[None]:
        title = f"Follow the log of {app}"
        return self._later(title, f"logs/{app}", lambda node: follow_logs(node, app, lines))

    def read_logs(self, app: AppName, lines: int) -> Operation[tuple[str, ...]]:
        title = f"Read the log of {app}"
        return self._later(title, f"logs/{app}", lambda node: read_logs(node, app, lines))

    def volume(self, app: AppName) -> Operation[VolumeFacts]:
        title = f"Look at the volume of {app}"
        return self._later(title, f"volume/{app}", lambda node: read_volume(node, app))

    def volumes(self) -> Operation[tuple[VolumeFacts, ...]]:
        return self._later("Look at the volumes", "volumes", read_volumes)

    def verify(self, app: AppName) -> Operation[Verification]:
        title = f"Verify {app}"
        return self._later(title, f"verify/{app}", lambda node: verify_app(node, app))

    def verify_volume(self, app: AppName) -> Operation[VolumeCheck]:
        title = f"Verify the volume of {app}"
        return self._later(title, f"volume/{app}", lambda node: verify_volume(node, app))

    def import_secrets(self, app: AppName, text: str) -> Operation[None]:
        return _told_nothing(self.replace_secrets(app, text.encode(), merge=False))

    def replace_secrets(
        self, app: AppName, text: bytes, merge: bool, later: bool = False
    ) -> Operation[SecretsApplied]:
        title = f"Import the secrets of {app}"
        return self._later(title, app, lambda node: import_secrets(node, app, text, merge, later))

    def secrets(self, app: AppName) -> Operation[AppSecrets]:
        title = f"Read the secrets of {app}"
        return self._later(title, f"secrets/{app}", lambda node: read_secrets(node, app))

    def edit_secrets(
        self, app: AppName, before: Secret, after: Secret, later: bool = False
    ) -> Operation[SecretsApplied]:
        title = f"Save the secrets of {app}"
        return self._later(title, app, lambda node: edit_secrets(node, app, before, after, later))

    def set_secret(
        self, app: AppName, path: SecretPath, value: Secret, toml: bool, later: bool = False
    ) -> Operation[SecretsApplied]:
        title = f"Set a secret of {app}"
        return self._later(title, app, lambda node: set_secret(node, app, path, value, toml, later))

    def unset_secret(
        self, app: AppName, path: SecretPath, later: bool = False
    ) -> Operation[SecretsApplied]:
        title = f"Unset a secret of {app}"
        return self._later(title, app, lambda node: unset_secret(node, app, path, later))

    def undo_secrets(self, app: AppName, later: bool = False) -> Operation[SecretsApplied]:
        title = f"Undo the secrets of {app}"
        return self._later(title, app, lambda node: undo_secrets(node, app, later))

    def _later(
        self, title: str, target: str, make: Callable[[Node], Operation[Result]]
    ) -> Operation[Result]:
        def body(cancel: CancelToken) -> Steps[Result]:
            return (yield from make(self._connect()).body(cancel))

        return Operation(title, target, body)


def _told_nothing(operation: Operation[Result]) -> Operation[None]:
    """The same, for those who look at the node afterwards instead of at a result."""

    def body(cancel: CancelToken) -> Steps[None]:
        yield from operation.body(cancel)

    return Operation(operation.title, operation.target, body)
