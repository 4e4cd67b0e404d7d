"""An engine that is none to use is refused before anything is done to it, and not remembered."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingUnixStreamServer
from threading import Thread
from typing import Any

import pytest
from engine_answers import INFO, VERSION

from holdfast.adapters.home import Home, NodeSettings
from holdfast.adapters.workstation import usual_engine
from holdfast.domain.errors import HoldfastError

PODMAN: dict[str, Any] = {
    "/info": {**INFO, "ServerVersion": "4.9.3"},
    "/version": {**VERSION, "Components": [{"Name": "Podman Engine", "Version": "4.9.3"}]},
    "/_ping": "OK",
}


@pytest.fixture
def podman(tmp_path: Path) -> Iterator[tuple[Path, list[str]]]:
    """The socket of something that answers as Podman does, and all that it was asked."""
    asked: list[str] = []

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = "/" + self.path.rpartition("/")[2]
            asked.append(path)
            answer = PODMAN[path]
            body = (answer if isinstance(answer, str) else json.dumps(answer)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_HEAD(self) -> None:
            self.send_response(200)
            self.end_headers()

        def address_string(self) -> str:
            return "the test"

        def log_message(self, *words: object) -> None:
            pass

    socket = tmp_path / "podman.sock"
    with ThreadingUnixStreamServer(str(socket), Answers) as server:
        server.daemon_threads = True
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield socket, asked
        finally:
            server.shutdown()
            thread.join()


def start(home: Path, socket: Path) -> dict[str, str]:
    """The error of `holdfast node start --use-engine`."""
    places = {"HOLDFAST_HOME": str(home), "DOCKER_HOST": f"unix://{socket}"}
    done = subprocess.run(
        [sys.executable, "-m", "holdfast", "node", "start", "--use-engine", "--json"],
        env={**os.environ, **places},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    error: dict[str, str] = json.loads(done.stdout)["error"]
    return error


def chosen(home: Path) -> NodeSettings:
    return Home({"HOLDFAST_HOME": str(home)}).node()


def test_podman_is_refused_by_name(podman: tuple[Path, list[str]], tmp_path: Path) -> None:
    socket, asked = podman
    assert "Podman" in start(tmp_path / "home", socket)["what"]
    assert chosen(tmp_path / "home") == NodeSettings()
    assert set(asked) <= set(PODMAN)


def test_the_engine_of_before_stays_the_chosen_one(tmp_path: Path) -> None:
    silent = tmp_path / "silent.sock"
    with ThreadingUnixStreamServer(str(silent), BaseHTTPRequestHandler):
        pass
    before = NodeSettings(engine=str(tmp_path / "docker.sock"))
    Home({"HOLDFAST_HOME": str(tmp_path / "home")}).remember(before)
    assert "does not answer" in start(tmp_path / "home", silent)["what"]
    assert chosen(tmp_path / "home") == before


@pytest.mark.parametrize("host", ["tcp://192.0.2.1:2375", "ssh://ada:secret@192.0.2.1"])
def test_an_engine_that_is_reached_over_a_network_is_refused(host: str) -> None:
    with pytest.raises(HoldfastError, match="which is not supported") as told:
        usual_engine({"DOCKER_HOST": host})
    assert "secret" not in str(told.value)


def test_who_names_an_engine_is_given_no_other(podman: tuple[Path, list[str]]) -> None:
    socket, _ = podman
    assert usual_engine({"DOCKER_HOST": f"unix://{socket}"}) == socket
    gone = socket.with_name("gone.sock")
    with pytest.raises(HoldfastError) as told:
        usual_engine({"DOCKER_HOST": f"unix://{gone}"})
    assert str(gone) in told.value.why
