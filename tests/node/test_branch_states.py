"""What becomes of a branch, its repository and its server, over https on a real engine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from lan import Lan, serving_git
from shifted_clock import ShiftedClock
from world import Repository, World, plain_app

from holdfast.domain.app import Commit
from holdfast.domain.errors import RepositoryError
from holdfast.domain.following import BranchLook, BranchState, Lineage
from holdfast.domain.names import AppName
from holdfast.domain.operation import Operation
from holdfast.domain.requests import DeployRequest
from holdfast.node.branch_look import look_at
from holdfast.node.node import Node
from holdfast.operations.deploy import deploy_app
from holdfast.operations.follow import check_branch, follow_app, read_branch
from holdfast.operations.keep_following import KeepFollowing
from holdfast.operations.roll_back import roll_back_app
from holdfast.operations.update import update_app

pytestmark = [pytest.mark.node, pytest.mark.timeout(300)]

TILL = AppName("till")
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Place:
    """node: it trusts the server."""

    world: World
    node: Node
    lan: Lan

    def look(self) -> BranchLook:
        return self.world.run(check_branch(self.node, TILL)).look


@pytest.fixture(scope="module")
def place(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with serving_git(tmp_path_factory.mktemp("lan")) as lan:
        trusted = world.node.certificates + lan.certificate
        yield Place(world, replace(world.node, certificates=trusted), lan)


def lineage(place: Place, repository: Repository, commit: str, created: datetime) -> Lineage:
    """How what the repository is at stands to a commit."""
    with look_at(place.node, place.lan.url(repository.folder.name)) as looker:
        wanted = looker.branches().wanted("main")
        return looker.lineage(wanted, Commit(id=commit, message="", author="", created=created))


@pytest.mark.parametrize("commits_alone", [False, True])
def test_a_push_by_force_is_told_from_one_that_builds_on(place: Place, commits_alone: bool) -> None:
    repository = Repository(place.lan.folder / f"history-{commits_alone}")
    first, now = repository.commit({"a": "1"}), datetime.now(UTC)
    if commits_alone:
        repository.give_commits_alone()
    served = repository.commit({"a": "2"})
    ahead = repository.commit({"a": "3"})
    assert lineage(place, repository, served, now) is Lineage.FOLLOWS
    # whatever a clock says of when it was made
    assert lineage(place, repository, served, now + 9 * DAY) is Lineage.FOLLOWS
    repository.set_back(first)
    assert lineage(place, repository, served, now) is Lineage.REWRITTEN
    repository.commit({"b": "1"})
    assert lineage(place, repository, served, now) is Lineage.REWRITTEN
    repository.set_back(ahead)
    assert lineage(place, repository, served, now) is Lineage.FOLLOWS


def test_more_than_is_taken_of_a_history_is_told(place: Place) -> None:
    repository = Repository(place.lan.folder / "heavy")
    served, now = repository.commit({"a": "1"}), datetime.now(UTC)
    # a server that sends more than commits, and what does not compress
    (repository.folder / "big").write_bytes(os.urandom(40 << 20))
    repository.commit({"a": "2"})
    assert lineage(place, repository, served, now) is Lineage.UNTOLD
    repository.give_commits_alone()
    assert lineage(place, repository, served, now) is Lineage.FOLLOWS


def test_what_becomes_of_a_branch_is_told(place: Place) -> None:
    world, node = place.world, place.node
    repository = Repository(place.lan.folder / "till")
    first = repository.commit(plain_app("'one'"))
    request = DeployRequest(place.lan.url("till"), TILL)
    assert world.run(deploy_app(node, request)).release.commit.id == first
    try:
        second = repository.commit(plain_app("'two'"))
        assert (place.look().state, place.look().lineage) == (BranchState.NEWER, Lineage.FOLLOWS)
        world.run(update_app(node, TILL))
        assert place.look().state is BranchState.CURRENT
        repository.set_back(first)
        assert (place.look().state, place.look().head) == (BranchState.SET_BACK, first)
        forced = repository.commit(plain_app("'other'"))
        found = place.look()
        assert (found.state, found.head) == (BranchState.FORCED, forced)
        assert world.run(read_branch(node, TILL)).look == found
        repository.set_back(second)
        world.run(roll_back_app(node, TILL, None))
        found = place.look()
        assert (found.state, found.head) == (BranchState.ROLLED_BACK, second)

        with place.lan.down():
            duty = KeepFollowing(node)
            down = place.look()
            assert (down.state, down.since) == (BranchState.UNREACHABLE, down.checked)
            world.run(Operation("Keep", "keep", duty.steps))
            assert world.run(read_branch(node, TILL)).look == down
            later = replace(node, clock=ShiftedClock(timedelta(minutes=40)))
            world.run(Operation("Keep", "keep", KeepFollowing(later).steps))
            again = world.run(read_branch(node, TILL)).look
            assert (again.since, again.again) == (
                down.since,
                again.checked and again.checked + timedelta(minutes=30),
            )
        # what a clock that is ahead wrote down holds nobody up
        world.run(Operation("Keep", "keep", KeepFollowing(node).steps))
        assert world.run(read_branch(node, TILL)).look.state is BranchState.ROLLED_BACK

        repository.rename_branch("trunk")
        gone = place.look()
        assert (gone.state, gone.instead) == (BranchState.GONE, "trunk")
        assert "trunk is at" in gone.told
        followed = world.run(follow_app(node, TILL, None, gone.instead))
        assert followed.look.state is BranchState.ROLLED_BACK
    finally:
        world.remove(TILL)


@pytest.mark.parametrize(
    ("begins", "ends", "what"),
    [(-2 * DAY, -DAY, "has expired"), (DAY, 2 * DAY, "is not valid yet")],
)
def test_a_certificate_out_of_its_time_is_told_beside_the_clocks(
    place: Place, begins: timedelta, ends: timedelta, what: str
) -> None:
    Repository(place.lan.folder / "dated").commit({"a": "1"})
    before = place.lan.keys.read_bytes()
    node = replace(place.node, certificates=place.lan.certify(begins, ends))
    try:
        told = _refused(node, place)
        assert told.what.endswith(f"{what}.")
        assert "the node's clock is at" in told.why
        assert "By this machine's clock" not in told.next
        # as where the node's clock is wrong
        there = replace(node, clock=ShiftedClock((begins + ends) / 2))
        assert "By this machine's clock it is valid: set the node's" in _refused(there, place).next
    finally:
        place.lan.keys.write_bytes(before)


def _refused(node: Node, place: Place) -> RepositoryError:
    silent = look_at(node, place.lan.url("dated"))
    with silent as looker, pytest.raises(RepositoryError) as told:
        looker.branches()
    return told.value
