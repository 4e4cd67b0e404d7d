"""The command line as a process: signals, broken pipes, foreign text, and what it imports."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from holdfast.cli.terminal import plain

SUPPORT = Path(__file__).parents[1] / "support"
PROGRAM = [sys.executable, str(SUPPORT / "terminal_world.py")]


@contextmanager
def started(*arguments: str, faults: str = "") -> Iterator[subprocess.Popen[str]]:
    environment = {**os.environ, "FAULTS": faults, "PYTHONPATH": str(SUPPORT)}
    process = subprocess.Popen(
        [*PROGRAM, *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_cancels_and_waits_for_the_clean_up(number: signal.Signals) -> None:
    with started("app", "restart", "fleet-map", "--json", faults="stubborn") as process:
        assert process.stderr is not None
        while process.stderr.readline() != "waiting\n":
            assert process.poll() is None
        process.send_signal(number)
        output, errors = process.communicate(timeout=30)
    assert process.returncode == 128 + number
    assert json.loads(output)["error"]["what"] == "Cancelled"
    assert "cleaned up\n" in errors


def test_a_signal_while_the_program_is_loaded_shows_no_traceback() -> None:
    # whoever runs the tests in the background may have it ignored
    heeding = ["env", "--default-signal=INT"]
    command = [*heeding, sys.executable, "-X", "importtime", "-m", "holdfast", "doctor"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        while "holdfast.cli" not in process.stderr.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        assert "Traceback" not in process.stderr.read()
    assert process.returncode == -signal.SIGINT


def test_following_ends_with_a_signal() -> None:
    with started("app", "logs", "fleet-map", "--follow", "--lines", "2", "--json") as process:
        assert process.stdout is not None
        first, second = process.stdout.readline(), process.stdout.readline()
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=30)
    assert json.loads(first) == {"line": "KeyError: 'latitude'"}
    assert json.loads(second)["line"].endswith("session 3 closed")
    assert json.loads(rest)["error"]["what"] == "Cancelled"
    assert (process.returncode, errors) == (130, "")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_watching_a_node_tells_line_by_line_and_ends_with_a_signal(number: signal.Signals) -> None:
    with started("node", "watch", "--json", faults="away sealed") as process:
        assert process.stdout is not None
        told = [json.loads(process.stdout.readline()) for _ in range(3)]
        process.send_signal(number)
        rest, errors = process.communicate(timeout=30)
    assert [(line["news"], line["duty"], line["text"]) for line in told] == [
        ("connected", None, None),
        ("step", "Unseal", "Unseal the apps"),
        ("done", "Unseal", None),
    ]
    assert {tuple(line) for line in told} == {("at", "news", "duty", "text", "error")}
    assert json.loads(rest)["error"]["what"] == "Cancelled"
    assert (process.returncode, errors) == (128 + number, "")


@pytest.mark.parametrize("arguments", ["app list", "app list --json", "app logs fleet-map -f"])
def test_a_broken_pipe_is_quiet(arguments: str) -> None:
    with started(*arguments.split()) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(timeout=30) == 0


def test_progress_that_nobody_watches_stops_nothing() -> None:
    with started("app", "deploy", "/srv/map", "--name", "map", "--json") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stderr.close()
        assert json.loads(process.stdout.read())["name"] == "map"
        assert process.wait(timeout=30) == 0


def test_foreign_text_cannot_steer_the_terminal() -> None:
    shown = plain("\x1b[31mred\x1b[0m\x1b]0;title\x07 \x1b[2Jgone\x9b2J\x08\ttab").plain
    assert "red" in shown
    assert "\ttab" in shown
    assert not {"\x1b", "\x07", "\x08", "\x9b"} & set(shown)


def test_it_imports_neither_the_window_nor_the_engine() -> None:
    script = "import sys, holdfast.cli.application; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"PySide6", "docker", "keyring", "cryptography", "jinja2"} & set(loaded)


def test_the_window_is_painted_before_anything_of_the_engines_side_is_loaded() -> None:
    first = "holdfast.__main__, holdfast.ui.application, holdfast.ui.screens.apps"
    script = f"import sys, {first}; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout.split()
    late = {"docker", "keyring", "cryptography", "jinja2", "msgspec", "yaml", "typer", "rich"}
    late |= {"pyqtgraph", "numpy", "packaging", "tomllib", "subprocess"}
    late |= {"holdfast.domain.connection", "holdfast.domain.forge_account", "holdfast.domain.proof"}
    late |= {"holdfast.domain.figures", "holdfast.presenters.figures", "csv"}
    assert not late & set(loaded)
    assert [each for each in loaded if each.startswith(("holdfast.node", "holdfast.cli"))] == []


def test_the_engines_side_loads_without_what_few_of_its_moments_need() -> None:
    script = "import sys, holdfast.main; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"jinja2", "pyrage", "keyring", "github", "gitlab"} & set(loaded)
