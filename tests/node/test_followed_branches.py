"""Followed branches on a real engine: what is looked at, what goes live by itself, and what a pin
holds."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from board import BOARD, Board, deployed_board, files
from lan import ADDRESS, serving_git
from shifted_clock import ShiftedClock, StoppedClock
from waiting import wait_until
from world import Repository, World, plain_app

from holdfast.adapters.local_repository import LocalRepositories
from holdfast.domain import names
from holdfast.domain.app import FollowMode, ReleaseKind
from holdfast.domain.errors import DeployFailed, RepositoryError
from holdfast.domain.following import BranchState, RepositoryLook
from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken, Line, Operation
from holdfast.domain.pin import Pin
from holdfast.domain.requests import DeployRequest, UpdateKind
from holdfast.node.branch_look import look_at
from holdfast.node.last_looks import digest_of, last_looks, note_look
from holdfast.operations.deploy import deploy_app
from holdfast.operations.follow import follow_app, last_look, note
from holdfast.operations.keep_following import KeepFollowing
from holdfast.operations.pin import pin_app, unpin_app
from holdfast.operations.serving_app import open_app
from holdfast.operations.update import update_app

pytestmark = [pytest.mark.node, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def board(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Board]:
    with deployed_board(world, tmp_path_factory.mktemp("board")) as made:
        yield made


def test_a_followed_branch_goes_live_by_itself_and_once(board: Board) -> None:
    world = board.world
    duty = KeepFollowing(world.node)

    def keep(by: KeepFollowing = duty) -> list[str]:
        world.run(world.desk.check_branch(BOARD))
        # what was looked at just now is left alone, so this look is made to be long ago
        app = open_app(world.node, BOARD)
        ago = world.node.clock.now() - timedelta(minutes=5)
        note(app, replace(last_look(app), checked=ago))
        repository = app.configuration.source.repository
        note_look(world.node, RepositoryLook(digest_of(repository), ago, ago))
        return keep_at_once(by)

    def keep_at_once(by: KeepFollowing) -> list[str]:
        by.heed(BOARD)
        world.run(Operation("Keep", "keep", by.steps))
        return [update.text for update in world.updates if isinstance(update, Line)]

    first = board.repository.commit({"parts/figures.py": "TOTAL = 'told'\n"})
    assert keep() == []
    told = world.run(world.desk.branch(BOARD))
    assert (told.look.state, told.look.head, told.mode) == (
        BranchState.NEWER,
        first,
        FollowMode.TELL,
    )
    world.run(world.desk.follow(BOARD, FollowMode.AUTO, None))
    assert keep()[0].startswith(f"board: main has a newer commit, {first[:7]}")
    assert board.shell("cat parts/figures.py") == "TOTAL = 'told'"
    assert world.run(world.desk.releases(BOARD))[0].by == "tests, by itself"
    # another desktop, too, leaves it alone for a while
    just_now = last_looks(world.node)[digest_of(str(board.repository.folder))].at
    other = KeepFollowing(replace(world.node, clock=StoppedClock(just_now)))
    board.repository.commit({"parts/figures.py": "TOTAL = 'told again'\n"})
    assert keep_at_once(other) == []
    assert keep(KeepFollowing(world.node)) != []
    assert board.shell("cat parts/figures.py") == "TOTAL = 'told again'"
    assert keep() == []
    broken = board.repository.commit({"parts/figures.py": "TOTAL = (\n"})
    with pytest.raises(DeployFailed):
        keep()
    assert keep() == []
    found = world.run(world.desk.branch(BOARD)).look
    assert (found.state, found.head) == (BranchState.FAILED, broken)
    # how it is followed is no release's
    world.run(world.desk.roll_back(BOARD, None))
    assert world.run(world.desk.branch(BOARD)).mode is FollowMode.AUTO
    board.repository.rename_branch("trunk")
    gone = world.run(world.desk.check_branch(BOARD)).look
    assert (gone.state, "--branch trunk" in gone.next) == (BranchState.GONE, True)
    assert keep() == []
    board.repository.rename_branch("main")


def test_an_app_to_which_nothing_happens_is_asked_nothing(board: Board) -> None:
    world, clock = board.world, ShiftedClock(timedelta())
    [here, there] = (KeepFollowing(replace(world.node, clock=clock)) for _ in "12")

    mounter = world.api.inspect_container(names.mounter(BOARD))
    _, *check = mounter["Config"]["Healthcheck"]["Test"]

    def asked(by: KeepFollowing) -> int:
        """The commands that a look, a minute later, runs where the app's volume is: all but the
        engine's own, once a minute, by which it knows that the container is well."""
        clock.shift += timedelta(minutes=1)
        since = time.time()
        world.run(Operation("Keep", "keep", by.steps))
        filters = {"event": "exec_create", "container": mounter["Id"]}
        told = world.api.events(since=since, until=time.time(), filters=filters, decode=True)
        commands = [event["Action"].removeprefix("exec_create: ").split() for event in told]
        return len([command for command in commands if command != check])

    def comes_to_rest(by: KeepFollowing) -> bool:
        """Whether it reads the volume once, and no more after the engine told of what was done."""
        reads = asked(by) > 0
        wait_until(lambda: asked(by) == 0, "nothing is asked any more")
        return reads and asked(by) == 0

    def looked() -> datetime | None:
        return world.run(world.desk.branch(BOARD)).look.checked

    world.run(world.desk.follow(BOARD, FollowMode.TELL, None))
    assert comes_to_rest(here)
    # the moment of the last look is told nevertheless, wherever it was made
    assert looked() == last_looks(world.node)[digest_of(str(board.repository.folder))].at
    assert comes_to_rest(there)
    assert asked(here) == 0
    # what one desktop finds is what the other goes on from
    pushed = board.repository.commit({"parts/figures.py": "TOTAL = 'seen'\n"})
    asked(there)
    assert world.run(world.desk.branch(BOARD)).look.head == pushed
    assert comes_to_rest(here)
    assert asked(there) == 0
    found = world.run(world.desk.branch(BOARD)).look
    assert (found.state, found.checked) == (BranchState.NEWER, looked())


