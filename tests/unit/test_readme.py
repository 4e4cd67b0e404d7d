"""The documents say what is there: the map of the code, all commands, their JSON, every link."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from holdfast.cli import forms
from holdfast.cli.application import COMMAND
from holdfast.domain.app import AppState
from holdfast.domain.node import NodeState

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
COMMAND_LINE = (ROOT / "docs" / "command-line.md").read_text("utf-8")
GUIDE = (ROOT / "docs" / "guide.md").read_text("utf-8")
DOCUMENTS = [
    path for path in (*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")) if path.stat().st_size
]

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_CODE = re.compile(r"`([^`\n]+)`")


def section(title: str) -> str:
    _, _, after = README.partition(f"\n## {title}\n")
    assert after, f"README has no section “{title}”"
    return after.partition("\n## ")[0]


def map_of_the_code() -> dict[str, str]:
    """Path from the root to what the map says of it. Two blanks deeper is one folder deeper."""
    found: dict[str, str] = {}
    parents: list[str] = []
    for line in _BLOCK.findall(section("Map of the code"))[0][1].splitlines():
        name, _, said = line.strip().partition("  ")
        depth = (len(line) - len(line.lstrip())) // 2
        path = "/".join((*parents[:depth], name.rstrip("/")))
        parents[depth:] = [path.removeprefix("/".join(parents[:depth])).strip("/")]
        found[path + "/" * name.endswith("/")] = said.strip()
    return found


def tracked_folders() -> set[str]:
    """All folders that git knows something in, from the root."""
    listed = subprocess.run(
        ["git", "-c", f"safe.directory={ROOT}", "-C", str(ROOT), "ls-files", "-z"],
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("this is no git checkout: which folders belong to it is not known")
    parents = (Path(path).parents for path in listed.stdout.split("\0") if path)
    return {folder.as_posix() for chain in parents for folder in chain}


def written_commands() -> Iterator[list[str]]:
    """The words after `holdfast` of each line in a block, and of each command in the text."""
    written = README + COMMAND_LINE + GUIDE
    for _, block in _BLOCK.findall(written):
        joined = re.sub(r"\n +", " ", block)
        for line in joined.splitlines():
            if match := re.match(r"(?:\$ )?(?:\.venv/bin/)?holdfast(?: (.*))?$", line):
                yield re.split(r"  +", match[1] or "")[0].split()
    for code in _CODE.findall(written):
        if match := re.match(r"(?:\.venv/bin/)?holdfast (.*)$", code):
            yield match[1].split()


def find_command(words: list[str]) -> tuple[str, Any]:
    """(its name, the command) of what is typed; fails for one that does not exist."""
    command: Any = COMMAND
    path = []
    for word in words:
        inner = getattr(command, "commands", None)
        if inner is None or word.startswith(("-", "[")):
            break
        assert word in inner, f"holdfast {' '.join(words)} is named, and does not exist"
        command = inner[word]
        path.append(word)
    return " ".join(path), command


def every_command(command: Any = COMMAND, path: tuple[str, ...] = ()) -> dict[str, Any]:
    inner = getattr(command, "commands", None)
    if inner is None:
        return {" ".join(path): command}
    found: dict[str, Any] = {}
    for name, each in inner.items():
        found |= every_command(each, (*path, name))
    return found


def test_every_path_of_the_map_exists_and_has_a_line() -> None:
    for path, said in map_of_the_code().items():
        place = ROOT / path
        assert place.is_dir() if path.endswith("/") else place.is_file(), f"there is no {path}"
        assert said, f"the map says nothing of {path}"


def test_the_map_names_every_top_folder_and_every_package() -> None:
    folders = tracked_folders()
    named = {path.rstrip("/") for path in map_of_the_code()}
    top = {folder for folder in folders if "/" not in folder and folder != "."}
    packages = {folder for folder in folders if folder.startswith("app/holdfast/")}
    tests = {folder for folder in folders if re.fullmatch(r"(tests|resources)/[^/]+", folder)}
    # the map begins at the package: `app` holds nothing else
    missing = (top - {"app"} | packages | tests) - named
    assert not missing, f"the map lacks {sorted(missing)}"


def test_every_command_that_is_named_exists_with_its_options() -> None:
    for words in written_commands():
        name, command = find_command(words)
        known = {option for parameter in command.params for option in parameter.opts}
        for word in words:
            option = re.match(r"\[?(--[a-z-]+)", word)
            if option:
                assert option[1] in known, f"holdfast {name} has no {option[1]}"


def test_every_command_is_documented_with_every_option() -> None:
    usages = {find_command(words)[0]: " ".join(words) for words in _usages(COMMAND_LINE)}
    for name, command in every_command().items():
        assert name in usages, f"holdfast {name} is not among the commands"
        assert f"| `holdfast {name}` |" in COMMAND_LINE, f"holdfast {name} is not in the table"
        for parameter in command.params:
            option = parameter.opts[0]
            if option in ("--json", "--node", "--help") or not option.startswith("--"):
                continue
            assert option in usages[name], f"holdfast {name} {option} is not documented"


def _usages(text: str) -> Iterator[list[str]]:
    block = _BLOCK.findall(text)[0][1]
    for line in re.sub(r"\n +", " ", block).splitlines():
        words = line.removeprefix("holdfast").split("   ")[0].split()
        if words:
            yield words


def test_every_key_of_the_json_is_documented() -> None:
    trees = [ast.parse(path.read_text("utf-8")) for path in Path(forms.__path__[0]).glob("*.py")]
    dicts = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Dict)]
    keys = {
        str(key.value) for found in dicts for key in found.keys if isinstance(key, ast.Constant)
    }
    documented = set(_CODE.findall(COMMAND_LINE))
    assert len(keys) > 30
    assert keys <= documented, f"not documented: {sorted(keys - documented)}"


def test_every_state_is_documented() -> None:
    states = COMMAND_LINE.partition("\n## States of an app\n")[2]
    rows = re.findall(r"^\| `([a-z]+)` \| \S", states, re.MULTILINE)
    assert rows == [state.value for state in AppState]
    for state in NodeState:
        assert f"`{state.value}`" in states


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_relative_link_resolves(document: Path) -> None:
    for link in _LINK.findall(document.read_text("utf-8")):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = document.parent / name if name else document
        assert target.exists(), f"{document.name} points to {link}"
        if anchor:
            headings = _HEADING.findall(target.read_text("utf-8"))
            assert anchor in map(_anchor, headings), f"{document.name} points to {link}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_path_that_is_named_exists(document: Path) -> None:
    for code in _CODE.findall(document.read_text("utf-8")):
        if re.fullmatch(r"(app|docs|resources|tests)/[\w/.-]+", code):
            assert (ROOT / code).exists(), f"{document.name} names {code}"


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
