"""What a look at the repository says of an app's branch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sample
from world import Repository

from holdfast.adapters.local_repository import LocalRepositories
from holdfast.domain.app import AppConfiguration, Following, FollowMode, Release, ReleaseKind
from holdfast.domain.branch_state import asked_lineage, judge, unreachable
from holdfast.domain.branches import Branches, moved_to
from holdfast.domain.connection import ServerBusy
from holdfast.domain.errors import RepositoryError
from holdfast.domain.following import (
    NEVER_LOOKED,
    BranchLook,
    BranchState,
    Followed,
    Lineage,
    RepositoryLook,
)
from holdfast.domain.names import AppName
from holdfast.domain.stored import from_json, to_json
from holdfast.presenters.following import away_words, branch_words, instead_word, push_notice

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
RELEASES = sample.releases(AppName("board"))
SERVING, BEFORE = RELEASES[:2]
HEAD = SERVING.commit.id
NEW = "f" * 40
DOWN = RepositoryError("git.example.lan does not answer.", "It timed out.", "Try later.")
MINUTE = timedelta(minutes=1)


def configured(serving: Release = SERVING, **follow: Any) -> AppConfiguration:
    source = replace(serving.configuration.source, branch="main", default_branch="main")
    follows = Following(**follow)
    name = AppName("board")
    configuration = replace(serving.configuration, name=name, source=source, follow=follows)
    return replace(configuration, release=serving.id)


def look(
    heads: Mapping[str, str],
    default: str = "main",
    moved: str | None = None,
    *,
    lineage: Lineage | None = Lineage.FOLLOWS,
    last: BranchLook = NEVER_LOOKED,
    serving: Release = SERVING,
    **follow: Any,
) -> BranchLook:
    branches = Branches(default, heads, moved)
    releases = [serving if each.id == serving.id else each for each in RELEASES]
    return judge(configured(serving, **follow), releases, branches, NOW, lineage, last)


def test_the_newest_commit_serves() -> None:
    found = look({"main": HEAD})
    assert (found.state, found.told, found.checked) == (BranchState.CURRENT, "", NOW)


def test_a_push_is_newer() -> None:
    found = look({"main": NEW})
    assert (found.state, found.head) == (BranchState.NEWER, NEW)
    assert found.told == "main has a newer commit, fffffff."


def test_a_push_by_force_is_told_apart() -> None:
    found = look({"main": NEW}, lineage=Lineage.REWRITTEN)
    assert (found.state, found.head) == (BranchState.FORCED, NEW)
    assert f"fffffff, does not build on {HEAD[:7]}, which serves" in found.told
    assert "holdfast app update board" in found.next
    assert "holdfast app pin board" in found.next


def test_a_history_that_is_cut_off_is_told_and_nothing_is_claimed() -> None:
    found = look({"main": NEW}, lineage=Lineage.UNTOLD)
    assert found.state is BranchState.NEWER
    assert "cannot be told" in found.told


def test_a_commit_is_asked_about_once() -> None:
    branches = Branches("main", {"main": NEW})
    assert asked_lineage(configured(), RELEASES, branches, NEVER_LOOKED) is SERVING
    found = look({"main": NEW}, lineage=Lineage.REWRITTEN)
    assert asked_lineage(configured(), RELEASES, branches, found) is None
    again = look({"main": NEW}, lineage=found.lineage, last=found)
    assert (again.state, again.lineage) == (BranchState.FORCED, Lineage.REWRITTEN)
    # nor after the server was away for a while
    away = unreachable(configured(), DOWN, NOW, found)
    assert asked_lineage(configured(), RELEASES, branches, away) is None
    assert asked_lineage(configured(BEFORE), RELEASES, branches, found) is BEFORE
    for other in ({"main": HEAD}, {"trunk": NEW}):
        at = Branches("main", other)
        assert asked_lineage(configured(), RELEASES, at, NEVER_LOOKED) is None


def test_a_push_that_failed_is_not_newer() -> None:
    assert look({"main": NEW}, failed=NEW).state is BranchState.FAILED


def test_a_branch_that_was_set_back_is_told() -> None:
    found = look({"main": BEFORE.commit.id}, lineage=Lineage.REWRITTEN)
    assert found.state is BranchState.SET_BACK
    assert found.told.endswith("which served before: it was set back by force.")


@pytest.mark.parametrize(
    ("lineage", "kind"),
    [
        (Lineage.FOLLOWS, ReleaseKind.ROLL_BACK),
        # as after a pin that was given up
        (Lineage.FOLLOWS, ReleaseKind.REDEPLOY),
        (Lineage.UNTOLD, ReleaseKind.ROLL_BACK),
    ],
)
def test_a_roll_back_of_ours_is_not_taken_for_it(lineage: Lineage, kind: ReleaseKind) -> None:
    back = replace(BEFORE, kind=kind)
    found = look({"main": HEAD}, lineage=lineage, serving=back)
    assert found.state is BranchState.ROLLED_BACK
    assert f"before this app went back to {BEFORE.commit.id[:7]}" in found.told


def test_a_branch_that_was_set_back_after_a_roll_back_is_told() -> None:
    back = replace(BEFORE, kind=ReleaseKind.ROLL_BACK)
    older = RELEASES[2].commit.id
    found = look({"main": older}, lineage=Lineage.REWRITTEN, serving=back)
    assert found.state is BranchState.SET_BACK


def test_which_of_the_two_it_was_is_left_open_where_it_cannot_be_told() -> None:
    found = look({"main": BEFORE.commit.id}, lineage=Lineage.UNTOLD)
    assert (found.state, found.told.endswith("it was set back, or this app was.")) == (
        BranchState.SET_BACK,
        True,
    )


def test_another_branch_may_be_followed() -> None:
    found = look({"main": HEAD, "next": NEW}, branch="next")
    assert (found.state, found.branch) == (BranchState.NEWER, "next")


@pytest.mark.parametrize(
    ("heads", "told", "instead"),
    [
        ({"trunk": HEAD, "x": NEW}, "trunk is at", "trunk"),
        ({"trunk": HEAD, "x": NEW, "y": "e" * 40}, "y is at eeeeeee, where it was", "y"),
        ({"trunk": NEW}, "deleted, or renamed and pushed to", "trunk"),
    ],
)
def test_a_branch_that_is_gone_or_renamed_is_told(
    heads: dict[str, str], told: str, instead: str
) -> None:
    last = BranchLook(BranchState.NEWER, "main", head="e" * 40)
    found = look(heads, default="trunk", last=last)
    assert (found.state, found.instead, found.head) == (BranchState.GONE, instead, last.head)
    assert told in found.told
    assert f"--branch {instead}" in found.next
    assert branch_words(follow(found), NOW).instead == instead


def test_what_a_repository_names_is_quoted_in_commands() -> None:
    hostile = "a;touch${IFS}/tmp/p"
    gone = look({hostile: HEAD}, default=hostile)
    assert gone.next.endswith(f"--branch '{hostile}'")
    other = look({"main": HEAD, hostile: HEAD}, default=hostile)
    assert f"--branch '{hostile}'" in other.aside
    moved = look({"main": HEAD}, moved=f"https://git.example.lan/{hostile}")
    assert f"deploy 'https://git.example.lan/{hostile}' --name" in moved.aside


def test_a_long_name_leaves_room_beside_its_button() -> None:
    assert instead_word("trunk") == "Follow trunk"
    assert instead_word("feature/a-name-that-is-long") == "Follow feature/a-name-that-…"


def test_a_changed_default_branch_is_told() -> None:
    found = look({"main": HEAD, "trunk": HEAD}, default="trunk")
    assert (found.state, found.instead) == (BranchState.CURRENT, "trunk")
    assert "own branch is trunk now" in found.aside
    newer = look({"main": NEW, "trunk": HEAD}, default="trunk")
    assert (newer.state, newer.aside) == (BranchState.NEWER, found.aside)


def test_a_repository_that_moved_is_told() -> None:
    for head in (HEAD, NEW):
        found = look({"main": head}, moved="https://git.example.lan/new/board")
        assert "has moved to https://git.example.lan/new/board" in found.aside
        assert "--replace" in found.aside


@pytest.mark.parametrize(
    ("answered", "moved"),
    [
        ("https://git.example.lan/board.git/", None),
        ("https://git.example.lan/board/", None),
        ("https://git.example.lan/new/board/", "https://git.example.lan/new/board"),
    ],
)
def test_an_address_that_is_written_otherwise_is_no_other(answered: str, moved: str | None) -> None:
    assert moved_to("https://git.example.lan/board", answered) == moved


def test_a_commit_that_is_dated_ahead_is_told() -> None:
    ahead = replace(SERVING, commit=replace(SERVING.commit, created=NOW + timedelta(days=2)))
    found = look({"main": HEAD}, serving=ahead)
    assert found.state is BranchState.CURRENT
    assert "dated 22 November 2026" in found.aside


def follow(found: BranchLook, mode: FollowMode = FollowMode.TELL) -> Followed:
    return Followed(AppName("board"), mode, "main", "https://git.example.lan/board", HEAD, found)


def test_a_server_that_is_down_is_told() -> None:
    found = unreachable(configured(), DOWN, NOW)
    assert (found.state, found.next) == (BranchState.UNREACHABLE, "Try later.")
    assert found.told == "git.example.lan does not answer. It timed out."
    assert (found.since, found.again) == (NOW, NOW + MINUTE)


def test_a_server_that_is_down_for_long_is_asked_less_and_less() -> None:
    found = unreachable(configured(), DOWN, NOW, look({"main": HEAD}))
    pauses = []
    for _ in range(7):
        assert found.again is not None and found.checked is not None
        pauses.append((found.again - found.checked) / MINUTE)
        found = unreachable(configured(), DOWN, found.again, found)
    assert (pauses, found.since, found.head) == ([1, 1, 2, 4, 8, 16, 30], NOW, HEAD)
    assert look({"main": HEAD}, last=found).since is None


def test_since_when_and_the_next_try_are_said() -> None:
    first = unreachable(configured(), DOWN, NOW)
    later = unreachable(configured(), DOWN, NOW + 7 * MINUTE, first)
    since, again = (f"{each.astimezone():%H:%M}" for each in (NOW, NOW + 14 * MINUTE))
    away = f"It has not been readable since {since}."
    told = branch_words(follow(later), NOW + 7 * MINUTE).told.splitlines()
    assert told == [later.told, f"{away} The next try is at {again}.", later.next]
    assert away_words(follow(later, FollowMode.OFF), NOW + 7 * MINUTE) == away
    assert "since 20 November, " in away_words(follow(later), NOW + timedelta(days=1))
    assert away_words(follow(look({"main": HEAD}, last=later)), NOW) == ""


@pytest.mark.parametrize(
    ("passed", "due"),
    [
        (timedelta(seconds=5), False),
        (timedelta(seconds=-5), False),
        (timedelta(seconds=20), True),
        # noted by a desktop whose clock is ahead
        (timedelta(hours=-3), True),
    ],
)
def test_what_was_looked_at_just_now_is_left_alone(passed: timedelta, due: bool) -> None:
    found = look({"main": HEAD})
    assert found.is_due(NOW + passed, timedelta(seconds=15)) is due


def test_a_server_that_is_down_rests_until_its_next_try() -> None:
    found = unreachable(configured(), DOWN, NOW)
    pause = timedelta(seconds=15)
    assert not found.is_due(NOW + MINUTE / 2, pause)
    assert found.is_due(NOW + MINUTE, pause)
    assert NEVER_LOOKED.is_due(NOW, pause)


@pytest.mark.parametrize("apart", [-MINUTE, -MINUTE / 6, MINUTE / 6, MINUTE])
def test_what_was_looked_at_just_now_is_so_by_clocks_that_differ_a_little(
    apart: timedelta,
) -> None:
    last = RepositoryLook("digest", at=NOW, changed=NOW)
    assert last.is_recent(NOW + apart, MINUTE / 2) is (abs(apart) < MINUTE / 2)


def test_what_all_looks_found_alike_has_the_moment_of_the_last() -> None:
    found = look({"main": HEAD})
    board, other = AppName("board"), AppName("other")
    last = RepositoryLook("digest", at=NOW + MINUTE, changed=NOW, apps=(board,))
    assert last.dated(board, found) == replace(found, checked=NOW + MINUTE)
    # one that was not asked about, one that was looked at by itself since, and one never looked at
    assert last.dated(other, found) == found
    since = replace(found, checked=NOW + 2 * MINUTE)
    assert last.dated(board, since) == since
    assert last.dated(board, NEVER_LOOKED) == NEVER_LOOKED


def test_a_push_by_force_is_told_above_the_tabs() -> None:
    notice = push_notice(follow(look({"main": NEW}, lineage=Lineage.REWRITTEN)))
    assert notice is not None
    assert (notice.title, notice.action) == ("The branch was pushed by force", "Update now")


def test_a_folder_tells_whether_its_branch_builds_on_a_commit(tmp_path: Path) -> None:
    repository, folders = Repository(tmp_path / "whole"), LocalRepositories()
    first, second, third = (repository.commit({"a": each}) for each in "123")
    path = str(repository.folder)
    assert folders.follows(path, "main", first)
    repository.set_back(first)
    assert folders.follows(path, "main", third) is False
    assert folders.follows(path, "main", NEW) is False
    repository.set_back(third)
    cut = repository.cut_off(tmp_path / "cut", 2)
    assert folders.follows(str(cut), "main", second)
    assert folders.follows(str(cut), "main", first) is None


def test_a_folder_tells_what_is_not_committed(tmp_path: Path) -> None:
    repository, folders = Repository(tmp_path / "whole"), LocalRepositories()
    repository.commit({"a": "1", "b": "1", ".gitignore": "*.log\n"})
    folder = repository.folder
    assert folders.uncommitted(str(folder)) == 0
    (folder / "a").write_text("2")
    (folder / "b").rename(folder / "ü c")
    (folder / "new").mkdir()
    (folder / "new" / "d").write_text("")
    (folder / "e.log").write_text("")
    # a changed one, a deleted one, and two that are new
    assert folders.uncommitted(str(folder)) == 4
    assert folders.uncommitted(str(folder / ".git")) == 0
    assert folders.uncommitted(str(tmp_path / "nowhere")) == 0


def test_nothing_of_a_folder_of_somebody_else_is_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository, ran = Repository(tmp_path / "theirs"), tmp_path / "ran"
    repository.commit({"a": "1", ".gitattributes": "a filter=theirs\n"})
    config = repository.folder / ".git" / "config"
    config.write_text(config.read_text() + f'[filter "theirs"]\n\tclean = touch {ran}; cat\n')
    (repository.folder / "a").write_text("2")
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    assert LocalRepositories().uncommitted(str(repository.folder)) == 0
    assert not ran.exists()
    monkeypatch.delenv("GIT_TEST_ASSUME_DIFFERENT_OWNER")
    assert LocalRepositories().uncommitted(str(repository.folder)) == 1
    assert ran.exists()


def test_a_server_is_left_alone_for_as_long_as_it_asks() -> None:
    for asked, rest in ((2, 2 * MINUTE), (0, MINUTE), (600, 30 * MINUTE)):
        busy = ServerBusy("git.example asks to be left alone.", "", "", asked * MINUTE)
        found = unreachable(configured(), busy, NOW)
        assert from_json(BranchLook, to_json(found).encode()).again == NOW + rest
    # of another failure it asked for nothing
    later = unreachable(configured(), DOWN, NOW + MINUTE, found)
    assert later.again == NOW + 2 * MINUTE
