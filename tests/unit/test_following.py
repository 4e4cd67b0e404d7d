"""What a look at the repository says of an app's branch."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import sample

from holdfast.domain.app import Following
from holdfast.domain.branches import Branches
from holdfast.domain.errors import RepositoryError
from holdfast.domain.following import BranchLook, BranchState, judge, unreachable
from holdfast.domain.names import AppName

NOW = datetime(2026, 11, 20, tzinfo=UTC)
RELEASES = sample.releases(AppName("board"))
SERVING = RELEASES[0]
HEAD = SERVING.commit.id
NEW = "f" * 40


def look(
    heads: dict[str, str], default: str = "main", moved: str | None = None, **follow: Any
) -> BranchLook:
    source = replace(SERVING.configuration.source, branch="main", default_branch="main")
    configuration = replace(
        SERVING.configuration,
        name=AppName("board"),
        source=source,
        release=SERVING.id,
        follow=Following(**follow),
    )
    return judge(configuration, RELEASES, Branches(default, heads, moved), NOW)


def test_the_newest_commit_serves() -> None:
    found = look({"main": HEAD})
    assert (found.state, found.told, found.checked) == (BranchState.CURRENT, "", NOW)


def test_a_push_is_newer() -> None:
    found = look({"main": NEW})
    assert (found.state, found.head) == (BranchState.NEWER, NEW)


def test_a_push_that_failed_is_not_newer() -> None:
    assert look({"main": NEW}, failed=NEW).state is BranchState.FAILED


def test_a_branch_that_was_set_back_is_told() -> None:
    assert look({"main": RELEASES[1].commit.id}).state is BranchState.SET_BACK


def test_another_branch_may_be_followed() -> None:
    found = look({"main": HEAD, "next": NEW}, branch="next")
    assert (found.state, found.branch) == (BranchState.NEWER, "next")


@pytest.mark.parametrize(
    ("heads", "told", "then"),
    [
        ({"trunk": HEAD, "x": NEW}, "trunk holds the commit", "--branch trunk"),
        ({"trunk": NEW}, "The branch main is gone.", "--branch trunk"),
    ],
)
def test_a_branch_that_is_gone_or_renamed_is_told(
    heads: dict[str, str], told: str, then: str
) -> None:
    found = look(heads, default="trunk")
    assert found.state is BranchState.GONE
    assert told in found.told
    assert then in found.next


def test_a_changed_default_branch_is_told() -> None:
    found = look({"main": HEAD, "trunk": HEAD}, default="trunk")
    assert found.state is BranchState.CURRENT
    assert "own branch is trunk now" in found.told


def test_a_repository_that_moved_is_told() -> None:
    found = look({"main": HEAD}, moved="https://git.example.lan/new/board")
    assert "has moved to https://git.example.lan/new/board" in found.told
    assert "--replace" in found.next


def test_a_server_that_is_down_is_told() -> None:
    error = RepositoryError("git.example.lan does not answer.", "It timed out.", "Try later.")
    found = unreachable(SERVING.configuration, error, NOW)
    assert (found.state, found.next) == (BranchState.UNREACHABLE, "Try later.")
    assert found.told == "git.example.lan does not answer. It timed out."
