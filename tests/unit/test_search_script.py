"""The script that searches a node's disk: it misses no byte, and says what it could not read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from holdfast.domain.marks import Marks, forms

SCRIPT = Path(__file__).parents[2] / "resources/images/node/bin/search.py"
NAMES = ("code", "file")
marks = Marks(NAMES)


def search(job: Path, *arguments: Path | str) -> list[dict[str, Any]]:
    """What it tells while its standard input stays open."""
    job.write_text(json.dumps({"names": NAMES, "stem": marks.stem}))
    command = [sys.executable, SCRIPT, job, *arguments]
    reader, writer = os.pipe()
    try:
        done = subprocess.run(command, stdin=reader, stdout=subprocess.PIPE, check=True, text=True)
    finally:
        os.close(reader)
        os.close(writer)
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    folder = tmp_path / "disk"
    (folder / "a" / "b").mkdir(parents=True)
    (folder / "plain").write_bytes(b"\xff" * 70 + marks["code"].encode() + b"\0" * 9)
    (folder / "empty").touch()
    return folder


def test_what_is_found_is_told_with_its_file_and_form(tmp_path: Path, disk: Path) -> None:
    for at, (_, content) in enumerate(forms(marks["file"])):
        (disk / "a" / "b" / str(at)).write_bytes(b"x" * at + content)
    *told, end = search(tmp_path / "job", disk)
    hits = {(each["path"], each["mark"], each["form"]) for each in told if "mark" in each}
    inside = {
        (str(disk / "a" / "b" / str(at)), "file", form)
        for at, (form, _) in enumerate(forms(marks["file"]))
    }
    assert hits == inside | {(str(disk / "plain"), "code", "plain")}
    assert (
        told[0]["total"]
        == end["bytes"]
        == sum(p.stat().st_size for p in disk.rglob("*") if p.is_file())
    )
    assert end["files"] == 2 + len(inside)


def test_a_file_may_be_a_place_of_its_own(tmp_path: Path, disk: Path) -> None:
    swap = tmp_path / "swapfile"
    swap.write_bytes(b"\0" * 4096 + marks["file"].encode() + b"\0" * 4096)
    told = search(tmp_path / "job", disk, swap, tmp_path / "absent")
    hits = {(each["path"], each["mark"]) for each in told if "mark" in each}
    assert hits == {(str(disk / "plain"), "code"), (str(swap), "file")}
    sizes = [file.stat().st_size for file in (disk / "plain", swap)]
    assert told[0]["total"] == told[-1]["bytes"] == sum(sizes)
    assert told[-1]["files"] == 3


def test_names_of_files_and_what_links_lead_to_are_searched(tmp_path: Path, disk: Path) -> None:
    named = disk / f"of-{marks['file']}"
    named.touch()
    link = disk / "a" / "link"
    link.symlink_to(f"/nowhere/{marks['code']}")
    hits = {
        (each["path"], each["mark"]) for each in search(tmp_path / "job", disk) if "mark" in each
    }
    assert {(str(named), "file"), (str(link), "code")} <= hits


def test_a_file_of_two_names_is_read_once(tmp_path: Path, disk: Path) -> None:
    before = search(tmp_path / "job", disk)[-1]
    (disk / "again").hardlink_to(disk / "plain")
    assert search(tmp_path / "job", disk)[-1] == before


def test_what_is_mounted_is_another_file_system_and_left_out(tmp_path: Path, disk: Path) -> None:
    # /proc has file systems mounted below it everywhere
    told = search(tmp_path / "job", Path("/dev"), disk)
    assert told[-1]["mounts"] > 0


def test_an_end_of_its_input_ends_it(tmp_path: Path, disk: Path) -> None:
    with (disk / "large").open("wb") as file:
        file.truncate(40 << 30)
    (tmp_path / "job").write_text(json.dumps({"names": NAMES, "stem": marks.stem}))
    with subprocess.Popen(
        [sys.executable, SCRIPT, tmp_path / "job", disk],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        process.stdin.close()
        process.stdin = None
        _, complaint = process.communicate(timeout=30)
    assert process.returncode == 1
    assert b"nobody listens" in complaint


def test_no_mark_is_missed_or_cut_where_two_blocks_meet(tmp_path: Path, disk: Path) -> None:
    size = 64
    wanted = set()
    for at, (form, content) in enumerate(forms(marks["file"])):
        for before in range(size + marks.longest):
            path = disk / f"{at}-{before}"
            path.write_bytes(b"." * before + content + b"." * (before % 7))
            wanted.add((str(path), "file", form))
    told = search(tmp_path / "job", disk, f"--block={size}")
    hits = [(each["path"], each["mark"], each["form"]) for each in told if "mark" in each]
    assert sorted(hits) == sorted([*wanted, (str(disk / "plain"), "code", "plain")])
