"""What the command lines of every process on this machine say while something is done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

Seen = set[bytes]


@contextmanager
def watched_command_lines() -> Iterator[Seen]:
    """Those that were seen, filled until the block ends. Those of containers are among them."""
    seen: Seen = set()
    ended = Event()

    def look() -> None:
        while not ended.is_set():
            seen.update(_now())

    watcher = Thread(target=look)
    watcher.start()
    try:
        yield seen
    finally:
        ended.set()
        watcher.join()


def _now() -> Iterator[bytes]:
    for process in Path("/proc").glob("[0-9]*"):
        try:
            yield (process / "cmdline").read_bytes()
        except OSError:
            # it has ended since
            continue
