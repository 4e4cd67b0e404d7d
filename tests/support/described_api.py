"""A server made of what a forge publishes about its API, which refuses what that does not know."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from free_ports import free_ports
from waiting import wait_until

_MOCK = Path(__file__).parents[2] / "build" / "mock"


@contextmanager
def described_api(name: str, log: Path) -> Iterator[str]:
    """name: of its description, below build/mock."""
    assert (_MOCK / "installed").exists(), "make build/mock/installed brings the server"
    [port] = free_ports(1)
    prism = _MOCK / "node_modules" / ".bin" / "prism"
    with log.open("wb") as told:
        server = subprocess.Popen(
            [prism, "mock", "--port", str(port), _MOCK / name], stdout=told, stderr=told
        )
    try:
        listening = f"Prism is listening on http://127.0.0.1:{port}"
        wait_until(lambda: server.poll() is not None or listening in log.read_text(), "prism", 400)
        assert server.poll() is None, log.read_text()
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()
