"""A node's verbs by their titles; what carries them out is loaded when the first one runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from holdfast.domain.app import FollowMode, Release
from holdfast.domain.certificate import (
    Certificate,
    CertificateFiles,
    Certificates,
    Renewed,
    Trusted,
)
from holdfast.domain.changes import Change
from holdfast.domain.connection import ConnectionRequest, Repository
from holdfast.domain.following import Followed
from holdfast.domain.names import AppName
from holdfast.domain.node import NodeStatus, Removal, Snapshot, VolumeCheck, VolumeFacts
from holdfast.domain.operation import CancelToken, Operation, Steps
from holdfast.domain.proof import Proof
from holdfast.domain.recovery_kit import Kit, KitAdmin, KitOpened, KitStatus, Revoked
from holdfast.domain.requests import (
    AppSecrets,
    AppTelemetry,
    Deployed,
    DeployRequest,
    RepositoryFacts,
    SecretsApplied,
    TelemetryApplied,
    Updated,
    Verification,
)

if TYPE_CHECKING:
    from holdfast.domain.page_sources import PageSources
    from holdfast.domain.secret import Secret
    from holdfast.domain.secrets_values import SecretPath
    from holdfast.domain.telemetry import Telemetry
    from holdfast.operations.node_desk import NodeDesk

Result = TypeVar("Result")


class LazyDesk:
    """open: loads the desk that knows how. The window is painted before that has begun."""

    def __init__(self, open: Callable[[], NodeDesk]) -> None:
        self._open = open

    def watch(self) -> Operation[None]:
        return self._deferred("Watch the node", "watch", lambda desk: desk.watch())

    def keep(self, unseal: bool) -> Operation[None]:
        return self._deferred("Keep the node", "keep", lambda desk: desk.keep(unseal))

    def list(self) -> Operation[Snapshot]:
        return self._deferred("List the apps", "list", lambda desk: desk.list())

    def start_node(self) -> Operation[NodeStatus]:
        return self._deferred("Start the node", "node", lambda desk: desk.start_node())

    def status(self) -> Operation[NodeStatus]:
        return self._deferred("Look at the node", "status", lambda desk: desk.status())

    def unseal(self, app: AppName | None = None) -> Operation[None]:
        title = f"Unseal {app or 'the node'}"
        return self._deferred(title, app or "node", lambda desk: desk.unseal(app))

    def seal(self) -> Operation[None]:
        return self._deferred("Seal the node", "node", lambda desk: desk.seal())

    def inspect(self, repository: str, branch: str | None) -> Operation[RepositoryFacts]:
        return self._deferred(
            "Read the repository",
            "inspect",
            lambda desk: desk.inspect(repository, branch),
        )

    def repositories(self) -> Operation[tuple[Repository, ...]]:
        return self._of_repositories("List the repositories", lambda desk: desk.repositories())

    def connect_repository(self, request: ConnectionRequest) -> Operation[Repository]:
        title = "Connect the repository"
        return self._of_repositories(title, lambda desk: desk.connect_repository(request))

    def check_repository(self, address: str) -> Operation[Repository]:
        title = "Test the repository"
        return self._of_repositories(title, lambda desk: desk.check_repository(address))

    def rotate_key(self, address: str, token: Secret | None = None) -> Operation[Repository]:
        return self._of_repositories("Rotate the key", lambda desk: desk.rotate_key(address, token))

    def disconnect_repository(self, address: str, anyway: bool) -> Operation[Removal]:
        title = "Disconnect the repository"
        return self._of_repositories(
            title, lambda desk: desk.disconnect_repository(address, anyway)
        )

    def deploy(self, request: DeployRequest) -> Operation[Deployed]:
        name = request.name or request.repository
        return self._deferred(f"Deploy {name}", name, lambda desk: desk.deploy(request))

    def stop(self, app: AppName) -> Operation[None]:
        return self._deferred(f"Stop {app}", app, lambda desk: desk.stop(app))

    def start(self, app: AppName) -> Operation[None]:
        return self._deferred(f"Start {app}", app, lambda desk: desk.start(app))

    def restart(self, app: AppName) -> Operation[None]:
        return self._deferred(f"Restart {app}", app, lambda desk: desk.restart(app))

    def roll_back(self, app: AppName, release: str | None) -> Operation[Deployed]:
        return self._deferred(f"Roll back {app}", app, lambda desk: desk.roll_back(app, release))

    def update(self, app: AppName) -> Operation[Updated]:
        return self._deferred(f"Update {app}", app, lambda desk: desk.update(app))

    def follow(
        self, app: AppName, mode: FollowMode | None, branch: str | None
    ) -> Operation[Followed]:
        title = f"Follow the branch of {app}"
        return self._deferred(title, app, lambda desk: desk.follow(app, mode, branch))

    def check_branch(self, app: AppName) -> Operation[Followed]:
        title = f"Check the branch of {app}"
        return self._deferred(title, f"branch/{app}", lambda desk: desk.check_branch(app))

    def branch(self, app: AppName) -> Operation[Followed]:
        title = f"Read the branch of {app}"
        return self._deferred(title, f"branch/{app}", lambda desk: desk.branch(app))

    def remove(self, app: AppName) -> Operation[Removal]:
        return self._deferred(f"Remove {app}", app, lambda desk: desk.remove(app))

    def releases(self, app: AppName) -> Operation[tuple[Release, ...]]:
        title = f"Read the releases of {app}"
        return self._deferred(title, f"releases/{app}", lambda desk: desk.releases(app))

    def compare(self, app: AppName, before: str, after: str) -> Operation[tuple[Change, ...]]:
        title = f"Compare releases of {app}"
        return self._deferred(
            title, f"releases/{app}", lambda desk: desk.compare(app, before, after)
        )

    def follow_logs(self, app: AppName, lines: int) -> Operation[None]:
        title = f"Follow the log of {app}"
        return self._deferred(title, f"logs/{app}", lambda desk: desk.follow_logs(app, lines))

    def read_logs(self, app: AppName, lines: int) -> Operation[tuple[str, ...]]:
        title = f"Read the log of {app}"
        return self._deferred(title, f"logs/{app}", lambda desk: desk.read_logs(app, lines))

    def volume(self, app: AppName) -> Operation[VolumeFacts]:
        title = f"Look at the volume of {app}"
        return self._deferred(title, f"volume/{app}", lambda desk: desk.volume(app))

    def volumes(self) -> Operation[tuple[VolumeFacts, ...]]:
        return self._deferred("Look at the volumes", "volumes", lambda desk: desk.volumes())

    def verify(self, app: AppName) -> Operation[Verification]:
        title = f"Verify {app}"
        return self._deferred(title, f"verify/{app}", lambda desk: desk.verify(app))

    def prove(self, app: AppName) -> Operation[Proof]:
        return self._deferred(f"Prove {app}", "proof", lambda desk: desk.prove(app))

    def last_proof(self, app: AppName) -> Operation[Proof | None]:
        title = f"Read the last proof of {app}"
        return self._deferred(title, f"proof/{app}", lambda desk: desk.last_proof(app))

    def verify_volume(self, app: AppName) -> Operation[VolumeCheck]:
        title = f"Verify the volume of {app}"
        return self._deferred(title, f"volume/{app}", lambda desk: desk.verify_volume(app))

    def import_secrets(
        self, app: AppName, text: bytes, merge: bool, later: bool = False
    ) -> Operation[SecretsApplied]:
        title = f"Import the secrets of {app}"
        return self._deferred(title, app, lambda desk: desk.import_secrets(app, text, merge, later))

    def secrets(self, app: AppName) -> Operation[AppSecrets]:
        title = f"Read the secrets of {app}"
        return self._deferred(title, f"secrets/{app}", lambda desk: desk.secrets(app))

    def edit_secrets(
        self, app: AppName, before: Secret, after: Secret, later: bool = False
    ) -> Operation[SecretsApplied]:
        title = f"Save the secrets of {app}"
        return self._deferred(title, app, lambda desk: desk.edit_secrets(app, before, after, later))

    def set_secret(
        self, app: AppName, path: SecretPath, value: Secret, toml: bool, later: bool = False
    ) -> Operation[SecretsApplied]:
        title = f"Set a secret of {app}"
        return self._deferred(
            title, app, lambda desk: desk.set_secret(app, path, value, toml, later)
        )

    def unset_secret(
        self, app: AppName, path: SecretPath, later: bool = False
    ) -> Operation[SecretsApplied]:
        title = f"Unset a secret of {app}"
        return self._deferred(title, app, lambda desk: desk.unset_secret(app, path, later))

    def undo_secrets(self, app: AppName, later: bool = False) -> Operation[SecretsApplied]:
        title = f"Undo the secrets of {app}"
        return self._deferred(title, app, lambda desk: desk.undo_secrets(app, later))

    def certificates(self) -> Operation[Certificates]:
        title = "Look at the certificates"
        return self._deferred(title, "certificates", lambda desk: desk.certificates())

    def renew_certificates(self, due: bool = False) -> Operation[Renewed]:
        title = "Renew the certificates"
        return self._deferred(title, "certificates", lambda desk: desk.renew_certificates(due))

    def export_authority(self) -> Operation[Certificate]:
        return self._deferred("Export the CA", "certificates", lambda desk: desk.export_authority())

    def trust_authority(self) -> Operation[Trusted]:
        return self._deferred("Trust the CA", "certificates", lambda desk: desk.trust_authority())

    def telemetry(self, app: AppName) -> Operation[AppTelemetry]:
        title = f"Read the telemetry of {app}"
        return self._deferred(title, f"telemetry/{app}", lambda desk: desk.telemetry(app))

    def set_telemetry(
        self, app: AppName, choice: Telemetry, against: bool = False, later: bool = False
    ) -> Operation[TelemetryApplied]:
        title = f"Set the telemetry of {app}"
        return self._deferred(
            title, app, lambda desk: desk.set_telemetry(app, choice, against, later)
        )

    def set_page_sources(self, app: AppName, sources: PageSources) -> Operation[TelemetryApplied]:
        title = f"Set the page sources of {app}"
        return self._deferred(title, app, lambda desk: desk.set_page_sources(app, sources))

    def import_certificate(self, app: AppName, files: CertificateFiles) -> Operation[Certificate]:
        title = f"Import a certificate for {app}"
        return self._deferred(title, app, lambda desk: desk.import_certificate(app, files))

    def drop_certificate(self, app: AppName) -> Operation[None]:
        title = f"Drop the certificate of {app}"
        return self._deferred(title, app, lambda desk: desk.drop_certificate(app))

    def kit(self) -> Operation[KitStatus]:
        return self._deferred("Look at the recovery kit", "kit", lambda desk: desk.kit())

    def create_kit(self, another: bool) -> Operation[Kit]:
        return self._deferred("Make the recovery kit", "kit", lambda desk: desk.create_kit(another))

    def check_kit(self, text: bytes) -> Operation[KitOpened]:
        return self._deferred("Check the recovery kit", "kit", lambda desk: desk.check_kit(text))

    def show_kit(self, text: bytes) -> Operation[Kit]:
        return self._deferred("Show the recovery kit", "kit", lambda desk: desk.show_kit(text))

    def open_kit(self, text: bytes) -> Operation[KitOpened]:
        return self._deferred("Open the recovery kit", "kit", lambda desk: desk.open_kit(text))

    def _of_repositories(
        self, title: str, choose: Callable[[NodeDesk], Operation[Result]]
    ) -> Operation[Result]:
        return self._deferred(title, "repositories", choose)

    def admins(self) -> Operation[tuple[KitAdmin, ...]]:
        title = "Look at who can open the node's files"
        return self._deferred(title, "admins", lambda desk: desk.admins())

    def revoke_admin(self, admin: str) -> Operation[Revoked]:
        return self._deferred(f"Revoke {admin}", "kit", lambda desk: desk.revoke_admin(admin))

    def _deferred(
        self, title: str, target: str, choose: Callable[[NodeDesk], Operation[Result]]
    ) -> Operation[Result]:
        def body(cancel: CancelToken) -> Steps[Result]:
            return (yield from choose(self._open()).body(cancel))

        return Operation(title, target, body)
