"""Asks the app whether it serves: a websocket for Streamlit, an answer below 500 for others."""

from __future__ import annotations

import base64
import hashlib
import os
import socket
import threading
from collections.abc import Callable

#: Of Streamlit since 1.18, and before.
_WEBSOCKETS = ("/_stcore/stream", "/stream")
# RFC 6455, section 1.3
_WEBSOCKET_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
# a masked close frame without a body, so that the app sees no broken connection
_CLOSE_FRAME = b"\x88\x80\0\0\0\0"
_HEAD_LIMIT = 64 * 1024
_ANSWER_SECONDS = 10.0
_PAUSE_SECONDS = 0.05


def trouble(framework: str, port: int, seconds: float = _ANSWER_SECONDS) -> str | None:
    """None if the app on 127.0.0.1:`port` serves, else what is wrong, in words."""
    try:
        if framework != "streamlit":
            with socket.create_connection(("127.0.0.1", port), seconds) as connection:
                return _page_trouble(connection, port)
        for path in _WEBSOCKETS:
            with socket.create_connection(("127.0.0.1", port), seconds) as connection:
                if (status := _websocket_refusal(connection, port, path)) is None:
                    return None
        return f"Its websocket does not open (status {status})"
    except ConnectionRefusedError:
        return f"It did not open its port {port}"
    except TimeoutError:
        return f"It opened its port {port} and did not answer in {seconds:g} seconds"
    except OSError as error:
        return f"It broke the connection to its port {port}: {error.strerror}"


def _page_trouble(connection: socket.socket, port: int) -> str | None:
    status, _ = _ask(connection, port, "/", ["Connection: close"])
    if 100 <= status < 500:
        return None
    return f"It answers / with status {status}" if status else "It does not speak HTTP"


def _websocket_refusal(connection: socket.socket, port: int, path: str) -> int | None:
    """None if it opens, else the status it is refused with."""
    key = base64.b64encode(os.urandom(16))
    headers = [
        "Connection: Upgrade",
        "Upgrade: websocket",
        f"Origin: http://127.0.0.1:{port}",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {key.decode()}",
    ]
    status, head = _ask(connection, port, path, headers)
    accept = base64.b64encode(hashlib.sha1(key + _WEBSOCKET_GUID).digest())
    if status == 101 and accept in head:
        connection.sendall(_CLOSE_FRAME)
        return None
    return status


def _ask(connection: socket.socket, port: int, path: str, headers: list[str]) -> tuple[int, bytes]:
    """Status, 0 for what is not HTTP, and the head of the answer."""
    # http.client would bring ssl and the email package: 5 MB for each app
    lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", *headers, "", ""]
    connection.sendall("\r\n".join(lines).encode())
    head = b""
    while b"\r\n\r\n" not in head and len(head) < _HEAD_LIMIT:
        more = connection.recv(4096)
        if not more:
            break
        head += more
    words = head.partition(b"\r\n")[0].split()
    if len(words) > 1 and words[0].startswith(b"HTTP/") and words[1].isdigit():
        return int(words[1]), head
    return 0, head


class ReadinessWatch:
    """Asks in a thread of its own until the app serves or nobody waits any more."""

    def __init__(self, framework: str, port: int, wake: Callable[[], None]) -> None:
        self.ready = threading.Event()
        self.trouble = f"It did not open its port {port}"
        self._given_up = threading.Event()
        self._wake = wake
        threading.Thread(target=self._watch, args=(framework, port), daemon=True).start()

    def give_up(self) -> None:
        self._given_up.set()

    def _watch(self, framework: str, port: int) -> None:
        while not self._given_up.is_set():
            found = trouble(framework, port)
            if found is None:
                self.ready.set()
                self._wake()
                return
            self.trouble = found
            self._given_up.wait(_PAUSE_SECONDS)
