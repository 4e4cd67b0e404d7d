"""The way to a Docker engine: one client of docker-py per thread, its exceptions translated."""

from __future__ import annotations

import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any, BinaryIO

import requests
from docker import APIClient
from docker.errors import APIError, DockerException
from docker.types import CancellableStream
from docker.utils.socket import consume_socket_output, demux_adaptor

from holdfast.domain.errors import DiskFull, HoldfastError, NodeUnreachable
from holdfast.domain.operation import CancelToken
from holdfast.ports import Conflict, EngineError, ImageMissing, NotFound

#: As Linux words ENOSPC, and the engine after it.
_FULL = "no space left on device"
#: As the engine words it where a container is to be made of an image that it does not have.
_NO_IMAGE = "No such image"


class _Client(APIClient):
    """docker-py, except that a build's stream can be closed from another thread too, and that
    nothing is lost of what a command prints at once."""

    def _stream_helper(self, response: Any, decode: bool = False) -> Any:
        stream = super()._stream_helper(response, decode)  # type: ignore[misc]
        return CancellableStream(stream, response)

    def _read_from_socket(
        self, response: Any, stream: bool, tty: bool = True, demux: bool = False
    ) -> Any:
        # docker-py reads below the buffer of the answer's headers, and loses what came along with
        # them: https://github.com/docker/docker-py/issues/3332
        self._disable_socket_timeout(self._get_raw_response_socket(response))  # type: ignore[attr-defined]
        found = frames(response.raw._fp.fp)
        parts: Any = (demux_adaptor(*frame) if demux else frame[1] for frame in found)
        if stream:
            return parts
        try:
            whole: Any = consume_socket_output(parts, demux=demux)  # type: ignore[call-overload]
            return whole
        finally:
            response.close()


def frames(answer: BinaryIO) -> Iterator[tuple[Any, bytes]]:
    """(1 for output or 2 for error, bytes) as the engine sends them, each after 8 bytes that say
    which and how many (Docker Engine API, “Attach to a container”)."""
    while len(header := answer.read(8)) == 8:
        kind, size = struct.unpack(">BxxxL", header)
        yield kind, answer.read(size)


class DockerConnection:
    """url: unix:///path/docker.sock. timeout: of one answer, in seconds."""

    def __init__(self, url: str, timeout: int) -> None:
        self._url = url
        self._threads = threading.local()
        self.timeout = timeout

    @property
    def api(self) -> Any:  # docker-py's published types miss half of the calls used here
        """This thread's client: one cannot be shared."""
        api: APIClient | None = getattr(self._threads, "api", None)
        if api is None:
            with self.translated():
                api = _Client(base_url=self._url, timeout=self.timeout, version="auto")
            self._threads.api = api
        return api

    @contextmanager
    def translated(self) -> Iterator[None]:
        """Vendor exceptions end here."""
        try:
            yield
        except APIError as error:
            status = error.response.status_code if error.response is not None else 500
            raise self.refusal(str(error.explanation or error), status) from None
        except (DockerException, requests.exceptions.RequestException, OSError) as error:
            raise NodeUnreachable(
                "The node's engine does not answer.",
                f"{self._url}: {type(error).__name__}",
                "Start it with: holdfast node start",
            ) from None

    def refusal(self, message: str, status: int = 500) -> HoldfastError:
        """The error that the engine's words tell of. message: they themselves."""
        if _FULL in message:
            return DiskFull(self._data_root)
        if status == 404 and _NO_IMAGE in message:
            return ImageMissing(message)
        kind = {404: NotFound, 409: Conflict}.get(status, EngineError)
        return kind(status, message)

    @cached_property
    def _data_root(self) -> str:
        return str(self.api.info()["DockerRootDir"])


@contextmanager
def reading(stream: Any, cancel: CancelToken) -> Iterator[Any]:
    """Read a stream of docker-py until its end or a cancel."""
    try:
        with cancel.closing(stream) as chunks:
            yield chunks
    finally:
        # its own close() leaves the descriptor to the garbage collector
        stream._response.close()
