from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from holdfast.adapters.local_repository import LocalRepositories
from holdfast.domain.errors import HoldfastError, RepositoryError
from holdfast.domain.repository import parse_repository
from holdfast.node.submodules import Submodule, parse_submodules, submodule_address

COMMIT = "c" * 40
PARENT = parse_repository("https://git.example/team/board.git")


def links(*paths: str) -> list[str]:
    return [f"160000 {COMMIT} 0\t{path}" for path in paths]


def modules(**fields: str) -> bytes:
    return "".join(f"submodule.a.b.{key}\n{value}\0" for key, value in fields.items()).encode()


def test_a_submodule_is_known_by_its_path() -> None:
    found = parse_submodules(links("libs/b"), modules(path="libs/b", url="../b.git"))
    assert found == [Submodule("a.b", "libs/b", "../b.git", COMMIT)]


def test_what_is_not_in_the_tree_is_not_asked_for() -> None:
    assert parse_submodules([], modules(path="libs/b", url="../b.git")) == []


def test_one_that_is_not_to_be_updated_stays_empty() -> None:
    wanted = modules(path="b", url="../b.git", update="none")
    assert parse_submodules(links("b"), wanted) == []


@pytest.mark.parametrize(
    "known",
    [b"", modules(path="other", url="../b.git"), modules(path="b"), b"submodule.x/../y.path\nb\0"],
    ids=["no file", "another path", "no address", "a name that leads elsewhere"],
)
def test_one_that_comes_from_nowhere_is_named(known: bytes) -> None:
    with pytest.raises(RepositoryError, match="submodule b ") as told:
        parse_submodules(links("b"), known)
    assert "git rm --cached b" in told.value.next


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("../lib.git", "https://git.example/team/lib.git"),
        ("../../other/lib", "https://git.example/other/lib"),
        ("./lib", "https://git.example/team/board.git/lib"),
        ("https://elsewhere.example/lib", "https://elsewhere.example/lib"),
    ],
)
def test_an_address_is_completed(url: str, address: str) -> None:
    assert submodule_address(url, PARENT).url == address


@pytest.mark.parametrize(
    ("parent", "address"),
    [
        ("git@git.example:team/board.git", "git@git.example:team/lib"),
        ("git@git.example:/srv/board.git", "git@git.example:/srv/lib"),
        ("ssh://git@git.example:2222/team/board", "ssh://git@git.example:2222/team/lib"),
    ],
)
def test_an_address_is_completed_by_that_of_an_ssh_server(parent: str, address: str) -> None:
    assert submodule_address("../lib", parse_repository(parent)).url == address


@pytest.mark.parametrize(
    "url",
    [
        "http://git.example/lib",
        "git://git.example/lib",
        "file:///srv/lib",
        "/srv/lib",
        "ext::sh -c true",
        "-u/lib",
        "https://user:sesame@git.example/lib",
        "../../../../lib",
    ],
)
def test_what_is_refused_of_a_repository_is_refused_here(url: str) -> None:
    with pytest.raises(HoldfastError) as told:
        submodule_address(url, PARENT)
    assert "sesame" not in str(told.value)


@pytest.mark.parametrize("parent", [None, parse_repository("/srv/board")])
def test_a_relative_address_needs_a_parent_with_one(parent: object) -> None:
    with pytest.raises(RepositoryError) as told:
        submodule_address("../lib", parent)  # type: ignore[arg-type]
    assert "git submodule update" in told.value.next


@pytest.mark.parametrize("name", [".", "libs"])
def test_a_name_does_not_lead_to_the_folders_own_commits(tmp_path: Path, name: str) -> None:
    """A repository chooses the names of its submodules, and must not take what was never pushed."""

    def git(*arguments: str) -> str:
        who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
        done = subprocess.run(
            ["git", "-C", str(tmp_path), *who, *arguments], check=True, capture_output=True
        )
        return done.stdout.decode().strip()

    git("init", "-q")
    git("commit", "-q", "--allow-empty", "-m", "not pushed")
    (tmp_path / ".git/modules/libs").mkdir(parents=True)
    commit = git("rev-parse", "HEAD")
    assert LocalRepositories().submodule(str(tmp_path), name, commit) is None
