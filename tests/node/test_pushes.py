"""Pushes on a real engine: what goes live without a restart, and what does not."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from lan import ADDRESS, serving_git
from shifted_clock import ShiftedClock, StoppedClock
from world import Repository, World, plain_app

from holdfast.adapters.local_repository import LocalRepositories
from holdfast.domain import names
from holdfast.domain.app import FollowMode, ReleaseKind
from holdfast.domain.errors import DeployFailed, RepositoryError
from holdfast.domain.following import BranchState, RepositoryLook
from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken, Line, Operation
from holdfast.domain.pin import Pin
from holdfast.domain.requests import DeployRequest, Updated, UpdateKind
from holdfast.node.branch_look import look_at
from holdfast.node.inventory import parts_of
from holdfast.node.last_looks import digest_of, last_looks, note_look
from holdfast.node.open_page import open_page
from holdfast.operations.deploy import deploy_app
from holdfast.operations.follow import last_look, note
from holdfast.operations.keep_following import KeepFollowing
from holdfast.operations.pin import pin_app, unpin_app
from holdfast.operations.serving_app import open_app
from holdfast.operations.update import update_app

pytestmark = [pytest.mark.node, pytest.mark.timeout(300)]

BOARD = AppName("board")
APP = """
import streamlit as st
from parts import figures
st.title("{title}")
st.write(figures.TOTAL)
"""
#: Makes something of the app's own where a file of the commit before was, and raises.
SPOILT = """
import os
if os.path.isfile("kept"):
    os.remove("kept")
os.makedirs("kept", exist_ok=True)
open("kept/own", "w").close()
TOTAL
"""
#: Many lines of one sign: a reader that sees two signs has seen half a file.
LONG = 4000


@dataclass(frozen=True)
class Board:
    """A Streamlit app that serves, and its repository."""

    world: World
    repository: Repository

    @property
    def runner(self) -> str:
        (runner,) = self.world.containers(BOARD, "run")
        return runner

    @property
    def slot(self) -> str:
        return self.runner.rpartition("-")[2]

    def identity(self) -> tuple[str, str]:
        """Its container and the app's process in it: a restart changes one of them."""
        found = self.world.api.inspect_container(self.runner)
        process = self.shell("pgrep -o -f 'streamlit run' || ps ax | grep -c streamlit")
        return found["Id"], process

    def shell(self, script: str) -> str:
        user = self.world.api.inspect_container(self.runner)["Config"]["User"]
        return self.world.shell(self.runner, f"cd /mnt/app/checkout && {script}", user)

    def update(self) -> Updated:
        return self.world.run(self.world.desk.update(BOARD))


def files(sign: str) -> dict[str, str]:
    return {
        "app.py": APP.format(title=sign),
        "parts/figures.py": f"TOTAL = '{sign}'\n",
        "requirements.txt": "streamlit\n",
        "long.txt": f"{sign}\n" * LONG,
    }


@pytest.fixture(scope="module")
def board(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Board]:
    repository = Repository(tmp_path_factory.mktemp("board") / "repository")
    repository.commit(files("a"))
    world.deploy(repository, BOARD)
    yield Board(world, repository)
    world.remove(BOARD)


def test_nothing_new_is_said(board: Board) -> None:
    before = board.identity()
    assert board.update().kind is UpdateKind.NOTHING_NEW
    assert board.identity() == before


def test_code_alone_goes_live_without_a_restart(board: Board) -> None:
    identity, first = board.identity(), board.world.run(board.world.desk.releases(BOARD))[0]
    board.shell("echo kept > own.txt; mkdir -p cache; echo kept > cache/own.txt; ln -s /etc link")
    commit = board.repository.commit(
        files("b") | {"a name with blanks/été ☀.txt": "new", "run.sh": "#!/bin/sh\n"}, "Say b"
    )
    updated = board.update()
    assert (updated.kind, updated.release.commit.id) == (UpdateKind.LIVE, commit)
    assert updated.own_files == ("cache/own.txt", "link", "own.txt")
    assert board.shell("head -1 long.txt; cat 'a name with blanks/été ☀.txt' own.txt") == (
        "b\nnewkept"
    )
    assert board.shell("ls -d .git .holdfast* 2>/dev/null; true") == ""
    assert board.identity() == identity
    listed = board.world.run(board.world.desk.releases(BOARD))
    assert [(r.id, r.kind) for r in listed[:2]] == [
        (updated.release.id, ReleaseKind.LIVE),
        (first.id, ReleaseKind.DEPLOY),
    ]
    assert (listed[0].commit.author, listed[0].by, listed[0].slot) == ("Ada", "tests", first.slot)
    live = ["Look at the branch", "Fetch the code", "Renew the code"]
    assert [step.name for step in listed[0].steps] == live
    assert [step.name for step in first.steps][-2:] == ["Start the app", "Switch the route"]
    for each in listed[:2]:
        assert sum(step.seconds for step in each.steps) == pytest.approx(each.seconds, abs=0.1)
    assert board.world.run(board.world.desk.list()).apps[0].commit == updated.release.commit
    broken = [c for c in board.world.run(board.world.desk.verify(BOARD)).checks if not c.held]
    assert broken == []


