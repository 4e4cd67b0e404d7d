"""Pushes on a real engine: what goes live without a restart, and what does not."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from board import BOARD, LONG, Board, deployed_board, files
from forge import forge
from waiting import wait_until
from world import Repository, World, plain_app

from holdfast.domain.app import ReleaseKind
from holdfast.domain.connection import ConnectionRequest
from holdfast.domain.errors import DeployFailed
from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken, drive
from holdfast.domain.requests import UpdateKind
from holdfast.node.inventory import parts_of
from holdfast.node.open_page import open_page

pytestmark = [pytest.mark.node, pytest.mark.timeout(300)]

#: Makes something of the app's own where a file of the commit before was, and raises.
SPOILT = """
import os
if os.path.isfile("kept"):
    os.remove("kept")
os.makedirs("kept", exist_ok=True)
open("kept/own", "w").close()
TOTAL
"""


@pytest.fixture(scope="module")
def board(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Board]:
    with deployed_board(world, tmp_path_factory.mktemp("board")) as made:
        yield made


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
        {"parts/figures.py": "TOTAL = undefined_total\n", "app.py": files("raises")["app.py"]}
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


def test_a_large_file_that_does_not_come_is_left_when_the_user_cancels(
    board: Board, tmp_path: Path
) -> None:
    """Git LFS would wait for half a minute, and then try again."""
    world = board.world
    with forge() as place:
        place.repository("board").commit({"a": "b"})
        address = place.https("board", "stalled-files")
        trusted = ConnectionRequest(address=address, certificates=place.certificates.encode())
        world.run(world.desk.connect_repository(trusted))
        board.repository.come_from(address)
        before, kept = board.identity(), world.kept(BOARD)
        pointer = place.large_file(b"never sent")
        attributes = {".gitattributes": "*.bin filter=lfs -text\n"}
        board.repository.commit({**attributes, "large.bin": pointer})
        cancel = CancelToken()
        with ThreadPoolExecutor(1) as pool:
            ended = pool.submit(drive, world.desk.update(BOARD), cancel, lambda update: None)
            wait_until(lambda: place.stalled() or ended.done(), "the server falls silent", 60)
            cancel.cancel()
            outcome = ended.result()
        assert (outcome.cancelled, outcome.error) == (True, None)
        assert (board.identity(), world.kept(BOARD)) == (before, kept)
        world.run(world.desk.disconnect_repository(address, anyway=False))
    for each in ("large.bin", ".gitattributes"):
        (board.repository.folder / each).unlink()
    board.repository.commit({})
    board.update()


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
