"""A visitor's browser as far as Streamlit needs one: it asks for a run and waits for its words."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

#: Streamlit's BackMsg (proto/streamlit/proto/BackMsg.proto) with an empty `rerun_script`, field 11.
_RERUN = b"\x5a\x00"
_PAUSE = 0.02


@dataclass(frozen=True, slots=True)
class Page:
    """Where a Streamlit app answers. trust: None for plain HTTP."""

    place: tuple[str, int]
    host: str
    trust: ssl.SSLContext | None = None

    def wait_for(self, mark: str, seconds: float = 90.0) -> None:
        """Until a run of the script has sent `mark`; tries again while nothing answers."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                if self._run(mark.encode(), deadline):
                    return
                trouble = "the script ran without it"
            except (OSError, EOFError, WebSocketException) as error:
                trouble = f"{type(error).__name__}: {error}"
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.host} did not show “{mark}” in time: {trouble}")
            time.sleep(_PAUSE)

    def _run(self, mark: bytes, deadline: float) -> bool:
        with self.opened() as page:
            return page.shows(mark, deadline)

    @contextmanager
    def opened(self) -> Iterator[OpenPage]:
        """A page that has asked for a first run, while the block runs."""
        authority = f"{self.host}:{self.place[1]}"
        secure = "s" if self.trust else ""
        with (
            socket.create_connection(self.place, 5) as plain,
            connect(
                f"ws{secure}://{authority}/_stcore/stream",
                sock=plain,
                ssl=self.trust,
                server_hostname=self.host if self.trust else None,
                origin=Origin(f"http{secure}://{authority}"),
                subprotocols=[Subprotocol("streamlit")],
                compression=None,
                max_size=None,
            ) as page,
        ):
            page.send(_RERUN)
            yield OpenPage(page)


@dataclass(frozen=True, slots=True)
class OpenPage:
    connection: ClientConnection

    def wait_for(self, mark: str, seconds: float = 30.0) -> None:
        if not self.shows(mark.encode(), time.monotonic() + seconds):
            raise TimeoutError(f"The open page did not show “{mark}” in time.")

    def shows(self, mark: bytes, deadline: float) -> bool:
        while (left := deadline - time.monotonic()) > 0:
            told = self.connection.recv(timeout=left)
            if isinstance(told, bytes) and mark in told:
                return True
        return False
