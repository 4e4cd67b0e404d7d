"""The command line on a world in memory, each command in the test's own process."""

from __future__ import annotations

import json
from typing import Any

import pytest
from terminal_world import MemoryWorld

from holdfast.cli.application import run

Capture = pytest.CaptureFixture[str]


class Shell:
    """Runs commands on one world; `errors` is what the last one said on standard error."""

    def __init__(self, capsys: Capture, *faults: str) -> None:
        self.world = MemoryWorld(*faults)
        self._capsys = capsys
        self.errors = ""

    def text(self, *arguments: str, status: int = 0) -> str:
        assert run(self.world, arguments) == status
        captured = self._capsys.readouterr()
        self.errors = captured.err
        return captured.out

    def json(self, *arguments: str, status: int = 0) -> dict[str, Any]:
        """The one line on standard output, or it fails."""
        [line] = self.text(*arguments, "--json", status=status).splitlines()
        found: dict[str, Any] = json.loads(line)
        return found

    def error(self, *arguments: str, status: int = 1) -> dict[str, str]:
        found = self.json(*arguments, status=status)["error"]
        assert set(found) == {"what", "why", "next"}
        return dict(found)
