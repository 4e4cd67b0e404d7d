"""Waiting for what happens soon, and no longer than that."""

from __future__ import annotations

import time
from collections.abc import Callable


def wait_until(condition: Callable[[], bool], what: str = "", seconds: float = 20.0) -> None:
    """what: what is waited for, where the condition does not say it."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"it did not happen in time: {what}"
        time.sleep(0.02)
