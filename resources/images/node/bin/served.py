"""What a proxy serves, held still while it is read: reload.sh puts another in its place."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

KEYS = Path("/keys")
SERVED = KEYS / "current"


@contextmanager
def held_still() -> Iterator[None]:
    """Brief: a reload waits for it."""
    with (KEYS / "switching").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield
