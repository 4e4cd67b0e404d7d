"""The real `holdfast`, each call a process of its own that answers in JSON."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended. answer: the JSON object of its standard output."""

    status: int
    answer: dict[str, Any]
    errors: str


@dataclass(frozen=True, slots=True)
class CommandLine:
    """home: its HOLDFAST_HOME."""

    home: Path
    environment: dict[str, str]

    def run(self, *arguments: str, given: bytes = b"") -> Done:
        done = subprocess.run(
            self._command(arguments),
            env=self.environment,
            input=given,
            capture_output=True,
            check=False,
            timeout=600,
        )
        errors = done.stderr.decode()
        assert "Traceback" not in errors, errors
        lines = done.stdout.decode().splitlines()
        assert len(lines) == 1, f"not one object on one line: {lines}\n{errors}"
        return Done(done.returncode, json.loads(lines[0]), errors)

    def ask(self, *arguments: str, given: bytes = b"") -> dict[str, Any]:
        """The answer of a command that succeeds."""
        done = self.run(*arguments, given=given)
        assert done.status == 0, done
        return done.answer

    def read(self, *arguments: str) -> str:
        """What a person reads of a command that succeeds."""
        command = self._command(arguments)[:-1]
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, check=True, timeout=600
        )
        return done.stdout

    @contextmanager
    def started(
        self, *arguments: str, errors: int | None = None
    ) -> Iterator[subprocess.Popen[str]]:
        """errors: subprocess.PIPE, to read its standard error."""
        with subprocess.Popen(
            self._command(arguments),
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    @staticmethod
    def _command(arguments: tuple[str, ...]) -> list[str]:
        return [sys.executable, "-m", "holdfast", *arguments, "--json"]
