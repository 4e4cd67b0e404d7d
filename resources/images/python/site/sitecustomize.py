"""Answers of the app leave at once: its listening sockets are set to TCP_NODELAY."""

from __future__ import annotations

import socket
import sys
from contextlib import suppress
from importlib.machinery import PathFinder
from importlib.util import module_from_spec

_listen = socket.socket.listen


def listen(self: socket.socket, *backlog: int) -> None:
    """As socket.listen. Linux hands the option on to every connection that is accepted.

    Without it a keep-alive answer in two writes waits for the other side's delayed
    acknowledgement: 40 ms.
    """
    if self.family in (socket.AF_INET, socket.AF_INET6) and self.type == socket.SOCK_STREAM:
        with suppress(OSError):
            self.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    _listen(self, *backlog)


def run_the_next_one() -> None:
    """The environment may have a sitecustomize of its own, which this one hides."""
    here = __file__.rpartition("/")[0]
    others = [folder for folder in sys.path if folder.rstrip("/") != here]
    spec = PathFinder.find_spec("sitecustomize", others)
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(module_from_spec(spec))


socket.socket.listen = listen  # type: ignore[assignment, method-assign]
run_the_next_one()