class SlowFolder(LocalRepositories):
    """Answers for `folder` after `gate` was opened, or too late."""

    def __init__(self, folder: str) -> None:
        super().__init__()
        self.folder = folder
        self.gate = threading.Event()
        self.in_time = False

    def branches(self, path: str) -> str:
        if path == self.folder:
            self.in_time = self.gate.wait(60)
        return super().branches(path)


def test_a_slow_repository_holds_no_other_up(world: World, tmp_path: Path) -> None:
    slow, swift = (Repository(tmp_path / name) for name in ("a-slow", "b-swift"))
    for repository in (slow, swift):
        repository.commit(plain_app("'one'"))
        world.deploy(repository, repository.folder.name)
    try:
        world.run(world.desk.follow(AppName("b-swift"), FollowMode.AUTO, None))
        swift.commit(plain_app("'two'"))
        folders = SlowFolder(str(slow.folder))
        clock = ShiftedClock(timedelta(minutes=1))
        duty = KeepFollowing(replace(world.node, local_repositories=folders, clock=clock))
        told = []
        for update in duty.steps(CancelToken()):
            told.append(update)
            folders.gate.set()
        assert folders.in_time
        assert isinstance(told[0], Line)
        assert told[0].text.startswith("b-swift: main has a newer commit")
        assert world.visit("b-swift.localhost").text == "two"
    finally:
        for repository in (slow, swift):
            world.remove(repository.folder.name)


def test_a_pinned_app_stays_at_its_commit(board: Board) -> None:
    world, repository = board.world, board.repository
    served = repository.commit({"parts/figures.py": "TOTAL = 'pinned'\n"})
    repository.tag("v1")
    repository.commit({"parts/figures.py": "TOTAL = 'pushed'\n"})
    board.update()
    pinned = world.run(world.desk.pin(BOARD, "v1"))
    assert (pinned.pin, pinned.commit) == (Pin(commit=served, tag="v1"), served)
    assert pinned.look.state is BranchState.PINNED
    assert board.shell("cat parts/figures.py") == "TOTAL = 'pinned'"
    world.run(world.desk.follow(BOARD, FollowMode.AUTO, None))
    world.run(Operation("Keep", "keep", KeepFollowing(world.node).steps))
    assert board.update().kind is UpdateKind.NOTHING_NEW
    # a redeploy that names no branch is of the same commit
    assert world.deploy(repository, BOARD).release.commit.id == served
    repository.commit({"later.txt": "moved"})
    repository.tag("v1", "--force")
    assert world.run(world.desk.check_branch(BOARD)).look.state is BranchState.TAG_MOVED
    repository.tag("v1", "--delete")
    assert world.run(world.desk.check_branch(BOARD)).look.state is BranchState.TAG_GONE
    assert world.run(world.desk.unpin(BOARD)).look.state is BranchState.NEWER
    world.run(world.desk.follow(BOARD, FollowMode.TELL, None))


