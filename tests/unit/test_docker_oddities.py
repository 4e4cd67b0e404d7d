"""Answers that engines give and docker-py does not expect: output that comes along with the
headers, and no answer at all."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingUnixStreamServer
from threading import Event, Thread
from typing import ClassVar

import pytest

from holdfast.adapters.docker_commands import DockerCommands
from holdfast.adapters.docker_connection import DockerConnection
from holdfast.adapters.docker_engine import DockerEngine
from holdfast.domain.container import Completed
from holdfast.domain.operation import CancelToken
from holdfast.ports import EngineError, NotFound

VERSION = {"ApiVersion": "1.41", "MinAPIVersion": "1.12", "Version": "20.10.24"}
UPGRADED = (
    b"HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\n"
    b"Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
)
#: As long as the first of it shares a buffer with the headers, and the rest does not.
LONG = b"x" * 20_000


def frame(kind: int, content: bytes) -> bytes:
    return struct.pack(">BxxxL", kind, len(content)) + content


class Engine(BaseHTTPRequestHandler):
    """Runs `sh`, which prints at once. `follow` prints a second line when it is told to. Whatever
    is measured ends at that moment."""

    go_on = Event()
    #: Words in which containers are not removed, one for each time that one is asked for.
    refusals: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        if "/stats" in self.path:
            self._send(b"")
            return
        self._answer({"ExitCode": 0} if "/exec/" in self.path else VERSION)

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path.endswith("/start"):
            self.connection.sendall(UPGRADED + frame(1, b"first\n") + frame(2, b"oh"))
            if self.path.endswith("follow/start"):
                assert self.go_on.wait(30)
            self.connection.sendall(frame(1, LONG))
            self.close_connection = True
        else:
            self._answer({"Id": asked["Cmd"][0]})

    def do_DELETE(self) -> None:
        if self.refusals:
            self._send(json.dumps({"message": self.refusals.pop(0)}).encode(), 500)
        else:
            self._send(b"", 204)

    def _answer(self, answer: object) -> None:
        self._send(json.dumps(answer).encode())

    def _send(self, body: bytes, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def address_string(self) -> str:
        return "the test"

    def log_message(self, *words: object) -> None:
        pass


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    socket = tmp_path / "docker.sock"
    with ThreadingUnixStreamServer(str(socket), Engine) as server:
        server.daemon_threads = True
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"unix://{socket}"
        server.shutdown()
        thread.join()


@pytest.fixture
def commands(url: str) -> Iterator[DockerCommands]:
    connection = DockerConnection(url, timeout=5)
    yield DockerCommands(connection)
    connection.api.close()


def test_output_and_error_are_whole(commands: DockerCommands) -> None:
    assert commands.run("c", ["sh"], "") == Completed(0, b"first\n" + LONG, b"oh")


@pytest.mark.timeout(60)
def test_the_first_line_does_not_wait_for_the_second(commands: DockerCommands) -> None:
    Engine.go_on.clear()
    lines = commands.stream("c", ["follow"], CancelToken(), "")
    assert next(lines) == "first"
    Engine.go_on.set()
    assert list(lines) == ["oh" + LONG.decode()]


def test_a_container_that_ends_while_it_is_measured_is_gone(url: str) -> None:
    engine = DockerEngine(url, timeout=5)
    with pytest.raises(NotFound, match="ended"):
        engine.usage("c")


def test_a_container_that_ends_while_it_is_killed_is_removed(url: str) -> None:
    engine = DockerEngine(url, timeout=5)
    Engine.refusals[:] = ["Could not kill running container c, cannot remove - c is not running"]
    engine.remove("c")
    assert Engine.refusals == []
    Engine.refusals[:] = ["driver failed to remove root filesystem", "nobody asks again"]
    with pytest.raises(EngineError, match="root filesystem"):
        engine.remove("c")
    assert Engine.refusals == ["nobody asks again"]
