"""A desk in memory: lively apps, and faults by name.

Faults: offline, stopped, sealed, empty, crowded (200 apps), slow (a deploy waits until it is
cancelled or `go_on` is called), fails-on-deploy, no-such-repository, no-app (a repository in which
none is found), broken-promise, leftovers, locked-keychain, no-keychain, committed-secret, flask
(what its apps are written in), no-kit, foreign-kit (this workstation was never let in),
old-certificates (one is near its end, one not served), stuck-renewal (no certificate can be
renewed), revoked-certificate (an imported one), no-statistics (repositories say that none shall be
sent), maps (their code loads from other hosts), leaky (a proof finds a mark), plain-swap (a proof
cannot search all), measured (a day of figures is kept of every app).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from threading import Event

import sample
import sample_proof
from memory_access import MemoryAccess
from memory_certificates import MemoryCertificates
from memory_figures import MemoryFigures
from memory_following import MemoryFollowing
from memory_github import CODE, MemoryGitHub
from memory_keeper import MemoryNews
from memory_kit import MemoryKit
from memory_names import MemoryNames
from memory_node import MemoryNode
from memory_releases import MemoryReleases
from memory_repositories import MemoryRepositories
from memory_secrets import MemorySecrets
from memory_telemetry import MemoryTelemetry

from holdfast.domain.acme import AcmeServer
from holdfast.domain.app import AppState, FollowMode, Release
from holdfast.domain.certificate import (
    Certificate,
    CertificateFiles,
    Certificates,
    Renewed,
    Trusted,
)
from holdfast.domain.changes import Change
from holdfast.domain.connection import ConnectionRequest, CredentialKind, Repository
from holdfast.domain.errors import (
    DeployFailed,
    DiskFull,
    KeychainError,
    RepositoryError,
)
from holdfast.domain.figures import AppFigures, FiguresChanged
from holdfast.domain.following import Followed
from holdfast.domain.forge_account import Account, ForgeKind, NotSignedIn, Search, SignIn, parse_api
from holdfast.domain.host_names import AppNames, NamesChange
from holdfast.domain.keeping import NewsKind
from holdfast.domain.names import AppName, parse_app_name
from holdfast.domain.node import (
    Item,
    NodeStatus,
    Removal,
    VolumeFacts,
)
from holdfast.domain.operation import CancelToken, Fact, Line, Operation, Step, Steps, StepTime
from holdfast.domain.page_sources import PageSources
from holdfast.domain.pin import Pin, choose_pin, parse_pin
from holdfast.domain.proof import Proof
from holdfast.domain.publication import Publication, Published
from holdfast.domain.recovery_kit import (
    KIT_LANE,
    Kit,
    KitAdmin,
    KitOpened,
    KitStatus,
    Revoked,
)
from holdfast.domain.requests import (
    AppSecrets,
    AppTelemetry,
    Deployed,
    DeployRequest,
    RepositoryFacts,
    SecretsApplied,
    TelemetryApplied,
    Updated,
    UpdateKind,
    Verification,
)
from holdfast.domain.secret import Secret
from holdfast.domain.secrets_values import names_of
from holdfast.domain.telemetry import Telemetry
from holdfast.domain.visitor_access import (
    VISITOR_DAYS,
    AccessMode,
    IssuedVisitor,
    VisitorAccess,
)


class MemoryDesk:
    def __init__(self, *faults: str) -> None:
        self.faults = set(faults)
        self.node = MemoryNode(self.faults)
        self.asked: list[DeployRequest] = []
        #: addresses at which no repository is
        self.missing: set[str] = set()
        self.following = MemoryFollowing()
        self._releases = MemoryReleases()
        self.github = MemoryGitHub(self.faults)
        self.connected = MemoryRepositories(self.faults, self._sources, self.github)
        self.kept_secrets = MemorySecrets(self.faults)
        self._proofs: dict[AppName, Proof] = {}
        self._kit = MemoryKit(self.faults)
        self._certificates = MemoryCertificates(self.faults)
        self.measured = MemoryFigures(self.faults)
        self._telemetry = MemoryTelemetry(self.faults, self.measured)
        self.visitors = MemoryAccess()
        self.host_names = MemoryNames()
        self._go_on = Event()

    # what a test does to the world

    def go_on(self) -> None:
        self._go_on.set()

    # the verbs

    def watch(self, looked_at: Event) -> Operation[None]:
        return Operation("Watch the node", "node", self.node.watched)

    def status(self) -> Operation[NodeStatus]:
        def body(cancel: CancelToken) -> Steps[NodeStatus]:
            if "stopped" not in self.faults:
                self.node.check_online()
            yield Step("Look at the node")
            return sample.status(self.node.snapshot())

        return Operation("Look at the node", "status", body)

    def start_node(self) -> Operation[NodeStatus]:
        def body(cancel: CancelToken) -> Steps[NodeStatus]:
            yield Step("Start the engine")
            self.node.seal()
            self.node.repair("stopped")
            return sample.status(self.node.snapshot())

        return Operation("Start the node", "node", body)

    def keep(self, unseal: bool) -> Operation[None]:
        def body(cancel: CancelToken) -> Steps[None]:
            news = MemoryNews()
            with self.node.waiting(cancel) as bell:
                while not bell.closed:
                    lost = bool(self.faults & {"offline", "stopped"})
                    kind = NewsKind.LOST if lost else NewsKind.CONNECTED
                    if not news.has(kind):
                        yield news.tell(kind)
                    failed = news.has(NewsKind.FAILED, "Unseal")
                    due = self.node.sealed_apps and not self.node.on_purpose
                    if unseal and due and not lost and not failed:
                        yield news.tell(NewsKind.STEP, "Unseal", "Unseal the apps")
                        try:
                            self.kept_secrets.check_keychain()
                        except KeychainError as error:
                            yield news.tell(NewsKind.FAILED, "Unseal", error=error)
                            continue
                        self.node.unseal(None)
                        yield news.tell(NewsKind.DONE, "Unseal")
                        continue
                    bell.wait(0.2)

        return Operation("Keep the node", "keep", body)

    def unseal(self, app: AppName | None = None) -> Operation[None]:
        def body(cancel: CancelToken) -> Steps[None]:
            yield Step("Read the keys")
            if app is not None:
                self.node.known(app)
            yield Step("Mount the volumes")
            self.node.unseal(app)

        return Operation("Unseal the node", "node", body)

    def seal(self) -> Operation[None]:
        def body(cancel: CancelToken) -> Steps[None]:
            yield Step("Seal the apps")
            self.node.seal(on_purpose=True)

        return Operation("Seal the node", "node", body)

    def publication(self) -> Operation[Published]:
        def body(cancel: CancelToken) -> Steps[Published]:
            yield Step("Look at the edge")
            return self._published()

        return Operation("Look where visitors reach the node", "publication", body)

    def publish(self, wanted: Publication, leave_open: bool = False) -> Operation[Published]:
        def body(cancel: CancelToken) -> Steps[Published]:
            yield Step("Look at the node's addresses")
            before = self._published()
            self.node.publish(wanted)
            shown = before.publication.is_loopback and not wanted.is_loopback
            closed = before.private_open if shown and not leave_open else ()
            for app in closed:
                self.visitors.choose(app, AccessMode.CERTIFICATE)
            return replace(self._published(), closed=closed)

        return Operation("Publish the node", "node", body)

    def inspect(
        self,
        repository: str,
        branch: str | None,
        entrypoint: str | None = None,
        pin: str | None = None,
    ) -> Operation[RepositoryFacts]:
        def body(cancel: CancelToken) -> Steps[RepositoryFacts]:
            yield Step("Read the repository")
            self._check_repository(repository)
            self.connected.check_readable(repository)
            return sample.repository(repository, branch, entrypoint, "no-app" in self.faults, pin)

        return Operation(f"Read {repository}", "repository", body)

    def repositories(self) -> Operation[tuple[Repository, ...]]:
        return self._answer("List the repositories", "repositories", self.connected.all)

    def connect_repository(self, request: ConnectionRequest) -> Operation[Repository]:
        title = "Connect the repository"
        return self._answer(title, "repositories", lambda: self.connected.connect(request))

    def check_repository(self, address: str) -> Operation[Repository]:
        title = "Test the repository"
        return self._answer(title, "repositories", lambda: self.connected.check(address))

    def rotate_key(self, address: str, token: Secret | None = None) -> Operation[Repository]:
        return self._answer(
            "Rotate the key", "repositories", lambda: self.connected.rotate(address, token)
        )

    def disconnect_repository(self, address: str, anyway: bool) -> Operation[Removal]:
        return self._answer(
            "Disconnect the repository",
            "repositories",
            lambda: self.connected.disconnect(address, anyway),
        )

    def sign_in(self, wanted: SignIn) -> Operation[Account]:
        """The code is typed at once, or, with the fault `slow`, when `go_on` is called."""
        parse_api(wanted.api, wanted.forge)
        forge = wanted.forge.value

        def body(cancel: CancelToken) -> Steps[Account]:
            if wanted.token is None:
                if wanted.forge is not ForgeKind.GITHUB:
                    raise NotSignedIn(
                        "No token was given.", "", f"Give one: {wanted.forge.sign_in}"
                    )
                if not wanted.client_id:
                    raise NotSignedIn(
                        "There is no OAuth app to sign in with.",
                        "Holdfast ships none.",
                        "Give a token: holdfast github sign-in --token. Or give a client ID.",
                    )
                yield Fact(CODE)
                if "slow" in self.faults:
                    self._wait_to_go_on(cancel)
                self.github.wait_for_code()
            yield Step(f"Ask {forge} whose token it is")
            return self.github.sign_in(wanted)

        return Operation(f"Sign in to {forge}", "forge", body)

    def sign_out(self, forge: ForgeKind = ForgeKind.GITHUB) -> Operation[bool]:
        title = f"Sign out of {forge.value}"
        return self._answer(title, "forge", lambda: self.github.sign_out(forge))

    def account(self, forge: ForgeKind = ForgeKind.GITHUB) -> Operation[Account]:
        title = f"Ask {forge.value} about the token"
        return self._answer(title, "forge", lambda: self.github.account(forge))

    def forge_hosts(self) -> Operation[frozenset[str]]:
        return self._answer("Look where you are signed in", "forge", self.github.hosts)

    def search(
        self, words: str, organisation: str = "", forge: ForgeKind = ForgeKind.GITHUB
    ) -> Operation[Search]:
        return self._answer(
            "Search for a repository",
            "forge/search",
            lambda: self.github.search(words, organisation, forge),
        )

    def _sources(self) -> list[tuple[AppName, str]]:
        apps = self.node.apps.values()
        open_apps = [app.name for app in apps if app.state is not AppState.SEALED]
        newest = ((name, self._releases.of(name)[:1]) for name in open_apps)
        return [
            (name, release.configuration.source.repository)
            for name, found in newest
            for release in found
        ]

    def deploy(self, request: DeployRequest) -> Operation[Deployed]:
        self.asked.append(request)

        def body(cancel: CancelToken) -> Steps[Deployed]:
            name = parse_app_name(request.name or "app")
            before = self.node.apps.get(name)
            with self.node.holding(name, "deploy"):
                if before is None:
                    self._releases.begin(name)
                else:
                    self._releases.check_same(name, request)
                shown = before or sample.fresh(name)
                self.node.put(replace(shown, state=AppState.DEPLOYING, activity="deploy"))
                try:
                    yield from self._deploy_steps(cancel, request)
                except BaseException:
                    if before is None:
                        self.node.take_away(name)
                    else:
                        self.node.put(before)
                    raise
                release = self._releases.add(name, request)
                if request.pin is not None:
                    self.following.pin(name, release, choose_pin(request.pin, sample.branches()))
            return self._serve(name, release, [title for title, _ in sample.DEPLOY_STEPS])

        return Operation(f"Deploy {request.name or 'app'}", request.name or "app", body)

    def stop(self, app: AppName) -> Operation[None]:
        def body(cancel: CancelToken) -> Steps[None]:
            yield Step("Close the route")
            with self.node.holding(app, "stop"):
                known = self.node.known(app)
                yield Step("End the app")
                stopped = replace(known, state=AppState.STOPPED, started=None)
                self.node.put(replace(stopped, memory_bytes=None, cpu_percent=None))

        return Operation(f"Stop {app}", app, body)

    def start(self, app: AppName) -> Operation[None]:
        return self._begin("Start", app)

    def restart(self, app: AppName) -> Operation[None]:
        return self._begin("Restart", app)

    def roll_back(self, app: AppName, release: str | None) -> Operation[Deployed]:
        def body(cancel: CancelToken) -> Steps[Deployed]:
            yield Step("Look at the releases")
            with self.node.holding(app, "roll back"):
                chosen = self._releases.choose(app, self.node.known(app).release, release)
                yield Step("Start the app")
            return self._serve(app, chosen, ["Look at the releases", "Start the app"])

        return Operation(f"Roll back {app}", app, body)

    def update(self, app: AppName) -> Operation[Updated]:
        def body(cancel: CancelToken) -> Steps[Updated]:
            yield Step("Look at the branch")
            with self.node.holding(app, "update"):
                serving = self.node.known(app).release
                release = next(r for r in self._releases.of(app) if r.id == serving)
                if pin := self.following.of(app, release).pin:
                    reason = f"It is pinned to {pin.name}."
                    return Updated(app, UpdateKind.NOTHING_NEW, release, reason)
                if self.following.pushed.pop(app, None) is None:
                    return Updated(app, UpdateKind.NOTHING_NEW, release)
                yield Step("Fetch the code")
                yield Step("Renew the code")
                made = self._releases.make_live(app, release)
            self.following.look(app, made)
            self.node.put(replace(self.node.known(app), release=made.id, commit=made.commit))
            return Updated(app, UpdateKind.LIVE, made)

        return Operation(f"Update {app}", app, body)

    def follow(
        self, app: AppName, mode: FollowMode | None, branch: str | None
    ) -> Operation[Followed]:
        def change() -> Followed:
            self.node.check_unsealed(app)
            with self.node.holding(app, "follow"):
                return self.following.change(app, self._serving(app), mode, branch)

        return self._answer(f"Follow the branch of {app}", app, change)

    def pin(self, app: AppName, wanted: str | None) -> Operation[Followed]:
        """Every tag is at the commit that serves."""

        def hold() -> Followed:
            self.node.check_unsealed(app)
            with self.node.holding(app, "pin"):
                release = self._serving(app)
                commit = release.commit.id if release else ""
                tag = parse_pin(wanted) if wanted and wanted != commit else None
                return self.following.pin(app, release, Pin(commit=commit, tag=tag))

        return self._answer(f"Pin {app}", app, hold)

    def unpin(self, app: AppName) -> Operation[Followed]:
        def let_go() -> Followed:
            self.node.check_unsealed(app)
            with self.node.holding(app, "unpin"):
                return self.following.pin(app, self._serving(app), None)

        return self._answer(f"Unpin {app}", app, let_go)

    def check_branch(self, app: AppName) -> Operation[Followed]:
        def look() -> Followed:
            self.node.check_unsealed(app)
            return self.following.look(app, self._serving(app))

        return self._answer(f"Check the branch of {app}", f"branch/{app}", look)

    def branch(self, app: AppName) -> Operation[Followed]:
        def read() -> Followed:
            self.node.check_unsealed(app)
            return self.following.of(app, self._serving(app))

        return self._answer(f"Read the branch of {app}", f"branch/{app}", read)

    def remove(self, app: AppName) -> Operation[Removal]:
        def body(cancel: CancelToken) -> Steps[Removal]:
            yield Step("Search for everything that belongs to it")
            if app not in self.node.apps:
                return Removal(app, (), (), datetime.now(UTC))
            with self.node.holding(app, "remove"):
                yield Step("Remove containers, volumes, networks and keys")
                self._releases.forget(app)
                self.measured.kept.pop(app, None)
                self.visitors.forget(app)
                self.host_names.forget(app)
                self.node.take_away(app)
            yield Step("Search again")
            left = (Item("volume", f"holdfast-{app}-cipher"),) if "leftovers" in self.faults else ()
            now = datetime.now(UTC)
            return Removal(app, sample.belongings(app), left, now, now)

        return Operation(f"Remove {app}", app, body)

    def releases(self, app: AppName) -> Operation[tuple[Release, ...]]:
        def read() -> tuple[Release, ...]:
            self.node.check_unsealed(app)
            return self._releases.of(app)

        return self._answer(f"Read the releases of {app}", app, read)

    def compare(self, app: AppName, before: str, after: str) -> Operation[tuple[Change, ...]]:
        def read() -> tuple[Change, ...]:
            self.node.check_unsealed(app)
            for wanted in (before, after):
                self._releases.find(app, wanted)
            return () if before == after else sample.CHANGES

        return self._answer(f"Compare releases of {app}", f"releases/{app}", read)

    def follow_logs(self, app: AppName, lines: int) -> Operation[None]:
        def body(cancel: CancelToken) -> Steps[None]:
            self.node.check_unsealed(app)
            for text in sample.log(app)[-lines:]:
                yield Line(text)
            with self.node.waiting(cancel) as bell:
                while not bell.closed:
                    bell.wait()

        return Operation(f"Follow the log of {app}", app, body)

    def volume(self, app: AppName) -> Operation[VolumeFacts]:
        def read() -> VolumeFacts:
            return sample.volume(app, self.node.known(app).state is AppState.SEALED)

        return self._answer(f"Read {app}", app, read)

    def change_key(self, app: AppName) -> Operation[None]:
        def body(cancel: CancelToken) -> Steps[None]:
            self.node.known(app)
            with self.node.holding(app, "change the key"):
                self.kept_secrets.check_keychain()
                yield Step(f"Keep a new key for {app}")
                yield Step(f"Give the volume of {app} its new key")
                yield Step("Forget the old key")

        return Operation(f"Change the key of {app}", app, body)

    def verify(self, app: AppName) -> Operation[Verification]:
        def read() -> Verification:
            self.node.known(app)
            return sample.verification(app, "broken-promise" in self.faults)

        return self._answer(f"Verify {app}", app, read)

    def prove(self, app: AppName) -> Operation[Proof]:
        def body(cancel: CancelToken) -> Steps[Proof]:
            yield Step("Look at the app")
            self.node.check_unsealed(app)
            for title in sample_proof.PROOF_STEPS:
                yield Step(title)
            for text in sample_proof.PROOF_PROGRESS:
                yield Line(text)
            if "slow" in self.faults:
                self._wait_to_go_on(cancel)
            self._proofs[app] = sample_proof.proof(app, self.faults)
            return self._proofs[app]

        return Operation(f"Prove {app}", "proof", body)

    def last_proof(self, app: AppName) -> Operation[Proof | None]:
        def read() -> Proof | None:
            self.node.check_unsealed(app)
            return self._proofs.get(app)

        return self._answer(f"Read the last proof of {app}", f"proof/{app}", read)

    def secrets(self, app: AppName) -> Operation[AppSecrets]:
        def read() -> AppSecrets:
            self.node.known(app)
            return self.kept_secrets.of(app)

        return self._answer(f"Read the secrets of {app}", app, read)

    def edit_secrets(
        self, app: AppName, before: Secret, after: Secret, later: bool = False
    ) -> Operation[SecretsApplied]:
        return self._store(app, lambda old: after, later)

    def certificates(self) -> Operation[Certificates]:
        def read() -> Certificates:
            found = self._certificates.read(tuple(self.node.apps.values()))
            return replace(found, rows=(*found.rows, *self.visitors.authorities()))

        return self._answer("Look at the certificates", "certificates", read)

    def renew_certificates(self, due: bool = False) -> Operation[Renewed]:
        def renew() -> Renewed:
            return self._certificates.renew(tuple(self.node.apps.values()), due)

        return self._answer("Renew the certificates", "certificates", renew)

    def export_authority(self) -> Operation[Certificate]:
        return self._answer("Export the CA", "certificates", self._certificates.export)

    def trust_authority(self) -> Operation[Trusted]:
        return self._answer("Trust the CA", "certificates", self._certificates.trust)

    def names(self, app: AppName) -> Operation[AppNames]:
        def read() -> AppNames:
            return self.host_names.of(app, self.node.known(app).host_name)

        return self._answer(f"Look at the names of {app}", f"names/{app}", read)

    def change_names(self, app: AppName, change: NamesChange) -> Operation[AppNames]:
        def choose() -> AppNames:
            self.node.check_unsealed(app)
            with self.node.holding(app, "change its names"):
                mains = {name: each.host_name for name, each in self.node.apps.items()}
                return self.host_names.change(app, change, mains)

        return self._answer(f"Change the names of {app}", app, choose)

    def access(self, app: AppName) -> Operation[VisitorAccess]:
        def read() -> VisitorAccess:
            self.node.known(app)
            self.kept_secrets.check_keychain()
            return self.visitors.of(app)

        return self._answer(f"Look who may visit {app}", f"access/{app}", read)

    def set_access(self, app: AppName, mode: AccessMode) -> Operation[VisitorAccess]:
        def choose() -> VisitorAccess:
            self.node.known(app)
            with self.node.holding(app, "set access"):
                return self.visitors.choose(app, mode)

        return self._answer(f"Set the access of {app}", app, choose)

    def issue_visitor(
        self, app: AppName, visitor: str, days: int = VISITOR_DAYS
    ) -> Operation[IssuedVisitor]:
        def issue() -> IssuedVisitor:
            self.node.known(app)
            with self.node.holding(app, "issue a certificate"):
                return self.visitors.issue(app, visitor, days)

        return self._answer(f"Issue a certificate for {app}", app, issue)

    def revoke_visitor(self, app: AppName, visitor: str) -> Operation[VisitorAccess]:
        def revoke() -> VisitorAccess:
            self.node.known(app)
            with self.node.holding(app, "revoke a certificate"):
                return self.visitors.revoke(app, visitor)

        return self._answer(f"Revoke a certificate of {app}", app, revoke)

    def telemetry(self, app: AppName) -> Operation[AppTelemetry]:
        def read() -> AppTelemetry:
            self.node.check_unsealed(app)
            return self._telemetry.of(app)

        return self._answer(f"Read the telemetry of {app}", app, read)

    def set_telemetry(
        self, app: AppName, choice: Telemetry, against: bool = False, later: bool = False
    ) -> Operation[TelemetryApplied]:
        def change() -> tuple[str, FiguresChanged]:
            figures = self._telemetry.choose(self.node.known(app), choice, against)
            return "on next start" if later else "restarted", figures

        return self._changed_telemetry("set telemetry", app, change)

    def set_page_sources(self, app: AppName, sources: PageSources) -> Operation[TelemetryApplied]:
        def change() -> tuple[str, None]:
            self._telemetry.sources[app] = sources
            return "live", None

        return self._changed_telemetry("set page sources", app, change)

    def figures(self, app: AppName) -> Operation[AppFigures]:
        def read() -> AppFigures:
            self.node.check_unsealed(app)
            return self.measured.of(app)

        return self._answer(f"Read the figures of {app}", f"figures/{app}", read)

    def follow_figures(self, app: AppName) -> Operation[None]:
        def body(cancel: CancelToken) -> Steps[None]:
            self.node.check_unsealed(app)
            figures = self.measured.of(app)
            yield Fact(figures)
            if not figures.kept:
                return
            if self.node.known(app).state is AppState.RUNNING:
                yield Fact(self.measured.live(app, figures))
            with self.node.waiting(cancel) as bell:
                while not bell.closed:
                    bell.wait()

        return Operation(f"Follow the figures of {app}", f"figures/{app}", body)

    def keep_figures(self, app: AppName, wanted: bool) -> Operation[FiguresChanged]:
        return self._changed_figures(app, lambda: self.measured.keep(self.node.known(app), wanted))

    def delete_figures(self, app: AppName) -> Operation[FiguresChanged]:
        return self._changed_figures(app, lambda: self.measured.delete(app))

    def import_certificate(self, app: AppName, files: CertificateFiles) -> Operation[Certificate]:
        def take() -> Certificate:
            own = self._certificates.read_own(self.node.known(app), files)
            with self.node.holding(app, "import a certificate"):
                return self._certificates.import_own(self.node.known(app), own)

        return self._answer(f"Import a certificate for {app}", app, take)

    def use_acme(self, app: AppName, server: AcmeServer) -> Operation[Certificate]:
        def take() -> Certificate:
            with self.node.holding(app, "get a certificate"):
                return self._certificates.use_acme(self.node.known(app), server)

        return self._answer(f"Get a certificate for {app}", app, take)

    def acme_server(self, app: str) -> AcmeServer:
        """The one that this app's certificate comes from."""
        return self._certificates.acme[AppName(app)]

    def renew_acme(self, app: AppName) -> Operation[Certificate]:
        def renew() -> Certificate:
            with self.node.holding(app, "renew its certificate"):
                return self._certificates.renew_acme(self.node.known(app))

        return self._answer(f"Renew the certificate of {app}", app, renew)

    def drop_certificate(self, app: AppName) -> Operation[None]:
        def drop() -> None:
            with self.node.holding(app, "drop its certificate"):
                self._certificates.drop_own(self.node.known(app))

        return self._answer(f"Drop the certificate of {app}", app, drop)

    def kit(self) -> Operation[KitStatus]:
        return self._answer("Look at the recovery kit", KIT_LANE, self._kit.status)

    def create_kit(self, another: bool) -> Operation[Kit]:
        return self._answer("Make the recovery kit", KIT_LANE, lambda: self._kit.make(another))

    def check_kit(self, text: bytes) -> Operation[KitOpened]:
        return self._answer("Check the recovery kit", KIT_LANE, lambda: self._opened(text))

    def show_kit(self, text: bytes) -> Operation[Kit]:
        return self._answer("Show the recovery kit", KIT_LANE, lambda: self._kit.check(text))

    def open_kit(self, text: bytes) -> Operation[KitOpened]:
        return self._answer("Open the recovery kit", KIT_LANE, lambda: self._opened(text))

    def admins(self) -> Operation[tuple[KitAdmin, ...]]:
        return self._answer("Look at the admins", KIT_LANE, self._kit.admins)

    def revoke_admin(self, admin: str) -> Operation[Revoked]:
        def body(cancel: CancelToken) -> Steps[Revoked]:
            self.node.check_online()
            yield Step("Look at who can open the node's files")
            yield Fact(self._kit.renew(admin))
            yield Step("Copy the volumes")
            if "slow" in self.faults:
                self._wait_to_go_on(cancel)
            if "full-disk" in self.faults:
                raise DiskFull("/var/lib/docker")
            return self._kit.revoke(admin, tuple(sorted(self.node.apps)))

        return Operation(f"Revoke {admin}", KIT_LANE, body)

    # inside

    def _serving(self, app: AppName) -> Release | None:
        serving = self.node.known(app).release
        return next((each for each in self._releases.of(app) if each.id == serving), None)

    def _store(
        self, app: AppName, change: Callable[[Secret], Secret], later: bool
    ) -> Operation[SecretsApplied]:
        def body(cancel: CancelToken) -> Steps[SecretsApplied]:
            yield Step("Read the secrets from the keychain")
            known = self.node.known(app)
            with self.node.holding(app, "import the secrets"):
                document = change(self.kept_secrets.document(app))
                yield Step("Store the secrets in the keychain")
                self.kept_secrets.store(app, document)
            runs = known.state is AppState.RUNNING and not later
            return SecretsApplied(
                app, tuple(names_of(document)), "live" if runs else "on next start"
            )

        return Operation(f"Store the secrets of {app}", app, body)

    def _changed_telemetry(
        self, verb: str, app: AppName, change: Callable[[], tuple[str, FiguresChanged | None]]
    ) -> Operation[TelemetryApplied]:
        def body(cancel: CancelToken) -> Steps[TelemetryApplied]:
            yield Step("Look at the app")
            self.node.check_unsealed(app)
            with self.node.holding(app, verb):
                applied, figures = change()
            runs = self.node.known(app).state is AppState.RUNNING
            when = applied if runs else "on next start"
            return TelemetryApplied(self._telemetry.of(app), when, figures)

        return Operation(f"{verb.capitalize()} of {app}", app, body)

    def _changed_figures(
        self, app: AppName, change: Callable[[], FiguresChanged]
    ) -> Operation[FiguresChanged]:
        def body(cancel: CancelToken) -> Steps[FiguresChanged]:
            yield Step("Look at the figures")
            self.node.known(app)
            with self.node.holding(app, "change its figures"):
                self.node.check_unsealed(app)
                return change()

        return Operation(f"Change the figures of {app}", app, body)

    def _published(self) -> Published:
        private = (
            app
            for kept in self.connected.all()
            if kept.credential is not CredentialKind.NONE
            for app in kept.apps
            if self.visitors.of(app).mode is AccessMode.PUBLIC
        )
        return replace(self.node.published(), private_open=tuple(sorted(private)))

    def _opened(self, text: bytes) -> KitOpened:
        return self._kit.open(text, tuple(sorted(self.node.apps)))

    def _deploy_steps(self, cancel: CancelToken, request: DeployRequest) -> Steps[None]:
        for title, lines in sample.DEPLOY_STEPS:
            yield Step(title)
            if title == "Fetch the code":
                self._check_repository(request.repository)
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

    def _serve(self, name: AppName, release: Release, steps: list[str]) -> Deployed:
        app = sample.serving(name, release)
        self.node.put(app)
        return sample.deployed(app, release, tuple(StepTime(step, 0.3) for step in steps))

    def _begin(self, verb: str, app: AppName) -> Operation[None]:
        def body(cancel: CancelToken) -> Steps[None]:
            yield Step("Look at the app")
            with self.node.holding(app, verb.lower()):
                known = self.node.known(app)
                if verb == "Start" and known.state is AppState.RUNNING:
                    return
                yield Step("Start the app")
                release = next(r for r in self._releases.of(app) if r.id == known.release)
                yield Step("Switch the route")
            self._serve(app, release, [])

        return Operation(f"{verb} {app}", app, body)

    def _answer(self, title: str, target: str, read: Callable[[], object]) -> Operation:  # type: ignore[type-arg]
        def body(cancel: CancelToken) -> Steps[object]:
            self.node.check_online()
            yield Step(title)
            return read()

        return Operation(title, target, body)

    def _check_repository(self, address: str) -> None:
        if address in self.missing or "no-such-repository" in self.faults:
            raise RepositoryError(
                "The repository could not be read.",
                f"There is none at {address}, or it is private.",
                "Check the address, or add a key that may read it.",
            )