def test_over_https_a_branch_is_looked_at_with_no_volume_and_goes_live(
    board: Board, tmp_path: Path
) -> None:
    with serving_git(tmp_path) as lan:
        world = board.world
        node = replace(world.node, certificates=world.node.certificates + lan.certificate)
        repository = Repository(lan.folder / "board")
        commit = repository.commit(files("g"))
        with look_at(node, lan.url("moved/board")) as looker:
            found = looker.branches()
        assert (found.commits, found.moved_to) == ({"main": commit}, lan.url("board"))
        silent = look_at(node, f"https://{ADDRESS}:9/board")
        with silent as looker, pytest.raises(RepositoryError, match="does not answer"):
            looker.branches()
        repository.tag("v1", "-a", "-m", "Say so")
        repository.commit({"parts/figures.py": "TOTAL = 'not yet'\n"})
        request = DeployRequest(lan.url("board"), BOARD, replace=True, pin="v1")
        assert world.run(deploy_app(node, request)).release.commit.id == commit
        repository.tag("v1", "--delete")
        # by its id alone
        repository.commit({"parts/figures.py": "TOTAL = 'nor now'\n"})
        between = repository.head("HEAD^")
        assert world.run(pin_app(node, BOARD, between)).commit == between
        world.run(unpin_app(node, BOARD))
        identity = board.identity()
        commit = repository.commit({"parts/figures.py": "TOTAL = 'h'\n"})
        updated = world.run(update_app(node, BOARD))
        assert (updated.kind, updated.release.commit.id) == (UpdateKind.LIVE, commit)
        assert board.shell("cat parts/figures.py") == "TOTAL = 'h'"
        assert board.identity() == identity


@pytest.mark.timeout(600)
@pytest.mark.parametrize("live", [True, False])
def test_a_push_to_several_apps_of_one_repository_is_fetched_once(
    world: World, tmp_path: Path, live: bool
) -> None:
    apps = [AppName("north"), AppName("south")]
    with serving_git(tmp_path) as lan:
        node = replace(world.node, certificates=world.node.certificates + lan.certificate)
        repository = Repository(lan.folder / "shared")
        first = repository.commit(files("i") if live else plain_app("'one'"))
        try:
            for app in apps:
                world.run(deploy_app(node, DeployRequest(lan.url("shared"), app)))
                world.run(follow_app(node, app, FollowMode.AUTO, None))
            before, visits = lan.fetches("shared"), lan.visits("shared")
            text = {"parts/figures.py": "TOTAL = 'j'\n"} if live else plain_app("'two'")
            pushed = repository.commit(text)
            duty = KeepFollowing(replace(node, clock=ShiftedClock(timedelta(minutes=1))))
            world.run(Operation("Keep", "keep", duty.steps))
            for app in apps:
                newest, *_, oldest = world.run(world.desk.releases(app))
                assert (newest.commit.id, oldest.commit.id) == (pushed, first)
                assert (newest.kind is ReleaseKind.LIVE) is live
                assert newest.commit.message and newest.commit.author == "Ada"
                (runner,) = world.containers(app, "run")
                shown = "cat parts/figures.py" if live else "cat *.py"
                assert ("'j'" if live else "'two'") in world.shell(
                    runner, f"cd /mnt/app/checkout && {shown}"
                )
            # its history, by which a push by force is told, and the commit itself
            assert lan.fetches("shared") == before + 2
            # and for its branches it is asked once
            assert lan.visits("shared") == visits + 3
        finally:
            for app in apps:
                world.remove(app)
