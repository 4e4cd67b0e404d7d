"""Ports that nobody listens on at the moment."""

from __future__ import annotations

import socket
from contextlib import ExitStack


def free_ports(number: int) -> tuple[int, ...]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(number)]
        for each in sockets:
            each.bind(("0.0.0.0", 0))
        return tuple(each.getsockname()[1] for each in sockets)
