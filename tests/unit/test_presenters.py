"""What the window says of a node and its apps: every state, size, promise and error in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from holdfast.domain.app import AppState, Commit
from holdfast.domain.errors import DeployFailed
from holdfast.domain.names import AppName, HostName
from holdfast.domain.node import AppSummary, NodeState, Snapshot, VolumeFacts
from holdfast.domain.requests import Check, Promise, Verification
from holdfast.presenters import certificate, quantities, states
from holdfast.presenters.activity import PHASE_LOOKS, Phase
from holdfast.presenters.app_page import Knowledge, cards, facts
from holdfast.presenters.apps_page import app_row
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


def test_releases_starts_and_restarts_are_marked_where_they_were_seen() -> None:
    history = UsageHistory()
    first = replace(app(), release="r7", restarts=1, started=NOW - timedelta(hours=1))
    begun = replace(first, started=NOW - timedelta(seconds=130))
    crashed = replace(begun, restarts=2, started=NOW - timedelta(seconds=60))
    newer = replace(crashed, release="r8", restarts=0, started=NOW)
    for seconds, then in ((200, first), (190, first), (120, begun), (60, crashed), (0, newer)):
        history.add(seen(then), NOW - timedelta(seconds=seconds))
    marks = history.marks(newer, NOW)
    assert [word for _, word in marks] == ["start", "restart", "release"]
    assert [round(29 * at) for at, _ in marks] == [17, 23, 29]
    # what is past the left end is not drawn
    assert [word for _, word in history.marks(newer, NOW + timedelta(seconds=250))] == ["release"]
    assert history.marks(replace(app(), name=AppName("other")), NOW) == ()


def test_an_idle_app_is_drawn_low_and_one_that_went_is_forgotten() -> None:
    history = UsageHistory()
    idle = replace(app(), cpu_percent=1.0)
    history.add(seen(idle), NOW)
    assert history.cpu(idle, NOW)[-1] == 0.1
    history.add(seen(), NOW)
    assert history.cpu(idle, NOW) == ()


def test_the_palette_finds_words_in_any_order() -> None:
    found = commands(Snapshot(NodeState.UNSEALED, (app(),), None))
    titles = [command.title for command in matching(found, "board stop")]
    assert titles == ["Stop sales-board"]
    assert len({command.title for command in found}) == len(found)
