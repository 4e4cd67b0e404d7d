"""What a command prints arrives whole, also when the engine sends it along with its headers."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingUnixStreamServer
from threading import Event, Thread

import pytest

from holdfast.adapters.docker_commands import DockerCommands
from holdfast.adapters.docker_connection import DockerConnection
from holdfast.domain.container import Completed
from holdfast.domain.operation import CancelToken

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
    """Runs `sh`, which prints at once. `follow` prints a second line when it is told to."""

    go_on = Event()

    def do_GET(self) -> None:
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

    def _answer(self, answer: object) -> None:
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def address_string(self) -> str:
        return "the test"

    def log_message(self, *words: object) -> None:
        pass


@pytest.fixture
def commands(tmp_path: Path) -> Iterator[DockerCommands]:
    socket = tmp_path / "docker.sock"
    with ThreadingUnixStreamServer(str(socket), Engine) as server:
        server.daemon_threads = True
        thread = Thread(target=server.serve_forever)
        thread.start()
        connection = DockerConnection(f"unix://{socket}", timeout=5)
        try:
            yield DockerCommands(connection)
        finally:
            connection.api.close()
            server.shutdown()
            thread.join()


def test_output_and_error_are_whole(commands: DockerCommands) -> None:
    assert commands.run("c", ["sh"], "") == Completed(0, b"first\n" + LONG, b"oh")


@pytest.mark.timeout(60)
def test_the_first_line_does_not_wait_for_the_second(commands: DockerCommands) -> None:
    Engine.go_on.clear()
    lines = commands.stream("c", ["follow"], CancelToken(), "")
    assert next(lines) == "first"
    Engine.go_on.set()
    assert list(lines) == ["oh" + LONG.decode()]
