"""All verbs of a node at one place, for the window and the command line alike."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from typing import TypeVar

from holdfast.domain.acme import AcmeServer
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
from holdfast.domain.figures import AppFigures, FiguresChanged
from holdfast.domain.following import Followed
from holdfast.domain.forge_account import Account, ForgeKind, Search, SignIn
from holdfast.domain.host_names import AppNames, NamesChange
from holdfast.domain.names import AppName
from holdfast.domain.node import NodeStatus, Removal, Snapshot, VolumeCheck, VolumeFacts
from holdfast.domain.operation import CancelToken, Operation, Steps
from holdfast.domain.page_sources import PageSources
from holdfast.domain.proof import Proof
from holdfast.domain.publication import Publication, Published
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
from holdfast.domain.secret import Secret
from holdfast.domain.secrets_values import SecretPath
from holdfast.domain.telemetry import Telemetry
from holdfast.domain.visitor_access import (
    VISITOR_DAYS,
    AccessMode,
    IssuedVisitor,
    VisitorAccess,
)
from holdfast.node.node import Node
from holdfast.operations.acme_certificate import renew_acme, use_acme
from holdfast.operations.change_key import change_key
from holdfast.operations.connect_repository import connect_repository, rotate_key
from holdfast.operations.deploy import deploy_app
from holdfast.operations.edit_secrets import edit_secrets
from holdfast.operations.figures import (
    delete_figures,
    follow_figures,
    keep_figures,
    read_figures,
)
from holdfast.operations.follow import check_branch, follow_app, read_branch
from holdfast.operations.forge import (
    read_account,
    read_forge_hosts,
    search_repositories,
    sign_in,
    sign_out,
)
from holdfast.operations.host_names import change_names, show_names
from holdfast.operations.import_certificate import drop_certificate, import_certificate
from holdfast.operations.import_secrets import import_secrets
from holdfast.operations.inspect_repository import inspect_repository
from holdfast.operations.keep_node import duties_of, keep_node
from holdfast.operations.node_life import node_status, start_node
from holdfast.operations.pin import pin_app, unpin_app
from holdfast.operations.prove import prove_app
from holdfast.operations.publish_node import publish_node, read_publication
from holdfast.operations.read_certificates import export_authority, read_certificates
from holdfast.operations.read_logs import follow_logs, read_logs
from holdfast.operations.read_proof import read_proof
from holdfast.operations.read_releases import compare_releases, read_releases
from holdfast.operations.read_secrets import read_secrets
from holdfast.operations.read_telemetry import read_telemetry
from holdfast.operations.read_volume import read_volume, read_volumes, verify_volume
from holdfast.operations.recovery_kit import check_kit, create_kit, open_kit, read_kit, show_kit
from holdfast.operations.remove import remove_app
from holdfast.operations.renew_certificates import renew_certificates
from holdfast.operations.repositories import (
    check_repository,
    disconnect_repository,
    read_repositories,
)
from holdfast.operations.revoke_admin import read_admins, revoke_admin
from holdfast.operations.roll_back import roll_back_app
from holdfast.operations.seal import seal_node
from holdfast.operations.set_page_sources import set_page_sources
from holdfast.operations.set_secret import set_secret
from holdfast.operations.set_telemetry import set_telemetry
from holdfast.operations.start import restart_app, start_app
from holdfast.operations.stop import stop_app
from holdfast.operations.trust_authority import trust_authority
from holdfast.operations.undo_secrets import undo_secrets
from holdfast.operations.unseal import unseal_node
from holdfast.operations.unset_secret import unset_secret
from holdfast.operations.update import update_app
from holdfast.operations.verify_app import verify_app
from holdfast.operations.visitor_access import (
    issue_visitor,
    revoke_visitor,
    set_access,
    show_access,
)
from holdfast.operations.watch import list_apps, watch_node
from holdfast.ports import EngineHost

Result = TypeVar("Result")


class NodeDesk:
    """connect: gives the node; whether its engine runs is asked without it."""

    def __init__(self, connect: Callable[[], Node], host: EngineHost) -> None:
        self._connect = connect
        self._host = host

    def watch(self, looked_at: Event) -> Operation[None]:
        return watch_node(self._connect(), looked_at)

    def keep(self, unseal: bool) -> Operation[None]:
        return keep_node(self._connect(), lambda node: duties_of(node, unseal))

    def list(self) -> Operation[Snapshot]:
        return list_apps(self._connect())

    def start_node(self) -> Operation[NodeStatus]:
        return start_node(self._host, self._connect, unseal=False)

    def status(self) -> Operation[NodeStatus]:
        return node_status(self._host, self._connect)

    def unseal(self, app: AppName | None = None) -> Operation[None]:
        return unseal_node(self._connect(), app)

    def seal(self) -> Operation[None]:
        return seal_node(self._connect())

    def publication(self) -> Operation[Published]:
        return read_publication(self._connect())

    def publish(self, wanted: Publication, leave_open: bool = False) -> Operation[Published]:
        return publish_node(self._connect(), wanted, leave_open)

    def inspect(
        self,
        repository: str,
        branch: str | None,
        entrypoint: str | None = None,
        pin: str | None = None,
    ) -> Operation[RepositoryFacts]:
        return inspect_repository(self._connect(), repository, branch, entrypoint, pin)

    def repositories(self) -> Operation[tuple[Repository, ...]]:
        return read_repositories(self._connect())

    def connect_repository(self, request: ConnectionRequest) -> Operation[Repository]:
        return connect_repository(self._connect(), request)

    def check_repository(self, address: str) -> Operation[Repository]:
        return check_repository(self._connect(), address)

    def rotate_key(self, address: str, token: Secret | None = None) -> Operation[Repository]:
        return rotate_key(self._connect(), address, token)

    def disconnect_repository(self, address: str, anyway: bool) -> Operation[Removal]:
        return disconnect_repository(self._connect(), address, anyway)

    def sign_in(self, wanted: SignIn) -> Operation[Account]:
        return sign_in(self._connect(), wanted)

    def sign_out(self, forge: ForgeKind = ForgeKind.GITHUB) -> Operation[bool]:
        return sign_out(self._connect(), forge)

    def account(self, forge: ForgeKind = ForgeKind.GITHUB) -> Operation[Account]:
        return read_account(self._connect(), forge)

    def forge_hosts(self) -> Operation[frozenset[str]]:
        return read_forge_hosts(self._connect())

    def search(
        self, words: str, organisation: str = "", forge: ForgeKind = ForgeKind.GITHUB
    ) -> Operation[Search]:
        return search_repositories(self._connect(), words, organisation, forge)

    def deploy(self, request: DeployRequest) -> Operation[Deployed]:
        return deploy_app(self._connect(), request)

    def stop(self, app: AppName) -> Operation[None]:
        return stop_app(self._connect(), app)

    def start(self, app: AppName) -> Operation[None]:
        return _told_nothing(start_app(self._connect(), app))

    def restart(self, app: AppName) -> Operation[None]:
        return _told_nothing(restart_app(self._connect(), app))

    def roll_back(self, app: AppName, release: str | None) -> Operation[Deployed]:
        return roll_back_app(self._connect(), app, release)

    def update(self, app: AppName) -> Operation[Updated]:
        return update_app(self._connect(), app)

    def follow(
        self, app: AppName, mode: FollowMode | None, branch: str | None
    ) -> Operation[Followed]:
        return follow_app(self._connect(), app, mode, branch)

    def pin(self, app: AppName, wanted: str | None) -> Operation[Followed]:
        return pin_app(self._connect(), app, wanted)

    def unpin(self, app: AppName) -> Operation[Followed]:
        return unpin_app(self._connect(), app)

    def check_branch(self, app: AppName) -> Operation[Followed]:
        return check_branch(self._connect(), app)

    def branch(self, app: AppName) -> Operation[Followed]:
        return read_branch(self._connect(), app)

    def remove(self, app: AppName) -> Operation[Removal]:
        return remove_app(self._connect(), app)

    def releases(self, app: AppName) -> Operation[tuple[Release, ...]]:
        return read_releases(self._connect(), app)

    def compare(self, app: AppName, before: str, after: str) -> Operation[tuple[Change, ...]]:
        return compare_releases(self._connect(), app, before, after)

    def follow_logs(self, app: AppName, lines: int) -> Operation[None]:
        return follow_logs(self._connect(), app, lines)

    def read_logs(self, app: AppName, lines: int) -> Operation[tuple[str, ...]]:
        return read_logs(self._connect(), app, lines)

    def volume(self, app: AppName) -> Operation[VolumeFacts]:
        return read_volume(self._connect(), app)

    def volumes(self) -> Operation[tuple[VolumeFacts, ...]]:
        return read_volumes(self._connect())

    def verify(self, app: AppName) -> Operation[Verification]:
        return verify_app(self._connect(), app)

    def prove(self, app: AppName) -> Operation[Proof]:
        return prove_app(self._connect(), self._host, app)

    def last_proof(self, app: AppName) -> Operation[Proof | None]:
        return read_proof(self._connect(), app)

    def verify_volume(self, app: AppName) -> Operation[VolumeCheck]:
        return verify_volume(self._connect(), app)

    def change_key(self, app: AppName) -> Operation[None]:
        return change_key(self._connect(), app)

    def import_secrets(
        self, app: AppName, text: bytes, merge: bool, later: bool = False
    ) -> Operation[SecretsApplied]:
        return import_secrets(self._connect(), app, text, merge, later)

    def secrets(self, app: AppName) -> Operation[AppSecrets]:
        return read_secrets(self._connect(), app)

    def edit_secrets(
        self, app: AppName, before: Secret, after: Secret, later: bool = False
    ) -> Operation[SecretsApplied]:
        return edit_secrets(self._connect(), app, before, after, later)

    def set_secret(
        self, app: AppName, path: SecretPath, value: Secret, toml: bool, later: bool = False
    ) -> Operation[SecretsApplied]:
        return set_secret(self._connect(), app, path, value, toml, later)

    def unset_secret(
        self, app: AppName, path: SecretPath, later: bool = False
    ) -> Operation[SecretsApplied]:
        return unset_secret(self._connect(), app, path, later)

    def undo_secrets(self, app: AppName, later: bool = False) -> Operation[SecretsApplied]:
        return undo_secrets(self._connect(), app, later)

    def certificates(self) -> Operation[Certificates]:
        return read_certificates(self._connect())

    def renew_certificates(self, due: bool = False) -> Operation[Renewed]:
        return renew_certificates(self._connect(), due)

    def export_authority(self) -> Operation[Certificate]:
        return export_authority(self._connect())

    def trust_authority(self) -> Operation[Trusted]:
        return trust_authority(self._connect())

    def telemetry(self, app: AppName) -> Operation[AppTelemetry]:
        return read_telemetry(self._connect(), app)

    def set_telemetry(
        self, app: AppName, choice: Telemetry, against: bool = False, later: bool = False
    ) -> Operation[TelemetryApplied]:
        return set_telemetry(self._connect(), app, choice, against, later)

    def set_page_sources(self, app: AppName, sources: PageSources) -> Operation[TelemetryApplied]:
        return set_page_sources(self._connect(), app, sources)

    def figures(self, app: AppName) -> Operation[AppFigures]:
        return read_figures(self._connect(), app)

    def follow_figures(self, app: AppName) -> Operation[None]:
        return follow_figures(self._connect(), app)

    def keep_figures(self, app: AppName, wanted: bool) -> Operation[FiguresChanged]:
        return keep_figures(self._connect(), app, wanted)

    def delete_figures(self, app: AppName) -> Operation[FiguresChanged]:
        return delete_figures(self._connect(), app)

    def import_certificate(self, app: AppName, files: CertificateFiles) -> Operation[Certificate]:
        return import_certificate(self._connect(), app, files)

    def use_acme(self, app: AppName, server: AcmeServer) -> Operation[Certificate]:
        return use_acme(self._connect(), app, server)

    def renew_acme(self, app: AppName) -> Operation[Certificate]:
        return renew_acme(self._connect(), app)

    def drop_certificate(self, app: AppName) -> Operation[None]:
        return drop_certificate(self._connect(), app)

    def names(self, app: AppName) -> Operation[AppNames]:
        return show_names(self._connect(), app)

    def change_names(self, app: AppName, change: NamesChange) -> Operation[AppNames]:
        return change_names(self._connect(), app, change)

    def access(self, app: AppName) -> Operation[VisitorAccess]:
        return show_access(self._connect(), app)

    def set_access(self, app: AppName, mode: AccessMode) -> Operation[VisitorAccess]:
        return set_access(self._connect(), app, mode)

    def issue_visitor(
        self, app: AppName, visitor: str, days: int = VISITOR_DAYS
    ) -> Operation[IssuedVisitor]:
        return issue_visitor(self._connect(), app, visitor, days)

    def revoke_visitor(self, app: AppName, visitor: str) -> Operation[VisitorAccess]:
        return revoke_visitor(self._connect(), app, visitor)

    def kit(self) -> Operation[KitStatus]:
        return read_kit(self._connect())

    def create_kit(self, another: bool) -> Operation[Kit]:
        return create_kit(self._connect(), another)

    def check_kit(self, text: bytes) -> Operation[KitOpened]:
        return check_kit(self._connect(), text)

    def show_kit(self, text: bytes) -> Operation[Kit]:
        return show_kit(self._connect(), text)

    def open_kit(self, text: bytes) -> Operation[KitOpened]:
        return open_kit(self._connect(), text)

    def admins(self) -> Operation[tuple[KitAdmin, ...]]:
        return read_admins(self._connect())

    def revoke_admin(self, admin: str) -> Operation[Revoked]:
        return revoke_admin(self._connect(), admin)


def _told_nothing(operation: Operation[Result]) -> Operation[None]:
    """The same, for those who look at the node afterwards instead of at a result."""

    def body(cancel: CancelToken) -> Steps[None]:
        yield from operation.body(cancel)

    return Operation(operation.title, operation.target, body)
