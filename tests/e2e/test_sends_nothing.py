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
#: The command line, telling of each connection and of each name that it looks up.
WATCHED = """
import sys

def tell(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        print("SOCKET", repr(arguments[1]), file=sys.stderr)
    if event in ("socket.getaddrinfo", "socket.gethostbyname"):
        print("NAME", repr(arguments[0]), file=sys.stderr)

sys.addaudithook(tell)
from holdfast.__main__ import run
run()
"""


def connections(holdfast: CommandLine, *arguments: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, *arguments],
        env=holdfast.environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    return {line for line in done.stderr.splitlines() if line.startswith(("SOCKET ", "NAME "))}


def test_no_verb_speaks_to_anybody_but_the_engine_and_the_keychain(
    holdfast: CommandLine, empty_engine: Path, tmp_path: Path
) -> None:
    repository = Repository(tmp_path / APP)
    repository.commit(plain_app("'nothing'"))
    found = connections(holdfast, "app", "deploy", str(repository), "--name", APP)
    for verb in (("app", "list"), ("secrets", "list", APP), ("telemetry", "show", APP)):
        found |= connections(holdfast, *verb)
    found |= connections(holdfast, "app", "remove", APP, "--yes")
    assert f"SOCKET '{empty_engine}'" in found
    # a path, or a name of the kernel's own; an address of a network would be a pair
    assert [each for each in found if not each.startswith(("SOCKET '", "SOCKET b'"))] == []
