"""How an app's log is read beside the key of its volume: whatever the app puts in its place."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from holdfast.domain.operation import Line, Step, Steps
from holdfast.node.volume import log_tail_command
from holdfast.operations.retold import without_lines

pytestmark = pytest.mark.timeout(60)
FOLLOW = Path(__file__).parents[2] / "resources/images/node/bin/follow.py"


def last(log: Path, lines: int) -> str:
    done = subprocess.run(log_tail_command(lines, str(log)), capture_output=True, check=False)
    return done.stdout.decode()


@pytest.fixture
def key(tmp_path: Path) -> Path:
    made = tmp_path / "key"
    made.write_text("the key\n")
    return made


def test_the_last_lines_are_those_of_a_file_alone(tmp_path: Path, key: Path) -> None:
    log = tmp_path / "app.log"
    log.write_text("one\ntwo\nthree\n")
    assert last(log, 2) == "two\nthree\n"
    log.unlink()
    assert last(log, 2) == ""
    log.symlink_to(key)
    assert last(log, 2) == ""
    log.unlink()
    os.mkfifo(log)
    assert last(log, 2) == ""


@pytest.fixture
def follower(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    (tmp_path / "app.log").write_text("one\ntwo\n")
    command = [sys.executable, "-I", str(FOLLOW), str(tmp_path / "app.log"), "1"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        assert process.stdin
        process.stdin.close()
        assert process.wait(10) == 0


def test_a_followed_log_is_followed_to_no_other_place(
    tmp_path: Path, key: Path, follower: subprocess.Popen[str]
) -> None:
    log, told = tmp_path / "app.log", follower.stdout
    assert told
    assert told.readline() == "two\n"
    with log.open("a") as written:
        written.write("three\n")
    assert told.readline() == "three\n"
    # as the launcher does when it is full
    log.rename(tmp_path / "app.log.1")
    log.write_text("four\n")
    assert told.readline() == "four\n"
    link = tmp_path / "link"
    link.symlink_to(key)
    link.replace(log)
    # long enough for it to be looked at
    with pytest.raises(subprocess.TimeoutExpired):
        follower.wait(1)
    log.unlink()
    log.write_text("five\n")
    assert told.readline() == "five\n"


def test_a_keeper_tells_steps_and_no_lines() -> None:
    def steps() -> Steps[int]:
        yield Step("Start")
        yield Line("printed by the app")
        return 3

    told = without_lines(steps())
    assert next(told) == Step("Start")
    with pytest.raises(StopIteration) as ended:
        next(told)
    assert ended.value.value == 3
