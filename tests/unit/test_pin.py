"""What an app can be pinned to, and what a look at the repository says of one that is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sample
from world import Repository

from holdfast.adapters.local_repository import LocalRepositories
from holdfast.domain.app import Following
from holdfast.domain.branch_state import judge
from holdfast.domain.branches import Branches, parse_branches
from holdfast.domain.errors import RepositoryError, UsageError
from holdfast.domain.following import BranchLook, BranchState
from holdfast.domain.names import AppName
from holdfast.domain.pin import Pin, choose_pin, parse_pin

NOW = datetime(2026, 11, 20, tzinfo=UTC)
RELEASES = sample.releases(AppName("board"))
SERVING = RELEASES[0]
HEAD, OLDER, NEW = SERVING.commit.id, RELEASES[1].commit.id, "f" * 40
BRANCHES = Branches("main", {"main": HEAD}, tags={"v1": OLDER})


def look(pin: Pin, branches: Branches) -> BranchLook:
    follow = Following(pin=pin)
    configuration = replace(SERVING.configuration, follow=follow, release=SERVING.id)
    return judge(configuration, RELEASES, branches, NOW)


@pytest.mark.parametrize("text", ["", "-x", "a b", "v1..v2", "refs/heads/main", "x.lock", "@{1}"])
def test_what_git_takes_for_no_name_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_pin(text)


@pytest.mark.parametrize(
    ("wanted", "pin"),
    [
        ("v1", Pin(commit=OLDER, tag="v1")),
        (NEW.upper(), Pin(commit=NEW)),
        (HEAD[:8], Pin(commit=HEAD)),
        (OLDER[:10], Pin(commit=OLDER)),
    ],
)
def test_a_tag_or_a_commit_is_chosen(wanted: str, pin: Pin) -> None:
    assert choose_pin(wanted, BRANCHES, [OLDER]) == pin


@pytest.mark.parametrize(
    ("wanted", "what"),
    [
        ("v2", "has no tag “v2”"),
        ("main", "“main” is a branch"),
        ("0000", "is no whole id"),
    ],
)
def test_what_is_neither_is_told(wanted: str, what: str) -> None:
    with pytest.raises(RepositoryError, match=what):
        choose_pin(wanted, BRANCHES)


def test_the_beginning_of_two_commits_is_not_guessed() -> None:
    other = HEAD[:8] + "1" * 32
    with pytest.raises(RepositoryError, match="is no whole id") as told:
        choose_pin(HEAD[:6], BRANCHES, [other])
    assert other in told.value.why


def test_a_tag_that_is_still_there_is_asked_for_by_its_name() -> None:
    assert Pin(commit=OLDER, tag="v1").wanted(BRANCHES).ref == "refs/tags/v1"
    assert Pin(commit=NEW, tag="v1").wanted(BRANCHES).ref == NEW
    assert Pin(commit=NEW).wanted(BRANCHES).ref == NEW


def test_a_push_changes_nothing_and_is_told() -> None:
    found = look(Pin(commit=HEAD), Branches("main", {"main": NEW}))
    assert (found.state, found.head) == (BranchState.PINNED, NEW)
    assert "not made live while the app is pinned" in found.told
    assert "holdfast app unpin" in found.next


@pytest.mark.parametrize(
    ("tags", "state", "told", "then"),
    [
        ({"v1": HEAD}, BranchState.PINNED, "", "app unpin"),
        ({"v1": NEW}, BranchState.TAG_MOVED, "The tag v1 is at fffffff now.", "app pin board v1"),
        ({}, BranchState.TAG_GONE, "The tag v1 is gone.", f"app pin board {HEAD}"),
    ],
)
def test_a_tag_that_moved_or_is_gone_is_told(
    tags: dict[str, str], state: BranchState, told: str, then: str
) -> None:
    found = look(Pin(commit=HEAD, tag="v1"), Branches("main", {"main": HEAD}, tags=tags))
    assert (found.state, found.told[: len(told)]) == (state, told)
    assert then in found.next


def test_a_branch_that_is_gone_does_not_matter_to_an_app_that_is_pinned() -> None:
    assert look(Pin(commit=HEAD), Branches("trunk", {"trunk": NEW})).state is BranchState.PINNED


def test_an_app_that_was_rolled_back_from_its_pin_is_told() -> None:
    found = look(Pin(commit=OLDER), BRANCHES)
    assert "it was rolled back" in found.told
    assert "holdfast app update" in found.next


def test_tags_of_a_folder_lead_to_commits(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "code")
    commit = repository.commit({"app.py": "one"})
    folder = str(repository.folder)
    repository.tag("light")
    repository.tag("heavy", "-a", "-m", "Say so")
    for version in ("v1.9", "v1.10"):
        repository.tag(version)
    found = parse_branches(LocalRepositories().branches(folder))
    assert found.tags == dict.fromkeys(("v1.10", "v1.9", "light", "heavy"), commit)
    assert list(found.tags) == ["v1.10", "v1.9", "light", "heavy"]
    with pytest.raises(RepositoryError, match="does not have the commit"):
        LocalRepositories().pack(folder, NEW)
