"""Commands in containers: run to their end, read line by line, or spoken with."""

from __future__ import annotations

import socket
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from holdfast.adapters.docker_connection import DockerConnection, frames, reading
from holdfast.domain.container import Completed
from holdfast.domain.operation import CancelToken, Closable
from holdfast.ports import CommandFailed, EngineError

_TAIL = 40
#: Of a frame, see `frames`.
_OUTPUT, _ERROR = 1, 2
#: What engines before 25 print as the output of a command that never began; later ones refuse it.
_NOT_STARTED = b"OCI runtime exec failed: "


class DockerCommands:
    """The engine's `exec`, as the Engine port describes it."""

    def __init__(self, connection: DockerConnection) -> None:
        self._connection = connection

    def run(self, container: str, command: Sequence[str], user: str) -> Completed:
        api = self._connection.api
        with self._connection.translated():
            made = api.exec_create(container, list(command), user=user)["Id"]
            output, error = api.exec_start(made, demux=True)
            code = self._exit_code(made)
        if code and (output or b"").startswith(_NOT_STARTED):
            raise self._connection.refusal(output.decode(errors="replace").strip())
        return Completed(code, output or b"", error or b"")

    def stream(
        self, container: str, command: Sequence[str], cancel: CancelToken, user: str
    ) -> Generator[str, None, None]:
        api = self._connection.api
        with self._connection.translated():
            made = api.exec_create(container, list(command), user=user, stdin=True)["Id"]
            chunks = api.exec_start(made, stream=True)
        tail: list[str] = []
        with reading(chunks, cancel) as open_chunks:
            for line in _lines(open_chunks):
                tail = [*tail[-_TAIL:], line]
                yield line
        with self._connection.translated():
            code = self._exit_code(made)
        if code:
            raise CommandFailed(code, tail)

    @contextmanager
    def joined(self, container: str, command: Sequence[str], user: str) -> Iterator[_Joined]:
        api = self._connection.api
        with self._connection.translated():
            made = api.exec_create(container, list(command), user=user, stdin=True)["Id"]
            connection = api.exec_start(made, socket=True)
        try:
            yield _Joined(connection)
        finally:
            connection._response.close()

    def complete(self, container: str, given: bytes) -> Completed:
        """Start a container and run its program to the end."""
        api = self._connection.api
        streams = {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
        told: dict[int, bytes] = {}
        with self._connection.translated():
            connection = api.attach_socket(container, params=streams)
            try:
                joined = _Joined(connection)
                api.start(container)
                joined.write(given)
                joined.finish()
                for kind, content in joined.frames:
                    told[kind] = told.get(kind, b"") + content
                code = int(api.wait(container)["StatusCode"])
            finally:
                connection._response.close()
        return Completed(code, told.get(_OUTPUT, b""), told.get(_ERROR, b""))

    @contextmanager
    def held(self, container: str) -> Iterator[Closable]:
        """Start a container whose standard input ends with the block."""
        api = self._connection.api
        connection = None
        try:
            with self._connection.translated():
                connection = api.attach_socket(container, params={"stdin": 1, "stream": 1})
                api.start(container)
            yield _Held(connection)
        finally:
            if connection is not None:
                connection._response.close()

    def _exit_code(self, execution: str) -> int:
        """Output may end a moment before the engine knows how the command did."""
        api: Any = self._connection.api
        deadline = time.monotonic() + self._connection.timeout
        while (code := api.exec_inspect(execution)["ExitCode"]) is None:
            if time.monotonic() > deadline:
                raise EngineError(500, "A command closed its output and does not end.")
            time.sleep(0.01)
        return int(code)


def _lines(chunks: Iterator[bytes]) -> Iterator[str]:
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            yield line.decode(errors="replace").rstrip("\r")
    if rest:
        yield rest.decode(errors="replace")


class _Joined:
    """connection: docker-py's of a started command."""

    def __init__(self, connection: Any) -> None:
        # docker-py's own socket has the patience of an answer
        self._socket: socket.socket = connection._sock
        self._socket.settimeout(None)
        self.frames = frames(connection._response.raw._fp.fp)

    def read(self) -> bytes:
        with suppress(OSError):
            for kind, content in self.frames:
                if kind == _OUTPUT and content:
                    return content
        return b""

    def write(self, content: bytes) -> None:
        with suppress(OSError):
            self._socket.sendall(content)

    def finish(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)


class _Held:
    """connection: docker-py's, to the standard input of a container."""

    def __init__(self, connection: Any) -> None:
        self._socket: socket.socket = connection._sock

    def close(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
