"""What every desk must do, told as an app's life: the one in memory and the one of a real node."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12
from free_ports import free_ports
from keeping import keeping

from holdfast.cli.world import ServerDesk
from holdfast.domain.acme import AcmeServer
from holdfast.domain.app import AppState, FollowMode
from holdfast.domain.certificate import CertificateFiles, CertificateRole
from holdfast.domain.connection import ConnectionRequest, CredentialKind
from holdfast.domain.errors import (
    AppBusy,
    AppNotFound,
    HoldfastError,
    RepositoryError,
    UsageError,
)
from holdfast.domain.figures import AppFigures
from holdfast.domain.following import BranchState
from holdfast.domain.forge_account import PUBLIC_APIS, ForgeKind, NotSignedIn, SignIn
from holdfast.domain.host_names import AppNames, FurtherName, parse_change
from holdfast.domain.keeping import NewsKind
from holdfast.domain.names import AppName, HostName
from holdfast.domain.node import AppSummary, Item, NodeState
from holdfast.domain.operation import CancelToken, Fact, Line, Operation, Update, drive
from holdfast.domain.page_sources import Allowed, PageSources
from holdfast.domain.pin import Pin
from holdfast.domain.publication import Publication
from holdfast.domain.recovery_kit import KitState
from holdfast.domain.requests import Deployed, DeployRequest, Promise, UpdateKind
from holdfast.domain.secret import Secret
from holdfast.domain.ssh_agent import AgentKeyMissing, AgentSilent
from holdfast.domain.stapling import Stapling
from holdfast.domain.telemetry import Telemetry
from holdfast.domain.visitor_access import AccessMode, VisitorAccess, VisitorState
from holdfast.node.age_file import new_identity

Result = TypeVar("Result")
Verb = Callable[[ServerDesk, AppName], Operation[Any]]

APP = AppName("ledger")
NOWHERE = AppName("nowhere")
CIPHER = "AES-256-GCM (gocryptfs)"
STEPS = [
    "Prepare",
    "Fetch the code",
    "Resolve dependencies",
    "Install dependencies",
    "Pack the environment",
    "Start the sidecar and its firewall",
    "Start the app",
    "Switch the route",
]
CHANGING: dict[str, Verb] = {
    "stop": lambda desk, app: desk.stop(app),
    "start": lambda desk, app: desk.start(app),
    "restart": lambda desk, app: desk.restart(app),
    "roll back": lambda desk, app: desk.roll_back(app, "r0"),
    "update": lambda desk, app: desk.update(app),
    "follow": lambda desk, app: desk.follow(app, FollowMode.AUTO, None),
    "pin": lambda desk, app: desk.pin(app, None),
    "unpin": lambda desk, app: desk.unpin(app),
    "import secrets": lambda desk, app: desk.import_secrets(app, b'A = "1"', False),
    "use acme": lambda desk, app: desk.use_acme(app, AcmeServer("https://127.0.0.1:9/dir")),
    "renew acme": lambda desk, app: desk.renew_acme(app),
    "drop certificate": lambda desk, app: desk.drop_certificate(app),
    "change key": lambda desk, app: desk.change_key(app),
    "undo secrets": lambda desk, app: desk.undo_secrets(app),
    "set telemetry": lambda desk, app: desk.set_telemetry(app, Telemetry.OFF),
    "keep figures": lambda desk, app: desk.keep_figures(app, False),
    "delete figures": lambda desk, app: desk.delete_figures(app),
    "set access": lambda desk, app: desk.set_access(app, AccessMode.PUBLIC),
    "issue a certificate": lambda desk, app: desk.issue_visitor(app, "Ada"),
    "revoke a certificate": lambda desk, app: desk.revoke_visitor(app, "Ada"),
    "change names": lambda desk, app: desk.change_names(app, parse_change(["new.localhost"])),
    "set page sources": lambda desk, app: desk.set_page_sources(app, PageSources()),
}
READING: dict[str, Verb] = {
    "releases": lambda desk, app: desk.releases(app),
    "branch": lambda desk, app: desk.branch(app),
    "check branch": lambda desk, app: desk.check_branch(app),
    "compare": lambda desk, app: desk.compare(app, "r0", "r1"),
    "follow logs": lambda desk, app: desk.follow_logs(app, 1),
    "read logs": lambda desk, app: desk.read_logs(app, 1),
    "volume": lambda desk, app: desk.volume(app),
    "verify": lambda desk, app: desk.verify(app),
    "prove": lambda desk, app: desk.prove(app),
    "last proof": lambda desk, app: desk.last_proof(app),
    "verify volume": lambda desk, app: desk.verify_volume(app),
    "secrets": lambda desk, app: desk.secrets(app),
    "telemetry": lambda desk, app: desk.telemetry(app),
    "figures": lambda desk, app: desk.figures(app),
    "follow figures": lambda desk, app: desk.follow_figures(app),
    "names": lambda desk, app: desk.names(app),
    "access": lambda desk, app: desk.access(app),
}


def run(operation: Operation[Result], tell: Callable[[Update], None] = lambda update: None) -> Any:
    outcome = drive(operation, CancelToken(), tell)
    if outcome.error is not None:
        raise outcome.error
    assert not outcome.cancelled
    return outcome.result


@dataclass(frozen=True)
class Place:
    """A desk with the app APP, which serves; each test leaves it serving.

    repository: APP's, and other: another; both hold an app. missing: there is none.
    busy: somebody deploys that app while the block runs.
    """

    desk: ServerDesk
    repository: str
    other: str
    missing: str
    busy: Callable[[AppName], AbstractContextManager[None]]
    first: list[Deployed] = field(default_factory=list)

    def deploy(self, **wanted: Any) -> Deployed:
        request = DeployRequest(**{"repository": self.repository, "name": APP, **wanted})
        made: Deployed = run(self.desk.deploy(request))
        return made

    def begin(self) -> None:
        self.first.append(self.deploy())

    def line(self, app: AppName = APP) -> AppSummary | None:
        return next((each for each in run(self.desk.list()).apps if each.name == app), None)

    def shown(self) -> AppSummary:
        line = self.line()
        assert line is not None
        return line

    def releases(self) -> list[str]:
        return [release.id for release in run(self.desk.releases(APP))]


class DeskContract:
    """Subclasses bring the fixture `place`."""

    def test_a_first_deploy_tells_its_steps_and_where_it_is_served(self, place: Place) -> None:
        made = place.first[0]
        port = made.address.rpartition(":")[2]
        assert (made.name, made.url) == (APP, f"https://ledger.localhost:{port}/")
        assert re.fullmatch(r"[\d.]+:\d+", made.address)
        assert made.ca_certificate.startswith("/")
        assert [step.name for step in made.steps] == STEPS
        assert all(step.seconds >= 0 for step in made.steps)
        release = made.release
        assert re.fullmatch(r"[0-9a-f]{40}", release.commit.id)
        assert release.configuration.source.repository == place.repository
        assert (release.configuration.name, release.configuration.release) == (APP, release.id)

    def test_it_is_listed_as_it_serves(self, place: Place) -> None:
        line, made = place.shown(), place.first[0]
        assert (line.state, line.activity, line.restarts) == (AppState.RUNNING, None, 0)
        assert (line.url, line.address, line.host_name) == (
            made.url,
            made.address,
            "ledger.localhost",
        )
        newest = run(place.desk.releases(APP))[0]
        assert (line.release, line.commit) == (newest.id, newest.commit)
        assert line.started is not None
        assert line.memory_bytes is not None
        assert line.memory_limit is not None
        assert 0 < line.memory_bytes < line.memory_limit

    def test_the_node_is_published_and_taken_back(self, place: Place) -> None:
        first = run(place.desk.publication())
        assert (first.publication, first.place, first.elsewhere) == (
            Publication(),
            place.shown().address,
            (),
        )
        with pytest.raises(UsageError, match=r"no address 203\.0\.113\.77"):
            run(place.desk.publish(Publication("203.0.113.77", 443, 80)))
        assert run(place.desk.publication()) == first
        https, http = free_ports(2)
        wanted = Publication("0.0.0.0", https, http, "apps.example.org")
        published = run(place.desk.publish(wanted))
        assert (published.publication, published.place) == (wanted, f"0.0.0.0:{wanted.https_port}")
        assert APP in published.elsewhere
        assert (published.private_open, published.closed) == ((), ())
        assert place.shown().address == published.place
        assert place.shown().url == f"https://ledger.localhost:{wanted.https_port}/"
        run(place.desk.publish(Publication()))
        assert place.shown().address == first.place

    def test_a_repository_is_looked_at_before_anything_is_made(self, place: Place) -> None:
        facts = run(place.desk.inspect(place.repository, None))
        assert facts.address == place.repository
        assert facts.default_branch in facts.branches
        assert facts.proposed.path and not facts.proposed.why_not
        assert facts.proposed.dependency_reason and facts.proposed.python
        assert facts.contents.files and facts.contents.size_bytes
        assert facts.proposed_host_name == f"{facts.proposed_name}.localhost"
        assert place.line(facts.proposed_name) is None

    def test_a_named_file_is_proposed_and_one_that_is_missing_told(self, place: Place) -> None:
        found = run(place.desk.inspect(place.repository, None)).proposed
        named = run(place.desk.inspect(place.repository, None, found.path))
        assert named.proposed == found
        missing = run(place.desk.inspect(place.repository, None, "nowhere.py"))
        assert "has no file nowhere.py" in missing.proposed.why_not
        assert missing.candidate(found.path) == found

    def test_a_tag_is_read_and_deployed_and_the_app_stays_at_it(self, place: Place) -> None:
        facts = run(place.desk.inspect(place.repository, None))
        assert (facts.tags, facts.pin) == (("v2.0", "v1.4"), None)
        read = run(place.desk.inspect(place.repository, None, pin="v1.4"))
        assert (read.pin.tag, read.default_branch) == ("v1.4", facts.default_branch)
        by_id = run(place.desk.inspect(place.repository, None, pin=read.pin.commit))
        assert (by_id.pin, by_id.commit.id) == (Pin(commit=read.pin.commit), read.pin.commit)
        with pytest.raises(RepositoryError, match="no tag “v9”"):
            run(place.desk.inspect(place.repository, None, pin="v9"))
        place.deploy(pin="v1.4")
        assert run(place.desk.branch(APP)).pin.tag == "v1.4"
        run(place.desk.unpin(APP))

    def test_a_repository_that_is_not_there_is_told(self, place: Place) -> None:
        operations: tuple[Operation[Any], ...] = (
            place.desk.inspect(place.missing, None),
            place.desk.deploy(DeployRequest(place.missing, "other")),
        )
        for operation in operations:
            with pytest.raises(RepositoryError) as told:
                run(operation)
            assert told.value.what
            assert told.value.next
        assert place.line(AppName("other")) is None

    def test_a_malformed_name_is_wrong_usage(self, place: Place) -> None:
        with pytest.raises(UsageError, match="cannot be an app's name"):
            place.deploy(name="No Name")

    def test_the_same_repository_again_is_the_next_release(self, place: Place) -> None:
        before = place.releases()
        made = place.deploy()
        assert place.releases() == [made.release.id, *before]
        assert (place.shown().release, place.shown().state) == (made.release.id, AppState.RUNNING)

    def test_another_repository_is_refused_unless_it_shall_replace(self, place: Place) -> None:
        before = place.releases()
        with pytest.raises(UsageError) as told:
            place.deploy(repository=place.other)
        assert told.value.what == "The name ledger is taken by another repository."
        assert place.repository in told.value.why
        assert place.releases() == before
        made = place.deploy(repository=place.other, replace=True)
        assert made.release.configuration.source.repository == place.other
        place.deploy(replace=True)

    def test_it_is_stopped_and_started(self, place: Place) -> None:
        release = place.shown().release
        for _ in range(2):
            assert run(place.desk.stop(APP)) is None
            stopped = place.shown()
            assert (stopped.state, stopped.release) == (AppState.STOPPED, release)
            assert (stopped.started, stopped.memory_bytes) == (None, None)
        for verb in (place.desk.start, place.desk.start, place.desk.restart):
            assert run(verb(APP)) is None
            started = place.shown()
            assert (started.state, started.release) == (AppState.RUNNING, release)

    def test_an_update_without_a_push_says_so(self, place: Place) -> None:
        before, serving = place.releases(), place.shown().release
        updated = run(place.desk.update(APP))
        assert (updated.name, updated.kind) == (APP, UpdateKind.NOTHING_NEW)
        assert updated.release.id == serving
        assert (place.releases(), place.shown().release) == (before, serving)

    def test_how_it_follows_its_branch_is_kept(self, place: Place) -> None:
        first = run(place.desk.branch(APP))
        assert (first.mode, first.repository) == (FollowMode.TELL, place.repository)
        changed = run(place.desk.follow(APP, FollowMode.OFF, None))
        assert (changed.mode, changed.branch) == (FollowMode.OFF, first.branch)
        assert changed.look.state is BranchState.CURRENT
        assert changed.look.head == changed.commit
        found = run(place.desk.check_branch(APP))
        assert found.look.checked >= changed.look.checked
        assert run(place.desk.branch(APP)) == found
        run(place.desk.follow(APP, FollowMode.TELL, None))

    def test_it_is_pinned_to_what_serves_and_unpinned(self, place: Place) -> None:
        pinned = run(place.desk.pin(APP, None))
        assert (pinned.pin.commit, pinned.pin.tag) == (pinned.commit, None)
        assert pinned.look.state is BranchState.PINNED
        assert run(place.desk.branch(APP)) == pinned
        left = run(place.desk.update(APP))
        assert left.kind is UpdateKind.NOTHING_NEW
        assert left.reason == f"It is pinned to {pinned.commit[:7]}."
        free = run(place.desk.unpin(APP))
        assert (free.pin, free.look.state) == (None, BranchState.CURRENT)

    def test_it_is_sealed_on_purpose_and_stays_so_until_it_is_unsealed(self, place: Place) -> None:
        release = place.shown().release
        assert run(place.desk.seal()) is None
        assert run(place.desk.list()).state is NodeState.SEALED
        assert place.shown().state is AppState.SEALED
        with keeping(place.desk.keep(unseal=True)) as keeper:
            keeper.wait_for(NewsKind.CONNECTED)
            assert run(place.desk.unseal(APP)) is None
        assert "Unseal" not in {news.duty for news in keeper.told}
        assert (place.shown().state, place.shown().release) == (AppState.RUNNING, release)
        with pytest.raises(AppNotFound):
            run(place.desk.unseal(NOWHERE))
        run(place.desk.unseal())
        assert run(place.desk.list()).state is NodeState.UNSEALED

    def test_it_returns_to_an_earlier_release(self, place: Place) -> None:
        place.deploy()
        newest, earlier, *_ = place.releases()
        assert run(place.desk.roll_back(APP, earlier)).release.id == earlier
        assert place.shown().release == earlier
        assert place.releases()[:2] == [newest, earlier]
        assert run(place.desk.roll_back(APP, newest)).release.id == newest

    def test_two_releases_are_compared(self, place: Place) -> None:
        newest = place.releases()[0]
        assert run(place.desk.compare(APP, newest, newest)) == ()
        with pytest.raises(HoldfastError) as told:
            run(place.desk.compare(APP, newest, "r0"))
        assert told.value.what == "There is no release r0 of ledger."

    def test_no_release_but_one_that_is_kept_and_does_not_serve_can_be_returned_to(
        self, place: Place
    ) -> None:
        serving = place.shown().release
        assert serving is not None
        for wanted, what in (
            ("r0", "There is no release r0 of ledger."),
            (serving, f"The release {serving} serves already."),
        ):
            with pytest.raises(HoldfastError) as told:
                run(place.desk.roll_back(APP, wanted))
            assert (told.value.what, bool(told.value.next)) == (what, True)
        assert place.shown().release == serving

    def test_secrets_are_replaced_and_joined(self, place: Place) -> None:
        desk = place.desk
        first = run(desk.import_secrets(APP, b'A = "1"\nB = "2"\n', False))
        assert (first.name, first.secrets) == (APP, ("A", "B"))
        assert first.applied in ("live", "restarted")
        assert run(desk.import_secrets(APP, b'C = "3"\n', True)).secrets == ("A", "B", "C")
        assert run(desk.import_secrets(APP, b'D = "4"\n', False)).secrets == ("D",)
        kept = run(desk.secrets(APP))
        assert (kept.app, kept.document.reveal()) == (APP, b'D = "4"\n')
        assert b"C" in kept.before.reveal()

    def test_secrets_that_are_no_toml_change_nothing(self, place: Place) -> None:
        run(place.desk.import_secrets(APP, b'A = "1"\n', False))
        with pytest.raises(UsageError) as told:
            run(place.desk.import_secrets(APP, b"A = hush-hush", False))
        assert "hush-hush" not in str(told.value)
        assert run(place.desk.secrets(APP)).document.reveal() == b'A = "1"\n'

    def test_its_telemetry_is_off_until_that_is_changed(self, place: Place) -> None:
        desk = place.desk
        told = run(desk.telemetry(APP))
        assert (told.app, told.choice, told.effective.on) == (APP, Telemetry.OFF, False)
        assert told.sources == PageSources(Allowed.ANYWHERE)
        assert told.figures is None
        for choice, deleted, kept in ((Telemetry.ON, 0, 1), (Telemetry.OFF, 1, None)):
            done = run(desk.set_telemetry(APP, choice))
            assert (done.telemetry.choice, done.applied) == (choice, "restarted")
            assert (done.figures.deleted, done.telemetry.figures) == (deleted, kept)
            assert done.figures.figures == run(desk.figures(APP))
            assert run(desk.telemetry(APP)) == done.telemetry
        assert (done.figures.left, done.figures.figures) == (0, AppFigures(APP, kept=False))
        # figures alone, until telemetry is set again
        run(desk.keep_figures(APP, True))
        assert run(desk.telemetry(APP)).figures == 1
        assert run(desk.set_page_sources(APP, PageSources())).figures is None
        done = run(desk.set_telemetry(APP, Telemetry.OFF, later=True))
        assert (done.applied, done.figures.deleted, done.figures.left) == ("on next start", 1, 0)

    def test_what_its_page_may_load_from_is_changed_while_it_runs(self, place: Place) -> None:
        listed = PageSources(Allowed.LISTED, ("*.example.org",))
        done = run(place.desk.set_page_sources(APP, listed))
        assert (done.telemetry.sources, done.applied) == (listed, "live")
        assert run(place.desk.telemetry(APP)).sources == listed
        run(place.desk.set_page_sources(APP, PageSources()))

    def test_its_figures_are_kept_from_the_moment_that_somebody_wants_them(
        self, place: Place
    ) -> None:
        desk = place.desk
        assert run(desk.figures(APP)) == AppFigures(APP, kept=False)
        begun = run(desk.keep_figures(APP, True))
        assert (begun.figures.kept, len(begun.figures.measured)) == (True, 1)
        assert begun.figures.size_bytes > 0
        assert run(desk.figures(APP)) == begun.figures
        token, told = CancelToken(), []

        def read(update: Update) -> None:
            assert isinstance(update, Fact)
            told.append(update.value)
            if len(told) == 2:
                token.cancel()

        assert drive(desk.follow_figures(APP), token, read).cancelled
        assert [len(each.measured) for each in told] == [1, 2]
        emptied = run(desk.delete_figures(APP))
        assert (emptied.deleted, emptied.left) == (1, 0)
        assert emptied.figures == run(desk.figures(APP)) == AppFigures(APP, kept=True)
        ended = run(desk.keep_figures(APP, False))
        assert (ended.deleted, ended.left, ended.figures) == (0, 0, AppFigures(APP, kept=False))
        assert drive(desk.follow_figures(APP), CancelToken(), lambda update: None).error is None

    def test_its_log_is_read_and_followed(self, place: Place) -> None:
        [last] = run(place.desk.read_logs(APP, 1))
        token, lines = CancelToken(), []

        def read(update: Update) -> None:
            assert isinstance(update, Line)
            lines.append(update.text)
            token.cancel()

        assert drive(place.desk.follow_logs(APP, 1), token, read).cancelled
        assert lines == [last]

    def test_its_volume_is_encrypted_and_sound(self, place: Place) -> None:
        facts = run(place.desk.volume(APP))
        assert (facts.app, facts.cipher, facts.sealed) == (APP, CIPHER, False)
        assert facts.cipher_bytes > 0
        assert [name for name, _ in facts.contents] == ["code", "environments", "data", "logs"]
        assert facts.app in [each.app for each in run(place.desk.volumes())]
        check = run(place.desk.verify_volume(APP))
        assert (check.app, check.sound, check.damaged) == (APP, True, ())

    def test_every_promise_is_checked_and_holds(self, place: Place) -> None:
        found = run(place.desk.verify(APP))
        assert found.app == APP
        assert [check for check in found.checks if not check.held] == []
        assert {check.promise for check in found.checks} == set(Promise)

    def test_no_proof_was_made_yet(self, place: Place) -> None:
        assert run(place.desk.last_proof(APP)) is None

    @pytest.mark.parametrize("verb", [*CHANGING, *READING])
    def test_an_app_that_is_not_there_is_told_in_the_same_words(
        self, place: Place, verb: str
    ) -> None:
        with pytest.raises(AppNotFound) as told:
            run({**CHANGING, **READING}[verb](place.desk, NOWHERE))
        assert (told.value.what, told.value.why, told.value.next) == (
            "There is no app named nowhere.",
            "No volume of that name is on the node.",
            "List the apps with: holdfast app list",
        )

    @pytest.mark.parametrize("verb", [*CHANGING, "deploy", "remove"])
    def test_one_operation_at_a_time_and_the_other_is_told_whose(
        self, place: Place, verb: str
    ) -> None:
        request = DeployRequest(place.repository, APP)
        verbs: dict[str, Verb] = {
            **CHANGING,
            "deploy": lambda desk, app: desk.deploy(request),
            "remove": lambda desk, app: desk.remove(app),
        }
        with place.busy(APP), pytest.raises(AppBusy) as told:
            run(verbs[verb](place.desk, APP))
        assert told.value.what == "ledger is busy."
        assert re.search(r"\w has been doing “deploy” since \d{4}-\d\d-\d\dT", told.value.why)
        assert told.value.next
        assert place.shown().state is AppState.RUNNING

    def test_a_recovery_kit_is_made_given_back_and_shown_again(self, place: Place) -> None:
        desk = place.desk
        kit = run(desk.create_kit(another=True))
        status = run(desk.kit())
        assert (status.state, status.recipient) == (KitState.UNCONFIRMED, kit.recipient)
        assert status.admins
        for wrong, what in (
            (b"AGE-SECRET-KEY-1QQQQ", "This is not the recovery kit's identity."),
            (new_identity().reveal(), "This recovery kit is not this node's."),
        ):
            uses: tuple[Callable[[bytes], Operation[Any]], ...] = (
                desk.check_kit,
                desk.show_kit,
                desk.open_kit,
            )
            for use in uses:
                with pytest.raises(UsageError) as told:
                    run(use(wrong))
                assert told.value.what == what
        assert run(desk.kit()).state is KitState.UNCONFIRMED
        opened = run(desk.check_kit(kit.identity.reveal()))
        assert (opened.recipient, opened.apps) == (kit.recipient, (APP,))
        assert run(desk.kit()).state is KitState.CONFIRMED
        with pytest.raises(UsageError) as told:
            run(desk.create_kit(another=False))
        assert told.value.what == "The node has a recovery kit, and it was confirmed."
        assert run(desk.show_kit(kit.identity.reveal())).identity == kit.identity

    def test_every_certificate_is_listed_verified_and_renewed(self, place: Place) -> None:
        desk, now = place.desk, datetime.now(UTC)
        found = run(desk.certificates())
        assert found.accounts == ()
        rows = {row.role: row for row in found.rows}
        # an app has one of its own once somebody wants certificates of its visitors
        assert set(rows) | {CertificateRole.ACCESS_CA} == set(CertificateRole)
        assert [(row.key, row.reason) for row in found.rows if not row.verified or row.reason] == []
        served = [row for row in found.rows if not row.role.is_authority]
        assert all(row.served_matches and row.next_renewal and not row.last_error for row in served)
        visitors = next(row for row in served if row.host == "ledger.localhost")
        asked = {row.role for row in found.rows if row.stapling == Stapling()}
        assert asked == {CertificateRole.VISITORS}
        assert visitors.certificate.names == ("ledger.localhost",)
        assert [each.subject for each in visitors.chain][1:] == [
            rows[CertificateRole.VISITORS_CA].certificate.subject,
            rows[CertificateRole.VISITORS_ROOT].certificate.subject,
        ]
        assert found.lasts_until is not None
        assert found.lasts_until - now >= timedelta(days=30)
        assert run(desk.export_authority()) == rows[CertificateRole.VISITORS_ROOT].certificate
        assert "Chromium, Chrome" in run(desk.trust_authority()).stores
        assert run(desk.renew_certificates(due=False)).renewed
        assert run(desk.renew_certificates(due=True)).renewed == ()
        renewed = {row.key: row.certificate.serial for row in run(desk.certificates()).rows}
        assert all(renewed[row.key] != row.certificate.serial for row in served)

    def test_a_certificate_that_no_visitor_would_take_changes_nothing(self, place: Place) -> None:
        desk = place.desk
        before = {row.key: row.certificate.sha256 for row in run(desk.certificates()).rows}
        for files, what in (
            (CertificateFiles(b"hello", Secret(b"hush")), "The file holds no certificate in PEM."),
            (CertificateFiles(b"hello"), "The file holds no certificate."),
        ):
            with pytest.raises(UsageError) as told:
                run(desk.import_certificate(APP, files))
            assert told.value.what == what
        after = {row.key: row.certificate.sha256 for row in run(desk.certificates()).rows}
        assert after == before

    def test_it_gets_further_names_and_loses_them(self, place: Place) -> None:
        desk, main = place.desk, HostName("ledger.localhost")
        assert run(desk.names(APP)) == AppNames(APP, main)
        first = run(desk.change_names(APP, parse_change(["books.localhost"], ["old.localhost"])))
        books, old = FurtherName(HostName("books.localhost")), HostName("old.localhost")
        assert first == AppNames(APP, main, (books, FurtherName(old, redirects=True)))
        assert run(desk.names(APP)) == first
        assert (place.shown().host_name, place.shown().state) == (main, AppState.RUNNING)
        for change, what in (
            (parse_change([main]), f"{main} is the main name of ledger."),
            (parse_change(remove=["new.localhost"]), "ledger has no name new.localhost."),
        ):
            with pytest.raises(UsageError) as told:
                run(desk.change_names(APP, change))
            assert told.value.what == what
        assert run(desk.names(APP)) == first
        # a redeploy leaves them, and one that redirects may serve instead
        place.deploy()
        serving = run(desk.change_names(APP, parse_change([old], remove=[books.host])))
        assert serving.serving == (main, old)
        assert run(desk.change_names(APP, parse_change(remove=[old]))) == AppNames(APP, main)

    def test_it_is_visited_with_a_certificate_alone_and_by_everybody_again(
        self, place: Place
    ) -> None:
        desk = place.desk
        assert run(desk.access(APP)) == VisitorAccess(APP)
        closed = run(desk.set_access(APP, AccessMode.CERTIFICATE))
        assert (closed.mode, closed.visitors) == (AccessMode.CERTIFICATE, ())
        made = run(desk.issue_visitor(APP, " Ada on  laptop ", 30))
        opened = load_pkcs12(made.bundle.reveal(), made.passphrase.reveal())
        assert opened.cert is not None
        left = opened.cert.certificate.not_valid_after_utc - datetime.now(UTC)
        assert timedelta(days=29) < left <= timedelta(days=30)
        [ada] = run(desk.access(APP)).visitors
        assert (ada.name, ada.serial) == (
            "Ada on laptop",
            f"{opened.cert.certificate.serial_number:x}",
        )
        with pytest.raises(UsageError) as told:
            run(desk.issue_visitor(APP, "Ada on laptop"))
        assert told.value.what == "Ada on laptop has a certificate already."
        with pytest.raises(UsageError) as told:
            run(desk.revoke_visitor(APP, "Bo"))
        assert told.value.what == "ledger has issued no certificate “Bo”."
        revoked = run(desk.revoke_visitor(APP, ada.serial))
        assert revoked.state(revoked.visitors[0], datetime.now(UTC)) is VisitorState.REVOKED
        assert run(desk.issue_visitor(APP, "Ada on laptop")).visitor.serial != ada.serial
        rows = run(desk.certificates()).rows
        [authority] = [row for row in rows if row.role is CertificateRole.ACCESS_CA]
        assert (authority.app, authority.host, authority.verified) == (APP, "", True)
        assert (
            opened.cert.certificate.issuer.rfc4514_string() == f"CN={authority.certificate.subject}"
        )
        assert run(desk.set_access(APP, AccessMode.PUBLIC)).mode is AccessMode.PUBLIC

    def test_a_repository_is_connected_rotated_and_forgotten(self, place: Place) -> None:
        desk, address = place.desk, "git@github.com:team/books.git"
        made = run(desk.connect_repository(ConnectionRequest(address=address)))
        assert (made.address, made.credential) == (address, CredentialKind.DEPLOY_KEY)
        assert made.public_key.startswith("ssh-ed25519 AAAA")
        assert (made.contact, made.rotating, made.apps) == (None, False, ())
        # a big forge's key ships with Holdfast
        assert made.host_key == "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU"
        rotated = run(desk.rotate_key(address))
        assert rotated.rotating and rotated.public_key != made.public_key
        assert rotated in run(desk.repositories())
        gone = run(desk.disconnect_repository(address, anyway=False))
        assert gone.removed == (Item("repository credential", address),)
        assert gone.left == ()
        assert run(desk.disconnect_repository(address, anyway=False)).removed == ()
        with pytest.raises(UsageError) as told:
            run(desk.rotate_key(address))
        assert told.value.what == "No credential is kept for this repository."

    def test_a_file_that_is_no_ca_is_refused(self, place: Place) -> None:
        address = "https://git.example/team/books"
        for content in (b"hello", b"-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n"):
            with pytest.raises(UsageError, match="The file of the CA holds"):
                run(
                    place.desk.connect_repository(
                        ConnectionRequest(address=address, certificates=content)
                    )
                )
        assert address not in [each.address for each in run(place.desk.repositories())]

    def test_a_key_that_no_agent_holds_connects_nothing(self, place: Place) -> None:
        desk, address = place.desk, "git@github.com:team/keyless.git"
        wanted = ConnectionRequest(address=address, agent_key="SHA256:nobodys")
        with pytest.raises((AgentSilent, AgentKeyMissing)):
            run(desk.connect_repository(wanted))
        assert address not in [each.address for each in run(desk.repositories())]

    def test_nothing_is_asked_of_github_before_somebody_signs_in(self, place: Place) -> None:
        desk, address = place.desk, "https://github.com/team/unheard"
        request = ConnectionRequest(address=address, install=True)
        asked: tuple[Operation[Any], ...] = (
            desk.account(),
            desk.search("sales"),
            desk.connect_repository(request),
            desk.sign_in(SignIn()),
        )
        for operation in asked:
            with pytest.raises(NotSignedIn) as told:
                run(operation)
            assert "holdfast github sign-in" in told.value.next
        assert address not in [each.address for each in run(desk.repositories())]
        assert run(desk.forge_hosts()) == frozenset()
        for forge in ForgeKind:
            with pytest.raises(NotSignedIn, match=f"not signed in to {forge.value}"):
                run(desk.account(forge))
            with pytest.raises(NotSignedIn, match=f"not signed in to {forge.value}"):
                run(desk.search("sales", forge=forge))
            assert run(desk.sign_out(forge)) is False
        for forge in set(ForgeKind) - {ForgeKind.GITHUB}:
            with pytest.raises(NotSignedIn, match="No token was given"):
                run(desk.sign_in(SignIn(api=PUBLIC_APIS[forge], forge=forge)))
            with pytest.raises(UsageError, match=f"no address of a {forge.value} API"):
                run(desk.sign_in(SignIn(api="https://git.example", forge=forge)))
        with pytest.raises(UsageError, match="no address of a GitHub API"):
            run(desk.sign_in(SignIn(api="http://github.com")))

    def test_the_repositories_of_apps_are_listed_with_them(self, place: Place) -> None:
        [shown] = [r for r in run(place.desk.repositories()) if r.address == place.repository]
        assert (shown.credential, shown.apps) == (CredentialKind.NONE, (APP,))

    def test_admins_are_listed_and_none_revokes_themselves(self, place: Place) -> None:
        if run(place.desk.kit()).state is KitState.MISSING:
            run(place.desk.create_kit(another=False))
        here = [admin for admin in run(place.desk.admins()) if admin.here]
        assert [admin.recipient[:4] for admin in here] == ["age1"]
        for wanted, what in (
            (here[0].name, "An admin cannot revoke themselves."),
            (here[0].recipient[:20], "An admin cannot revoke themselves."),
            ("nobody", "No admin is named nobody."),
            ("age1", "No admin is named age1."),
        ):
            with pytest.raises(UsageError) as told:
                run(place.desk.revoke_admin(wanted))
            assert told.value.what == what

    def test_a_busy_app_is_listed_and_read(self, place: Place) -> None:
        with place.busy(APP):
            line = place.shown()
            assert (line.state, line.activity) == (AppState.DEPLOYING, "deploy")
            assert place.releases()
        assert place.shown().activity is None

    def test_it_is_removed_with_a_receipt_once(self, place: Place) -> None:
        gone = AppName("gone")
        place.deploy(name=gone)
        receipt = run(place.desk.remove(gone))
        assert (receipt.app, receipt.left) == (gone, ())
        kinds = {item.kind for item in receipt.removed}
        assert kinds >= {"container", "volume", "network", "keychain item"}
        assert receipt.key_destroyed is not None
        assert receipt.key_destroyed <= receipt.finished
        assert place.line(gone) is None
        again = run(place.desk.remove(gone))
        assert (again.removed, again.left, again.key_destroyed) == ((), (), None)
