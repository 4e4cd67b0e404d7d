"""All verbs that the window needs, as one protocol; each returns work that has not started."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    # annotations alone: a window is painted before most of it is loaded
    from threading import Event

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
    from holdfast.domain.node import NodeStatus, Removal, VolumeFacts
    from holdfast.domain.operation import Operation
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
    from holdfast.domain.telemetry import Telemetry
    from holdfast.domain.visitor_access import (
        AccessMode,
        IssuedVisitor,
        VisitorAccess,
    )


class Desk(Protocol):
    """The node as the window sees it. Calling a verb runs nothing. `...` as what is given by
    default: GitHub, or the days of a new visitor's certificate.

    `watch`, `keep`, `follow_logs` and `follow_figures` are followers: they run until they are
    cancelled.
    """

    def watch(self, looked_at: Event) -> Operation[None]:
        """Publish Fact[Snapshot] at once and on every change. looked_at: set while somebody sees
        what apps use, which is measured only then."""

    def keep(self, unseal: bool) -> Operation[None]:
        """Do the duties of a connected desktop, through restarts of the engine; publish
        Fact[Kept]. unseal: whether one of them is to unseal what was not sealed on purpose."""

    def start_node(self) -> Operation[NodeStatus]:
        """Start the node's engine; the apps of before stay sealed."""

    def status(self) -> Operation[NodeStatus]: ...
    def unseal(self, app: AppName | None = None) -> Operation[None]:
        """All that is sealed, or one app. Raises AppNotFound."""

    def seal(self) -> Operation[None]:
        """Every app, so that no desktop unseals it by itself."""

    def publication(self) -> Operation[Published]:
        """Where visitors reach the node."""

    def publish(self, wanted: Publication, leave_open: bool = False) -> Operation[Published]:
        """Let them reach it elsewhere. Raises UsageError for an address that it does not have.
        leave_open: apps of private repositories as well, where it was on the loopback."""

    def inspect(
        self,
        repository: str,
        branch: str | None,
        entrypoint: str | None = None,
        pin: str | None = None,
    ) -> Operation[RepositoryFacts]:
        """Raises RepositoryError. pin: a tag or a commit, read instead of a branch."""

    def repositories(self) -> Operation[tuple[Repository, ...]]: ...

    def connect_repository(self, request: ConnectionRequest) -> Operation[Repository]:
        """Keep what opens a repository. Raises HostKeyUnknown, PassphraseNeeded or another
        RepositoryError; then nothing is kept."""

    def check_repository(self, address: str) -> Operation[Repository]:
        """Ask it for its branches; what is wrong is told by the result."""

    def rotate_key(self, address: str, token: Secret | None = None) -> Operation[Repository]:
        """token: the one to use from now on, where that is what opens the repository."""

    def disconnect_repository(self, address: str, anyway: bool) -> Operation[Removal]:
        """anyway: also where apps are deployed from it."""

    def sign_in(self, wanted: SignIn) -> Operation[Account]:
        """To a forge. Where no token is given, to GitHub: publish Fact[DeviceCode], and wait until
        it has been typed. Raises UsageError for an API to which none shall be sent, ForgeError."""

    def sign_out(self, forge: ForgeKind = ...) -> Operation[bool]:
        """Whether a token was kept."""

    def account(self, forge: ForgeKind = ...) -> Operation[Account]:
        """Whose token is kept, as the forge tells it. Raises NotSignedIn."""

    def forge_hosts(self) -> Operation[frozenset[str]]:
        """Where deploy keys can be installed by the tokens that are kept. No forge is asked."""

    def search(
        self, words: str, organisation: str = "", forge: ForgeKind = ...
    ) -> Operation[Search]:
        """The repositories that the token can see. Raises NotSignedIn."""

    def deploy(self, request: DeployRequest) -> Operation[Deployed]: ...

    def stop(self, app: AppName) -> Operation[None]: ...
    def start(self, app: AppName) -> Operation[None]: ...
    def restart(self, app: AppName) -> Operation[None]: ...
    def roll_back(self, app: AppName, release: str) -> Operation[Deployed]: ...
    def update(self, app: AppName) -> Operation[Updated]:
        """Make the followed branch's newest commit live."""

    def follow(
        self, app: AppName, mode: FollowMode | None, branch: str | None
    ) -> Operation[Followed]:
        """Change how its branch is followed; None leaves a thing as it is."""

    def pin(self, app: AppName, wanted: str | None) -> Operation[Followed]:
        """Make a tag or a commit live, and hold the app to it; None for the one that serves."""

    def unpin(self, app: AppName) -> Operation[Followed]:
        """Follow the branch again."""

    def check_branch(self, app: AppName) -> Operation[Followed]:
        """Look at the repository now."""

    def branch(self, app: AppName) -> Operation[Followed]:
        """What the last look found."""

    def remove(self, app: AppName) -> Operation[Removal]: ...

    def releases(self, app: AppName) -> Operation[tuple[Release, ...]]:
        """The newest first."""

    def compare(self, app: AppName, before: str, after: str) -> Operation[tuple[Change, ...]]:
        """The files that differ between two releases."""

    def follow_logs(self, app: AppName, lines: int) -> Operation[None]:
        """Publish the last `lines` Lines, then each new one."""

    def volume(self, app: AppName) -> Operation[VolumeFacts]: ...
    def change_key(self, app: AppName) -> Operation[None]:
        """Give the app's volume another key. It revokes nothing: whoever kept its configuration
        file and the old key still opens it."""

    def verify(self, app: AppName) -> Operation[Verification]: ...

    def prove(self, app: AppName) -> Operation[Proof]:
        """Plant marks and search the node's disk for them; some tens of seconds."""

    def last_proof(self, app: AppName) -> Operation[Proof | None]: ...

    def secrets(self, app: AppName) -> Operation[AppSecrets]: ...

    def edit_secrets(
        self, app: AppName, before: Secret, after: Secret, later: bool = False
    ) -> Operation[SecretsApplied]:
        """Store what an editor made of `before`; later: an app that knows its environment alone
        is not started again."""

    def certificates(self) -> Operation[Certificates]:
        """All that the node depends on, with a live handshake for each that is served."""

    def renew_certificates(self, due: bool = False) -> Operation[Renewed]:
        """due: only those of whose life two thirds are over. No open connection ends."""

    def import_certificate(self, app: AppName, files: CertificateFiles) -> Operation[Certificate]:
        """Raises UsageError for one that the app's visitors would not take."""

    def use_acme(self, app: AppName, server: AcmeServer) -> Operation[Certificate]:
        """Let the app's certificate come from an ACME server, and the node renew it. Raises
        UsageError where one was imported, or comes from one already."""

    def renew_acme(self, app: AppName) -> Operation[Certificate]:
        """Also one that is not due."""

    def drop_certificate(self, app: AppName) -> Operation[None]:
        """Return to one of the node's own CA, from an imported one or one of an ACME server."""

    def export_authority(self) -> Operation[Certificate]:
        """What visitors' browsers have to trust."""

    def trust_authority(self) -> Operation[Trusted]:
        """Let this user's browsers trust it."""

    def telemetry(self, app: AppName) -> Operation[AppTelemetry]: ...

    def set_telemetry(
        self, app: AppName, choice: Telemetry, against: bool = False, later: bool = False
    ) -> Operation[TelemetryApplied]:
        """against: also where the repository wants no statistics. later: an app that runs is not
        started anew."""

    def set_page_sources(
        self, app: AppName, sources: PageSources
    ) -> Operation[TelemetryApplied]: ...

    def figures(self, app: AppName) -> Operation[AppFigures]:
        """Those that are kept."""

    def follow_figures(self, app: AppName) -> Operation[None]:
        """Publish Fact[AppFigures]: those that are kept, then with each that is measured now."""

    def keep_figures(self, app: AppName, wanted: bool) -> Operation[FiguresChanged]:
        """Measure from now on; or never more, and delete what there is."""

    def delete_figures(self, app: AppName) -> Operation[FiguresChanged]: ...

    def names(self, app: AppName) -> Operation[AppNames]:
        """Where visitors open the app."""

    def change_names(self, app: AppName, change: NamesChange) -> Operation[AppNames]:
        """Of an app that is unsealed. Raises UsageError for a name that is another app's."""

    def access(self, app: AppName) -> Operation[VisitorAccess]:
        """Who may visit the app, and the certificates that were issued for it."""

    def set_access(self, app: AppName, mode: AccessMode) -> Operation[VisitorAccess]:
        """For new connections: those that are open stay."""

    def issue_visitor(
        self, app: AppName, visitor: str, days: int = ...
    ) -> Operation[IssuedVisitor]:
        """visitor: a name. Raises UsageError for one that has a valid certificate."""

    def revoke_visitor(self, app: AppName, visitor: str) -> Operation[VisitorAccess]:
        """visitor: a serial, or a name that is not revoked. Raises UsageError."""

    def kit(self) -> Operation[KitStatus]: ...

    def create_kit(self, another: bool) -> Operation[Kit]:
        """another: also where one was confirmed."""

    def check_kit(self, text: bytes) -> Operation[KitOpened]:
        """text, here and below: the kit's identity, or the page that holds it. Raises UsageError
        for a wrong one, before or after the operation has begun."""

    def show_kit(self, text: bytes) -> Operation[Kit]: ...

    def open_kit(self, text: bytes) -> Operation[KitOpened]:
        """Let this workstation in."""

    def admins(self) -> Operation[tuple[KitAdmin, ...]]:
        """Who can open the node's keys, by name."""

    def revoke_admin(self, admin: str) -> Operation[Revoked]:
        """admin: a name of that list, or the beginning of a recipient. Raises UsageError."""
