"""The builder's script as it runs in its container: real uv and real mksquashfs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from uv import find_uv_bin

SCRIPTS = Path(__file__).parents[2] / "resources/images/python/bin"
UV = find_uv_bin()
ZERO = "0" * 64
SIX = "six==1.17.0"
PROJECT = '[project]\nname = "demo"\nversion = "1"\n'
PACKAGE = """[project]
name = "demo"
version = "1"
dependencies = ["six==1.17.0"]
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
"""


@dataclass(frozen=True)
class Answer:
    status: int
    log: str
    word: str
    told: dict[str, Any]


@dataclass(frozen=True)
class Builder:
    """A builder's places below one folder; `cache` is shared by the tests to spare the index."""

    place: Path
    cache: Path

    @property
    def code(self) -> Path:
        return self.place / "code"

    @property
    def environment(self) -> Path:
        return self.place / "environment"

    @property
    def resolved(self) -> str:
        return (self.place / "scratch/resolved.txt").read_text()

    def write(self, path: str, text: str) -> None:
        (self.code / path).parent.mkdir(parents=True, exist_ok=True)
        (self.code / path).write_text(text)

    def command(self, verb: str, **job: object) -> list[str]:
        scratch = self.place / "scratch"
        scratch.mkdir(exist_ok=True)
        self.code.mkdir(exist_ok=True)
        self.environment.mkdir(exist_ok=True)
        if not (self.environment / ".uv").exists():
            (self.environment / ".uv").symlink_to(self.cache)
        given: dict[str, object] = {
            "code": str(self.code),
            "kind": "none",
            "file": None,
            "requirements": [],
            "always": [],
            "python": sys.executable,
            "environment": str(self.environment),
            "output": str(self.place / "environments"),
            "scratch": str(scratch),
        }
        path = self.place / "job.json"
        path.write_text(json.dumps(given | job))
        return [sys.executable, "-E", "-s", str(SCRIPTS / "build.py"), verb, str(path)]

    def run(self, verb: str, variables: Mapping[str, str] | None = None, **job: object) -> Answer:
        done = subprocess.run(
            self.command(verb, **job),
            env={**environment(), **(variables or {})},
            capture_output=True,
            text=True,
            check=False,
        )
        assert not done.stderr, done.stderr
        log, _, last = done.stdout.rstrip().rpartition("\n")
        word, _, told = last.partition(" ")
        return Answer(done.returncode, log, word, json.loads(told))

    def resolve(self, kind: str, file: str | None, **job: object) -> dict[str, Any]:
        answer = self.run("resolve", None, kind=kind, file=file, **job)
        assert (answer.status, answer.word) == (0, "RESULT"), answer
        return answer.told

    def install(self) -> dict[str, Any]:
        answer = self.run("install")
        assert (answer.status, answer.word) == (0, "RESULT"), answer
        return answer.told

    def fails(self, kind: str, file: str | None, **job: object) -> dict[str, str]:
        answer = self.run("resolve", None, kind=kind, file=file, **job)
        assert (answer.status, answer.word) == (3, "ERROR"), answer
        assert answer.told["what"] and answer.told["next"]
        return answer.told

    def python(self, code: str) -> str:
        """What the environment's own Python prints, run where the app's code is not."""
        command = [str(self.environment / "bin/python"), "-c", code]
        return subprocess.run(
            command, cwd=self.place, capture_output=True, text=True, check=True
        ).stdout.strip()


def environment() -> dict[str, str]:
    return dict(os.environ) | {"PATH": f"{Path(UV).parent}:{os.environ['PATH']}"}