def test_what_git_knows_of_files_goes_live(board: Board, tmp_path: Path) -> None:
    folder = board.repository.folder
    board.repository.commit({"swap": "a file", "tree/one": "1", "tree/two": "2", "gone/x": "x"})
    board.update()
    (folder / "swap").unlink()
    for each in ("one", "two"):
        (folder / "tree" / each).unlink()
    (folder / "tree").rmdir()
    (folder / "gone/x").unlink()
    (folder / "run.sh").chmod(0o755)
    (folder / "pointer").symlink_to("app.py")
    board.repository.commit({"swap/inner": "in a folder", "tree": "a file now"})
    assert board.update().kind is UpdateKind.LIVE
    script = "cat swap/inner tree; readlink pointer; test -x run.sh && test ! -e gone && echo yes"
    assert board.shell(script) == "in a foldera file nowapp.py\nyes"


def test_a_reader_never_sees_half_a_file(board: Board) -> None:
    script = """
i=0
while [ ! -e /tmp/enough ]; do
  sort -u long.txt >/tmp/seen && wc -l </tmp/seen; wc -l <long.txt; i=$((i+1))
done | sort | uniq -c | awk '{print $2}'
"""
    told: list[str] = []
    board.shell("rm -f /tmp/enough")
    reader = threading.Thread(target=lambda: told.append(board.shell(script)))
    reader.start()
    try:
        for sign in "cdef":
            board.repository.commit({"long.txt": f"{sign}\n" * LONG, "more.txt": sign})
            assert board.update().kind is UpdateKind.LIVE
    finally:
        board.shell("touch /tmp/enough")
        reader.join()
    assert told[0].split() == ["1", str(LONG)]


def test_a_broken_push_leaves_what_serves(board: Board) -> None:
    before, kept = board.identity(), board.world.kept(BOARD)
    board.repository.commit({"parts/figures.py": "TOTAL = (\n", "new.txt": "new"})
    with pytest.raises(DeployFailed) as told:
        board.update()
    assert "parts/figures.py, line 1" in told.value.why
    assert board.shell("cat parts/figures.py; ls new.txt 2>/dev/null; true") == "TOTAL = 'b'"
    assert (board.identity(), board.world.kept(BOARD)) == (before, kept)
    board.repository.commit({"parts/figures.py": "TOTAL = 'b'\n"})


def test_code_that_raises_is_put_back(board: Board) -> None:
    before, kept = board.identity(), board.world.kept(BOARD)
    board.repository.commit(
        {"parts/figures.py": "TOTAL = undefined_total\n", "app.py": APP.format(title="raises")}
    )
    with pytest.raises(DeployFailed) as told:
        board.update()
    assert "name 'undefined_total' is not defined" in told.value.why
    assert board.shell("cat parts/figures.py; grep -c raises app.py; true") == "TOTAL = 'b'\n0"
    assert (board.identity(), board.world.kept(BOARD)) == (before, kept)
    board.repository.commit({"parts/figures.py": "TOTAL = 'b'\n", **files("b")})


def test_code_that_raises_and_cannot_be_put_back_is_told_and_redeployed_over(board: Board) -> None:
    board.repository.commit({"kept": "a file"})
    assert board.update().kind is UpdateKind.LIVE
    (board.repository.folder / "kept").unlink()
    board.repository.commit({"parts/figures.py": SPOILT})
    with pytest.raises(DeployFailed) as told:
        board.update()
    assert told.value.what == "The new commit is broken, and its code serves."
    assert "The app wrote kept/own" in told.value.why
    board.repository.commit({"kept": "a file", "parts/figures.py": "TOTAL = 'b'\n"})
    assert board.update().kind is UpdateKind.REDEPLOYED
    assert board.shell("cat kept parts/figures.py") == "a fileTOTAL = 'b'"


def test_a_module_is_renewed_where_nobody_has_a_page_open(board: Board) -> None:
    parts = parts_of(board.world.node, BOARD)

    def runs() -> list[bool]:
        with open_page(board.world.node, BOARD, board.slot, parts.uid, parts.port) as page:
            first = page.run(30)
            return [first.raised] if first else []

    assert runs() == [False]
    # the script tells which module it runs with: an exception that is no surprise
    text = "import streamlit as st\nfrom parts import figures\nassert figures.TOTAL == '{}'\n"
    board.repository.commit({"app.py": text.format("b")})
    assert board.update().kind is UpdateKind.LIVE
    assert runs() == [False]
    board.repository.commit({"app.py": text.format("n"), "parts/figures.py": "TOTAL = 'n'\n"})
    assert board.update().kind is UpdateKind.LIVE
    assert runs() == [False]
    board.repository.commit(files("b"))
    board.update()


