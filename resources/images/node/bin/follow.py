#!/usr/bin/python3 -I
"""The last lines of a log, then each new one, until the reader goes away: `follow.py FILE LINES`.

The app may put anything in its log's place: a link is not followed, and a pipe not waited for.
Docker leaves the program of a closed exec running, but closes its standard input.
"""

from __future__ import annotations

import os
import select
import shutil
import stat
import sys
from collections import deque
from typing import BinaryIO

_PAUSE_SECONDS = 0.25
#: The last lines are looked for in so much of the log's end.
_LAST_BYTES = 4 << 20


def main() -> None:
    path, lines = sys.argv[1], int(sys.argv[2])
    log = opened(path)
    if log is not None:
        log.seek(max(0, os.fstat(log.fileno()).st_size - _LAST_BYTES))
        sys.stdout.buffer.writelines(deque(log, lines))
    sys.stdout.flush()
    while not select.select([sys.stdin], [], [], _PAUSE_SECONDS)[0] or os.read(0, 4096):
        # before what it holds is copied: the one that is renamed was written to until then
        moved = log is None or not is_at(log, path)
        if log is not None:
            tell_new(log)
        if moved:
            if log is not None:
                log.close()
            log = opened(path)


def opened(path: str) -> BinaryIO | None:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    return None


def is_at(log: BinaryIO, path: str) -> bool:
    try:
        return os.path.samestat(os.fstat(log.fileno()), os.lstat(path))
    except OSError:
        return False


def tell_new(log: BinaryIO) -> None:
    if os.fstat(log.fileno()).st_size < log.tell():
        log.seek(0)
    shutil.copyfileobj(log, sys.stdout.buffer)
    sys.stdout.flush()


if __name__ == "__main__":
    main()
