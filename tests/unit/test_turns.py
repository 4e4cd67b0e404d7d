"""The turns of desktops that change the edge, in a folder of this machine instead of the edge's."""

from __future__ import annotations

import fcntl
import subprocess
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from holdfast.domain.errors import HoldfastError
from holdfast.domain.operation import CancelToken
from holdfast.node.edge_turn import edge_turn
from holdfast.node.node import Node
from holdfast.ports import CommandFailed
from holdfast.shipped import RESOURCES

_SCRIPTS = RESOURCES / "images/node/bin"
_ROUTES = '{"sales": "r1"}\n'


def run(script: str, keys: Path, *arguments: str) -> tuple[int, str]:
    text = (_SCRIPTS / script).read_text().replace("cd /keys", f"cd '{keys}'")
    command = ["/bin/sh", "-c", text, script, *arguments]
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout


def edge(keys: Path) -> Path:
    (keys / "current").mkdir()
    (keys / "current/routes.json").write_text(_ROUTES)
    (keys / "pid").touch()
    return keys


def test_a_turn_tells_the_routes_of_now(tmp_path: Path) -> None:
    assert run("turn.sh", edge(tmp_path), "0") == (0, _ROUTES)
    # and is over with its reader
    assert run("turn.sh", tmp_path, "0") == (0, _ROUTES)


def test_a_turn_begins_neither_in_another_nor_in_a_reload(tmp_path: Path) -> None:
    for lock in ("turn", "reloading"):
        keys = tmp_path / lock
        keys.mkdir()
        with (edge(keys) / lock).open("w") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            assert run("turn.sh", keys, "0") == (75, "")


def test_an_edge_without_its_routes_says_so_at_once(tmp_path: Path) -> None:
    (edge(tmp_path) / "current/routes.json").unlink()
    assert run("turn.sh", tmp_path, "0") == (1, "")


@dataclass
class Edge:
    """The engine of a node whose edge ends a turn before it begins."""

    status: int

    def stream(
        self, container: str, command: Sequence[str], cancel: CancelToken
    ) -> Generator[str, None, None]:
        yield from ()
        raise CommandFailed(self.status, [])


@pytest.mark.parametrize(
    ("status", "why"),
    [(75, "Another desktop has been changing them"), (1, "does not say what they are now")],
)
def test_a_broken_edge_is_not_called_busy(status: int, why: str) -> None:
    node = cast(Node, SimpleNamespace(engine=Edge(status)))
    with pytest.raises(HoldfastError) as told, edge_turn(node):
        pass
    assert why in told.value.why


def test_a_reload_holds_off_the_next_turn(tmp_path: Path) -> None:
    """HAProxy's check is where a reload takes its time."""
    keys, programs = edge(tmp_path), tmp_path / "programs"
    programs.mkdir()
    check = programs / "haproxy"
    check.write_text("#!/bin/sh\nflock -n reloading true && echo open || echo closed\nexit 1\n")
    check.chmod(0o755)
    text = (_SCRIPTS / "reload.sh").read_text().replace("cd /keys", f"cd '{keys}'")
    text = text.replace("/usr/lib/holdfast/", f"{_SCRIPTS}/")
    done = subprocess.run(
        ["/bin/sh", "-c", f'PATH="{programs}:$PATH"; {text}'],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, "closed\n")