def test_what_the_app_wrote_is_not_lost_to_a_commit(board: Board) -> None:
    """A file of the app's stands where the commit has a folder: the redeploy has a fresh tree."""
    board.shell("echo own > notes")
    board.repository.commit({"notes/one.txt": "committed"})
    updated = board.update()
    assert updated.kind is UpdateKind.REDEPLOYED
    assert "The app wrote notes" in updated.reason
    assert board.shell("cat notes/one.txt") == "committed"


def test_a_link_of_the_apps_is_never_followed(board: Board) -> None:
    board.shell("mkdir -p /tmp/outside && rm -rf parts && ln -s /tmp/outside parts")
    board.repository.commit({"parts/figures.py": "TOTAL = 'c'\n"})
    assert board.update().kind is UpdateKind.REDEPLOYED
    assert board.shell("cat parts/figures.py") == "TOTAL = 'c'"


def test_a_roll_back_gives_the_code_of_before(board: Board) -> None:
    earlier = board.world.run(board.world.desk.releases(BOARD))[0]
    board.repository.commit({"parts/figures.py": "TOTAL = 'z'\n", "later.txt": "z"})
    live = board.update()
    assert (live.kind, live.release.slot) == (UpdateKind.LIVE, earlier.slot)
    board.world.run(board.world.desk.roll_back(BOARD, None))
    assert board.shell("cat parts/figures.py; ls later.txt 2>/dev/null; true") == "TOTAL = 'c'"
    back = board.world.run(board.world.desk.releases(BOARD))
    assert [(r.id, r.kind) for r in back[:2]] == [
        (live.release.id, ReleaseKind.LIVE),
        (earlier.id, ReleaseKind.ROLL_BACK),
    ]
    # and forward again, to the checkout that is still there
    board.world.run(board.world.desk.roll_back(BOARD, live.release.id))
    assert board.shell("cat parts/figures.py later.txt") == "TOTAL = 'z'\nz"
    board.world.run(board.world.desk.restart(BOARD))
    assert board.shell("cat later.txt") == "z"


def test_changed_dependencies_are_redeployed_beside(board: Board) -> None:
    runner = board.runner
    board.repository.commit({"requirements.txt": "streamlit\nidna\n"})
    updated = board.update()
    assert (updated.kind, updated.reason) == (UpdateKind.REDEPLOYED, "requirements.txt changed.")
    assert updated.release.kind is ReleaseKind.REDEPLOY
    assert board.runner != runner


def test_a_framework_that_does_not_watch_its_files_is_redeployed(
    world: World, tmp_path: Path
) -> None:
    repository = Repository(tmp_path / "plain")
    repository.commit(plain_app("'one'"))
    world.deploy(repository, "plain")
    try:
        repository.commit(plain_app("'two'"))
        updated = world.run(world.desk.update(AppName("plain")))
        assert updated.kind is UpdateKind.REDEPLOYED
        assert "does not watch" in updated.reason
        assert world.visit("plain.localhost").text == "two"
        # a deploy that names no branch takes the one that is followed
        repository.rename_branch("next")
        world.run(world.desk.follow(AppName("plain"), None, "next"))
        made = world.deploy(repository, "plain")
        assert made.release.configuration.followed_branch == "next"
    finally:
        world.remove("plain")


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

    def asked(by: KeepFollowing) -> int:
        """The commands that a look, a minute later, runs where the app's volume is."""
        clock.shift += timedelta(minutes=1)
        since = time.time()
        world.run(Operation("Keep", "keep", by.steps))
        filters = {"event": "exec_create", "container": names.mounter(BOARD)}
        told = world.api.events(since=since, until=time.time(), filters=filters, decode=True)
        return len(list(told))

    def looked() -> datetime | None:
        return world.run(world.desk.branch(BOARD)).look.checked

    world.run(world.desk.follow(BOARD, FollowMode.TELL, None))
    assert [asked(here) > 0, asked(here), asked(here)] == [True, 0, 0]
    # the moment of the last look is told nevertheless, wherever it was made
    assert looked() == last_looks(world.node)[digest_of(str(board.repository.folder))].at
    assert [asked(there) > 0, asked(there), asked(here)] == [True, 0, 0]
    # what one desktop finds is what the other goes on from
    pushed = board.repository.commit({"parts/figures.py": "TOTAL = 'seen'\n"})
    asked(there)
    assert world.run(world.desk.branch(BOARD)).look.head == pushed
    assert [asked(here) > 0, asked(here), asked(there)] == [True, 0, 0]
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
