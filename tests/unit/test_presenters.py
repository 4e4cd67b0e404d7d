"""What the window says: every state, size, error and refusal in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from holdfast.domain.app import AppState, Commit
from holdfast.domain.errors import DeployFailed
from holdfast.domain.names import AppName, HostName
from holdfast.domain.node import AppSummary, Item, NodeState, Removal, Snapshot, VolumeFacts
from holdfast.domain.operation import Line, Operation, Outcome, Step
from holdfast.domain.requests import Check, Promise, RepositoryFacts, Verification
from holdfast.presenters import certificate, new_app, quantities, removal, states
from holdfast.presenters.activity import PHASE_LOOKS, Phase, Record, strip_text
from holdfast.presenters.app_page import Knowledge, cards, facts
from holdfast.presenters.apps_page import app_row
from holdfast.presenters.logs import Level, LogBook, level_of
from holdfast.presenters.node_panel import node_line, troubled
from holdfast.presenters.notices import STOPPED, notice_above
from holdfast.presenters.problem import explain, mask
from holdfast.presenters.usage import UsageHistory
from holdfast.presenters.verbs import WORDS, Verb, commands, matching, verbs_for

NOW = datetime(2026, 11, 24, 14, 2, tzinfo=UTC)
COMMIT = Commit(id="a41f9c2" + "0" * 33, message="Fix totals", author="Ada", created=NOW)


def app(state: AppState = AppState.RUNNING, name: str = "sales-board") -> AppSummary:
    live = state is AppState.RUNNING
    return AppSummary(
        name=AppName(name),
        state=state,
        host_name=HostName(f"{name}.localhost"),
        url=f"https://{name}.localhost:8443/",
        address=None,
        release="r1",
        commit=COMMIT,
        memory_bytes=312 << 20 if live else None,
        memory_limit=1 << 30,
        cpu_percent=3.4 if live else None,
        restarts=0,
        started=NOW - timedelta(hours=2) if live else None,
    )


def repository(**changes: object) -> RepositoryFacts:
    found = {
        "address": "https://git.example.lan/team/sales",
        "branches": ("main",),
        "default_branch": "main",
        "commit": COMMIT,
        "entrypoints": (("app.py", "streamlit"), ("two.py", "dash")),
        "dependency_file": "requirements.txt",
        "dependency_reason": "Found in the root.",
        "python": "3.13",
        "python_requirement": None,
        "debian_packages": (),
        "proposed_name": AppName("sales"),
        "proposed_host_name": HostName("sales.localhost"),
    }
    return RepositoryFacts(**{**found, **changes})  # type: ignore[arg-type]


FORM = new_app.Form("x", "main", "app.py", "3.13", "sales", "sales.localhost")


# states


def test_every_state_has_a_look_and_no_two_tones_share_a_shape() -> None:
    assert set(states.APP_LOOKS) == set(AppState)
    assert set(states.NODE_LOOKS) == set(NodeState)
    assert set(PHASE_LOOKS) == set(Phase)
    shapes: dict[states.Shape, set[states.Tone]] = {}
    for look in states.APP_LOOKS.values():
        shapes.setdefault(look.shape, set()).add(look.tone)
    assert all(len(tones) == 1 for tones in shapes.values())


@pytest.mark.parametrize("state", AppState)
def test_every_state_admits_removal_and_only_verbs_with_words(state: AppState) -> None:
    allowed = verbs_for(app(state))
    assert allowed[-1] is Verb.REMOVE
    assert set(allowed) <= set(WORDS)
    assert len(set(allowed)) == len(allowed)


def test_what_cannot_be_done_is_not_offered() -> None:
    assert Verb.STOP not in verbs_for(app(AppState.STOPPED))
    assert Verb.OPEN not in verbs_for(app(AppState.CRASHED))
    assert verbs_for(app(AppState.DEPLOYING)) == (Verb.REMOVE,)


# quantities


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(3, "moments"), (61, "1 min"), (7_200, "2 h"), (90_000, "1 d"), (32_000_000, "1 y")],
)
def test_spans(seconds: float, text: str) -> None:
    assert quantities.span(seconds) == text


def test_numbers_have_units() -> None:
    assert quantities.size(312 << 20) == "312 MiB"
    assert quantities.size(1) == "1 byte"
    assert quantities.size(None) == "–"
    assert quantities.share(312 << 20, 1 << 30) == "312 of 1024 MiB"
    assert quantities.stopwatch(0.31) == "0.3 s"
    assert quantities.stopwatch(125) == "2 min 05 s"
    assert quantities.count(1, "app") == "1 app"
    assert quantities.ago(NOW - timedelta(seconds=2), NOW) == "just now"


# the list of apps


def test_a_row_says_everything_once() -> None:
    row = app_row(app(), NOW, step="Resolve dependencies")
    assert row.spoken == (
        "sales-board, sales-board.localhost, Running, Resolve dependencies, Fix totals, "
        "a41f9c2 · just now, 3 %, 312 of 1024 MiB, 2 h"
    )
    assert "fix totals" in row.search


def test_the_sidebar_counts_apps_and_trouble() -> None:
    snapshot = Snapshot(
        NodeState.UNSEALED, (app(), app(AppState.CRASHED, "b"), app(AppState.FAILED, "c")), None
    )
    assert node_line(snapshot, None) == "Unsealed · 3 apps"
    assert troubled(snapshot) == 2


def test_a_sealed_node_says_so_only_while_it_has_apps() -> None:
    with_apps = notice_above(Snapshot(NodeState.SEALED, (app(),), None), None)
    assert with_apps is not None
    assert with_apps.action == "Unseal"
    assert notice_above(Snapshot(NodeState.SEALED, (), None), None) is None


# errors


def test_an_error_is_told_in_three_sentences_without_credentials() -> None:
    problem = explain(
        DeployFailed("It failed.", "git said https://ada:hunter2@git.lan refused.", "Retry.")
    )
    assert (problem.what, problem.next) == ("It failed.", "Retry.")
    assert "hunter2" not in problem.why + problem.details


def test_an_unknown_error_is_not_shown_as_a_traceback() -> None:
    problem = explain(ValueError("token=abc123"))
    assert "Traceback" not in problem.what + problem.why + problem.next
    assert "abc123" not in problem.why + problem.details


@pytest.mark.parametrize(
    "text",
    ["password: hunter2", "API_KEY='hunter2'", "ssh://git:hunter2@host/x", "ghp_hunter2hunter2"],
)
def test_what_looks_like_a_credential_is_masked(text: str) -> None:
    assert "hunter2" not in mask(text)


# New app


def test_deploy_says_why_it_waits() -> None:
    fine = new_app.check(FORM, frozenset(), frozenset())
    assert new_app.why_not("x", repository(), fine, connected=True) == ""
    assert "does not answer" in new_app.why_not("x", repository(), fine, connected=False)
    assert new_app.why_not("", None, fine, connected=True) == "Name a repository first."


def test_names_and_addresses_in_use_are_refused() -> None:
    errors = new_app.check(FORM, frozenset({"sales"}), frozenset({"sales.localhost"}))
    assert errors.name.startswith("sales is in use")
    assert errors.host_name == "sales.localhost leads to another app."
    assert new_app.check(new_app.Form("x"), frozenset(), frozenset()).name == "This is needed."


def test_only_what_differs_is_asked_for() -> None:
    asked = new_app.request(FORM, repository())
    assert (asked.python, asked.command) == (None, None)
    assert (asked.memory_bytes, asked.cpus) == (1 << 30, 1.0)
    older = new_app.Form("x", "main", "app.py", "3.12", "sales", "sales.localhost")
    assert new_app.request(older, repository()).python == "3.12"


def test_what_will_happen_speaks_of_what_was_found() -> None:
    told = new_app.what_will_happen(FORM, repository(debian_packages=("gdal-bin",)))
    headlines = [headline for headline, _ in told]
    assert "Install requirements.txt and 1 Debian package" in headlines
    assert headlines[-1] == "Serve https://sales.localhost:8443/"


def test_entrypoints_are_explained() -> None:
    assert new_app.entrypoint_note(repository(), "app.py") == (
        "Found: streamlit; 1 other candidate."
    )
    assert new_app.entrypoint_note(repository(), "mine.py") == ""


# an app's page


def verification(held: bool) -> Verification:
    checks = (
        Check(Promise.ISOLATION, "no capabilities", True, "CapEff 0"),
        Check(Promise.ISOLATION, "read-only root", held, "ReadonlyRootfs"),
    )
    return Verification(AppName("sales-board"), checks, NOW)


def test_a_card_claims_only_what_was_checked() -> None:
    drawn = cards(app(), Knowledge(verification=verification(held=True)), NOW)
    assert drawn[0].sentence == "No capabilities, read-only root."
    assert drawn[0].look is states.KEPT
    assert drawn[0].evidence == (
        ("No capabilities", "CapEff 0"),
        ("Read-only root", "ReadonlyRootfs"),
    )
    assert all(card.look is states.UNKNOWN for card in drawn[1:])


def test_what_was_checked_before_a_deploy_is_not_said_to_be_gone() -> None:
    card = cards(app(AppState.DEPLOYING), Knowledge(), NOW)[0]
    assert card.sentence == "It is checked when the deploy has ended."
    kept = cards(app(AppState.DEPLOYING), Knowledge(verification=verification(held=True)), NOW)[0]
    assert kept.look is states.KEPT


def test_one_broken_check_breaks_the_card() -> None:
    card = cards(app(), Knowledge(verification=verification(held=False)), NOW)[0]
    assert card.look is states.BROKEN
    assert card.sentence.startswith("Not so: read-only root. Found: ReadonlyRootfs.")


def test_a_sealed_volume_is_told_at_rest() -> None:
    sealed = VolumeFacts(AppName("sales-board"), "AES-256-GCM", True, 412 << 20, ())
    card = cards(app(AppState.SEALED), Knowledge(volume=sealed), NOW)[1]
    assert card.look.word == "Sealed"
    assert card.sentence.startswith("AES-256-GCM, 412 MiB of ciphertext. Nothing can read it")


def test_facts_that_are_not_known_are_left_out() -> None:
    labels = [label for label, _, _ in facts(app(), Knowledge(), NOW)]
    assert "Python" not in labels
    assert labels == ["Release", "Up for", "Restarts"]


def test_the_address_of_a_new_app_is_the_one_that_visitors_open() -> None:
    assert new_app.visitors_address("a.localhost", None) == "https://a.localhost:8443/"
    assert new_app.visitors_address("a.localhost", "127.0.0.1:8450") == "https://a.localhost:8450/"
    assert new_app.visitors_address("a.example.lan", "10.0.0.2:443") == "https://a.example.lan/"


def test_a_stopped_node_says_that_its_list_is_an_old_one() -> None:
    problem = explain(DeployFailed("No."))
    before = notice_above(Snapshot(NodeState.UNSEALED, (app(),), None), problem, stopped=True)
    assert before is not None
    assert before.text.endswith("The list below is as it was last seen.")
    assert notice_above(None, problem, stopped=True) == STOPPED


# certificates and usage


@pytest.mark.parametrize(
    ("left", "words", "look", "sentence"),
    [
        (timedelta(days=61, hours=3), "61 d", "Certificate", "61 days left of its certificate."),
        (timedelta(days=400), "400 d", "Certificate", "400 days left"),
        (timedelta(days=13, hours=23), "13 d", "Certificate ends soon", "Only 13 days left"),
        (timedelta(hours=5), "5 h", "Certificate ends soon", "Only 0 days left"),
        (timedelta(0), "expired", "Certificate expired", "Its certificate has expired"),
    ],
)
def test_how_long_a_certificate_lasts(
    left: timedelta, words: str, look: str, sentence: str
) -> None:
    assert certificate.time_left(NOW + left, NOW) == words
    assert certificate.certificate_look(NOW + left, NOW).word == look
    assert certificate.lasts_sentence(NOW + left, NOW).startswith(sentence)


def test_a_lock_is_told_aloud() -> None:
    aloud = [certificate.time_left_aloud(NOW + timedelta(days=d), NOW) for d in (61, -1)]
    assert aloud == ["Certificate: 61 d left", "Certificate: expired"]


def test_an_address_has_the_lock_of_its_certificate() -> None:
    cell = app_row(replace(app(), certificate_ends=NOW + timedelta(days=61)), NOW).cells[0]
    assert cell.detail == "61 d · sales-board.localhost"
    assert cell.detail_look is certificate.LASTS
    plain = app_row(app(), NOW).cells[0]
    assert (plain.detail, plain.detail_look) == ("sales-board.localhost", None)


def test_a_certificate_that_ends_soon_is_told_in_transit() -> None:
    kept = Verification(AppName("sales-board"), (Check(Promise.IN_TRANSIT, "TLS", True, "x"),), NOW)
    soon = replace(app(), certificate_ends=NOW + timedelta(days=3))
    card = cards(soon, Knowledge(verification=kept), NOW)[2]
    assert (card.look.word, card.sentence[:19]) == ("Ends soon", "TLS. Only 3 days le")


def seen(*apps: AppSummary) -> Snapshot:
    return Snapshot(NodeState.UNSEALED, apps, None)


def test_usage_is_what_was_seen_and_nothing_else() -> None:
    history = UsageHistory()
    busy = replace(app(), cpu_percent=50.0)
    assert history.cpu(busy, NOW) == ()
    history.add(seen(replace(busy, cpu_percent=None)), NOW - timedelta(minutes=3))
    assert history.cpu(busy, NOW) == ()
    history.add(seen(replace(busy, cpu_percent=25.0)), NOW - timedelta(minutes=1))
    history.add(seen(busy), NOW)
    line = history.cpu(busy, NOW)
    assert (line[-1], line[-7], len(line)) == (1.0, 0.5, 30)
    assert [share for share in line if share is not None] == [0.5, 1.0]
    assert history.memory(busy, NOW)[-1] == 312 / 1024
    assert history.cpu(busy, NOW + timedelta(minutes=6)) == ()


def test_an_idle_app_is_drawn_low_and_one_that_went_is_forgotten() -> None:
    history = UsageHistory()
    idle = replace(app(), cpu_percent=1.0)
    history.add(seen(idle), NOW)
    assert history.cpu(idle, NOW)[-1] == 0.1
    history.add(seen(), NOW)
    assert history.cpu(idle, NOW) == ()


# operations


def record() -> Record:
    made = Record(Operation("Deploy sales", "sales", lambda cancel: iter(())), 0.0)  # type: ignore[arg-type,return-value]
    made.begin(10.0)
    made.add([(10.0, Step("Fetch")), (10.4, Line("token: abc")), (12.0, Step("Resolve"))])
    return made


def test_steps_have_times_and_the_last_one_the_state() -> None:
    made = record()
    lines = made.step_lines(15.0)
    assert [(line.title, line.time) for line in lines] == [("Fetch", "2.0 s"), ("Resolve", "3.0 s")]
    assert [line.look.word for line in lines] == ["Done", "Running"]
    assert strip_text([made], 15.0)[1] == "Deploy sales · Resolve · 5.0 s"


def test_a_failure_keeps_its_details_masked() -> None:
    made = record()
    made.finish(14.0, Outcome(error=DeployFailed("No.", "Because.", "Retry.")))
    assert made.phase is Phase.FAILED
    assert made.step_lines(99.0)[-1].time == "2.0 s"
    assert "Because." in made.details()
    assert "abc" not in made.details()


def test_a_cancel_after_the_end_changes_nothing() -> None:
    made = record()
    made.finish(14.0, Outcome(result=1))
    made.cancelling()
    assert made.phase is Phase.DONE


# removal


def test_a_receipt_counts_what_went_and_what_is_left() -> None:
    gone = (Item("container", "a"), Item("container", "b"), Item("network", "n"))
    clean = Removal(AppName("sales"), gone, (), NOW)
    assert removal.receipt_sentence(clean) == (
        f"Removed 2 containers, 1 network. A second search at {quantities.clock(NOW)} found 0 left."
    )
    assert removal.key_sentence(clean) == ""
    dirty = Removal(AppName("sales"), gone, (Item("volume", "v"),), NOW)
    assert removal.receipt_title(dirty) == "sales is partly removed"
    assert removal.receipt_look(dirty).word == "1 left"
    assert removal.receipt_rows(dirty)[0].cells[1].text == "v"
    assert "left: volume v" in removal.receipt_text(dirty)


def test_a_receipt_says_when_the_key_was_destroyed() -> None:
    destroyed = NOW - timedelta(minutes=1)
    shredded = Removal(AppName("sales"), (), (), NOW, destroyed)
    at = quantities.clock(destroyed)
    assert removal.key_sentence(shredded).startswith(f"Key destroyed at {at}:")
    saved = removal.receipt_text(shredded)
    assert f"Volume key destroyed: {quantities.exact(destroyed)}" in saved
    assert f"Searched again: {quantities.exact(NOW)}" in saved


def test_a_second_removal_found_nothing() -> None:
    nothing = Removal(AppName("sales"), (), (), NOW)
    assert removal.receipt_sentence(nothing).startswith("There was nothing to remove.")


def test_only_the_whole_name_confirms() -> None:
    assert removal.typed_right("sales", " sales ")
    assert not removal.typed_right("sales", "sale")


# logs and palette


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("2026 ERROR x", Level.ERROR),
        ("Traceback (most recent call last):", Level.ERROR),
        ("KeyError: 'x'", Level.ERROR),
        ("WARNING: late", Level.WARNING),
        ("app.py:3: UserWarning: old", Level.WARNING),
        ("DEBUG tick", Level.DEBUG),
        ("an error of mine is no level", Level.INFO),
    ],
)
def test_levels(text: str, level: Level) -> None:
    assert level_of(text) == level


@pytest.mark.parametrize("stamp", ["", "2026-11-24T10:00:00.000Z err "])
def test_an_indented_line_has_the_level_of_the_one_before_it(stamp: str) -> None:
    assert level_of(f"{stamp}  in line 3", Level.ERROR) == Level.ERROR
    assert level_of(f"{stamp}  in line 3") == Level.INFO
    assert level_of(f"{stamp}done", Level.ERROR) == Level.INFO


def test_the_filter_applies_to_lines_that_come_later() -> None:
    book = LogBook()
    book.add(["INFO a", "ERROR b"])
    assert [line.text for line in book.filter("", Level.ERROR)] == ["ERROR b"]
    assert [line.text for line in book.add(["INFO c", "ERROR d", "  in d"])] == [
        "ERROR d",
        "  in d",
    ]
    assert book.text() == "INFO a\nERROR b\nINFO c\nERROR d\n  in d\n"


def test_the_palette_finds_words_in_any_order() -> None:
    found = commands(Snapshot(NodeState.UNSEALED, (app(),), None))
    titles = [command.title for command in matching(found, "board stop")]
    assert titles == ["Stop sales-board"]
    assert len({command.title for command in found}) == len(found)
