"""The script that renews a checkout in use: what stays, is refused, and is not followed."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from world import Repository

from holdfast.operations.renew_code import CUT_SHORT
from holdfast.shipped import RESOURCES

SCRIPT = RESOURCES / "images/node/bin/renew.py"


class Checkout:
    """A repository with one commit, and its checkout `live`, in which an app runs."""

    def __init__(self, folder: Path, files: dict[str, str]) -> None:
        self.repository = Repository(folder / "repository")
        self.before = self.repository.commit(files)
        self.live, self.fresh = folder / "live", folder / "fresh"
        shutil.copytree(self.repository.folder, self.live, symlinks=True, ignore=_no_git)

    def renew(self, *left_out: str) -> dict[str, Any]:
        """To the newest commit."""
        shutil.copytree(self.repository.folder, self.fresh, symlinks=True, ignore=_no_git)
        for path in left_out:
            (self.fresh / path).unlink()
        after = self.repository.commit({})
        git = ["git", "-C", str(self.repository.folder), "diff-tree", "-r", "--raw", "-z"]
        changes = subprocess.run([*git, "--no-renames", self.before, after], capture_output=True)
        return self.run(changes.stdout)

    def run(self, changes: bytes) -> dict[str, Any]:
        done = subprocess.run(
            [sys.executable, str(SCRIPT), str(self.fresh), str(self.live), "app.py", "3.11"],
            input=changes,
            capture_output=True,
            check=True,
        )
        told: dict[str, Any] = json.loads(done.stdout)
        return told


def _no_git(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if name == ".git"]


def test_what_is_left_out_and_what_the_app_wrote_stay(tmp_path: Path) -> None:
    place = Checkout(tmp_path, {"app.py": "1", "old/x": "x"})
    (place.live / "old/own").write_text("own")
    shutil.rmtree(place.repository.folder / "old")
    place.repository.commit({"app.py": "2", "secret": "s", "deep/er/y": "y"})
    assert place.renew("secret") == {"written": 2, "deleted": 1}
    found = {str(p.relative_to(place.live)) for p in place.live.rglob("*") if p.is_file()}
    assert found == {"app.py", "deep/er/y", "old/own"}


@pytest.mark.parametrize(
    ("path", "text", "told"),
    [
        ("lib.py", "x = (", ("lib.py", 1)),
        ("lib.py", "\n\ndef f[T](): pass", ("lib.py", 3)),
        ("lib.py", "return 1", ("lib.py", 1)),
    ],
    ids=["unclosed", "of a newer Python", "outside a function"],
)
def test_what_cannot_be_compiled_changes_nothing(
    tmp_path: Path, path: str, text: str, told: tuple[str, int]
) -> None:
    place = Checkout(tmp_path, {"app.py": "1"})
    place.repository.commit({path: text, "app.py": "2"})
    answer = place.renew()
    assert (answer["broken"], answer["line"]) == told
    assert (place.live / "app.py").read_text() == "1"


def test_the_apps_own_files_in_the_way_change_nothing(tmp_path: Path) -> None:
    place = Checkout(tmp_path, {"app.py": "1", "tree/x": "x"})
    (place.live / "tree/own").write_text("own")
    shutil.rmtree(place.repository.folder / "tree")
    place.repository.commit({"app.py": "2", "tree": "a file"})
    assert place.renew() == {"in_the_way": "tree/own"}
    assert (place.live / "app.py").read_text() == "1"


def test_a_link_of_the_apps_is_not_followed(tmp_path: Path) -> None:
    place = Checkout(tmp_path, {"app.py": "1", "lib/x": "1"})
    outside = tmp_path / "outside"
    outside.mkdir()
    shutil.rmtree(place.live / "lib")
    (place.live / "lib").symlink_to(outside)
    place.repository.commit({"lib/x": "2", "lib/y": "2"})
    assert place.renew() == {"in_the_way": "lib"}
    assert list(outside.iterdir()) == []


def test_deletions_do_not_follow_a_link_either(tmp_path: Path) -> None:
    place = Checkout(tmp_path, {"app.py": "1", "lib/x": "1"})
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "x").write_text("kept")
    shutil.rmtree(place.live / "lib")
    (place.live / "lib").symlink_to(outside)
    shutil.rmtree(place.repository.folder / "lib")
    place.repository.commit({"app.py": "2"})
    assert place.renew()["written"] == 1
    assert (outside / "x").read_text() == "kept"


def test_one_that_was_cut_short_before_is_told(tmp_path: Path) -> None:
    place = Checkout(tmp_path, {"app.py": "1"})
    (place.live / CUT_SHORT).mkdir()
    place.repository.commit({"app.py": "2"})
    assert place.renew() == {"in_the_way": CUT_SHORT}


@pytest.mark.parametrize("letter", ["A", "D"])
@pytest.mark.parametrize("path", ["m/../l/key", "../job/key", "./l/key", "/job/key", "m/.GIT/key"])
def test_a_path_that_git_would_not_make_changes_nothing(
    tmp_path: Path, path: str, letter: str
) -> None:
    place, job = Checkout(tmp_path, {"app.py": "1"}), _job(tmp_path)
    for folder in (place.fresh, place.live):
        (folder / "m/.GIT").mkdir(parents=True)
        (folder / "m/.GIT/key").write_text("git's")
        (folder / "l").symlink_to(job)
    answer = place.run(f":0 100644 0 1 {letter}\0{path}\0".encode())
    assert answer["broken"] == path
    assert (job / "key").read_text() == "secret"
    assert not (place.live / "key").exists()
    assert (place.live / "m/.GIT/key").read_text() == "git's"


@pytest.mark.parametrize("path", ["l/key", "m/l/key.py"])
def test_a_link_of_the_commits_is_not_followed(tmp_path: Path, path: str) -> None:
    place, job = Checkout(tmp_path, {"app.py": "1"}), _job(tmp_path)
    (place.fresh / path).parent.parent.mkdir(parents=True, exist_ok=True)
    (place.fresh / path).parent.symlink_to(job)
    answer = place.run(f":0 100644 0 1 A\0{path}\0".encode())
    assert answer == {"written": 0, "deleted": 0}
    assert not (place.live / path).exists()


def _job(folder: Path) -> Path:
    """Where a job of the fetcher has what opens the repository."""
    job = folder / "job"
    job.mkdir()
    for name in ("key", "key.py"):
        (job / name).write_text("secret")
    return job
