#!/usr/bin/python3 -I
"""Carries git's bytes between a fetch container and the workstation, whose ssh reaches the server.

    git_relay.py ask … COMMAND   in place of ssh, as git calls it
    git_relay.py wait            for the workstation: prints the command that git asks for, then
                                 carries standard input and output. Ends with its standard input.

Which server is spoken to, and what it is asked, the workstation decides: nothing here names either.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path
from threading import Thread

#: Where git's side says that it waits, and at which socket.
_ASKED = Path("/tmp/git-asked")
#: Seconds: the workstation waits before git is started.
_PATIENCE = 60
_CHUNK = 1 << 16


def main() -> None:
    with suppress(FileExistsError):
        os.mkfifo(_ASKED, 0o600)
    if sys.argv[1] == "ask":
        ask(sys.argv[-1])
    else:
        wait()


def ask(command: str) -> None:
    place = Path(f"/tmp/git-{os.getpid()}")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(place))
        listening.listen(1)
        # ends this program, and git says that nothing could be read
        signal.alarm(_PATIENCE)
        _ASKED.write_text(f"{place} {command}\n")
        workstation, _ = listening.accept()
        signal.alarm(0)
    place.unlink()
    carry(workstation)


def wait() -> None:
    # opened so, it does not wait for git, and hears of its standard input's end
    asked = os.open(_ASKED, os.O_RDONLY | os.O_NONBLOCK)
    ready, _, _ = select.select([0, asked], [], [])
    if asked not in ready:
        return
    place, _, command = os.read(asked, _CHUNK).partition(b" ")
    # the next one is for whoever waits next
    os.close(asked)
    write(1, command)
    with socket.socket(socket.AF_UNIX) as git:
        git.connect(place)
        carry(git)


def carry(other: socket.socket) -> None:
    """Until the other side ends; it is told when this side has."""

    def send() -> None:
        with suppress(OSError):
            while content := os.read(0, _CHUNK):
                other.sendall(content)
            other.shutdown(socket.SHUT_WR)

    Thread(target=send, daemon=True).start()
    with suppress(OSError):
        while content := other.recv(_CHUNK):
            write(1, content)
    # the thread may be reading still
    os._exit(0)


def write(place: int, content: bytes) -> None:
    while content:
        content = content[os.write(place, content) :]


if __name__ == "__main__":
    main()
