"""The way to a Docker engine: one client of docker-py per thread, its exceptions translated."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import requests
from docker import APIClient
from docker.errors import APIError, DockerException
from docker.types import CancellableStream

from holdfast.domain.errors import DiskFull, HoldfastError, NodeUnreachable
from holdfast.domain.operation import CancelToken
from holdfast.ports import Conflict, EngineError, NotFound

#: As Linux words ENOSPC, and the engine after it.
_FULL = "no space left on device"


class _Client(APIClient):
    """docker-py, except that a build's stream can be closed from another thread too."""

    def _stream_helper(self, response: Any, decode: bool = False) -> Any:
        stream = super()._stream_helper(response, decode)  # type: ignore[misc]
        return CancellableStream(stream, response)


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
