"""Holdfast itself sends nothing to anybody: its process opens no connection but to the engine and
to the keychain, which are sockets of this machine's file system."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from command_line import CommandLine
from world import Repository, plain_app

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

APP = "silent"
#: FILE ARGUMENTS…: the command line, telling into the file of each connection and of each name that
#: it looks up. A line is one write: several threads tell.
WATCHED = """
import os, sys

told = os.open(sys.argv.pop(1), os.O_WRONLY | os.O_APPEND | os.O_CREAT)

def tell(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        os.write(told, f"SOCKET {arguments[1]!r}\\n".encode())
    if event in ("socket.getaddrinfo", "socket.gethostbyname"):
        os.write(told, f"NAME {arguments[0]!r}\\n".encode())

sys.addaudithook(tell)
from holdfast.__main__ import run
run()
"""


def connections(holdfast: CommandLine, told: Path, *arguments: str) -> set[str]:
    subprocess.run(
        [sys.executable, "-c", WATCHED, str(told), *arguments],
        env=holdfast.environment,
        capture_output=True,
        check=True,
        timeout=300,
    )
    return set(told.read_text().splitlines())


def test_no_verb_speaks_to_anybody_but_the_engine_and_the_keychain(
    holdfast: CommandLine, empty_engine: Path, tmp_path: Path
) -> None:
    repository = Repository(tmp_path / APP)
    repository.commit(plain_app("'nothing'"))
    told = tmp_path / "told"
    found = connections(holdfast, told, "app", "deploy", str(repository), "--name", APP)
    for verb in (("app", "list"), ("secrets", "list", APP), ("telemetry", "show", APP)):
        found |= connections(holdfast, told, *verb)
    found |= connections(holdfast, told, "app", "remove", APP, "--yes")
    assert f"SOCKET '{empty_engine}'" in found
    # a path, or a name of the kernel's own; an address of a network would be a pair
    assert [each for each in found if not each.startswith(("SOCKET '", "SOCKET b'"))] == []
