"""What is read of a commit, with git itself, in the place of the mounter that runs it on a node."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from holdfast.domain.asked_secrets import committed_secrets, worth_reading
from holdfast.domain.container import Completed
from holdfast.domain.names import AppName
from holdfast.node.node import Node
from holdfast.node.sources import Sources, read_sources
from holdfast.ports import EngineError

SALES = AppName("sales")
ON_NODE = "/keys/plain/repository.git"


class GitEngine:
    """As much of an engine as a look at a repository asks for."""

    def __init__(self, repository: Path) -> None:
        self._repository = repository

    def run(self, container: str, command: Sequence[str], user: str) -> Completed:
        # JSON carries no bytes that are not Unicode; the engine reads something else instead
        sent = [part.encode(errors="replace").decode() for part in command]
        here = [part.replace(ON_NODE, str(self._repository)) for part in sent]
        done = subprocess.run(here, capture_output=True, check=False)
        return Completed(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A bare one, with a file, a file whose name is Latin-1, and a link where secrets would be."""
    tree = tmp_path / "tree"
    (tree / ".streamlit").mkdir(parents=True)
    (tree / "app.py").write_text("import os")
    (tree / os.fsdecode(b"caf\xe9.py")).write_text("import sys")
    (tree / ".streamlit/secrets.toml").symlink_to("../elsewhere.toml")
    bare = tmp_path / "repository.git"

    def git(*arguments: str) -> None:
        who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
        subprocess.run(["git", "-C", str(tree), *who, *arguments], check=True, capture_output=True)

    git("init", "-q")
    git("add", "-A")
    git("commit", "-q", "-m", "first")
    git("update-ref", "refs/holdfast/r1", "HEAD")
    git("clone", "-q", "--mirror", ".", str(bare))
    return bare


def read(repository: Path, release: str) -> Sources:
    node = cast(Node, SimpleNamespace(engine=GitEngine(repository)))
    return read_sources(node, SALES, 700_001, release, worth_reading)


def test_a_name_that_is_not_unicode_keeps_no_other_file_from_being_read(repository: Path) -> None:
    assert read(repository, "r1").texts == {"app.py": "import os"}


def test_a_link_in_the_place_of_secrets_is_committed_too(repository: Path) -> None:
    assert committed_secrets(read(repository, "r1").paths) == (".streamlit/secrets.toml",)


def test_a_commit_that_cannot_be_read_is_not_an_empty_one(repository: Path) -> None:
    with pytest.raises(EngineError, match=r"holdfast-sales-volume: .*refs/holdfast/r2"):
        read(repository, "r2")
