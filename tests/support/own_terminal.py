"""The command line on a world in memory, as a program on a terminal of its own."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path


class Terminal:
    """The command line as a program, on a terminal of its own."""

    def __init__(self, *arguments: str, faults: str) -> None:
        self._mine, theirs = pty.openpty()
        world = Path(__file__).with_name("terminal_world.py")
        self.process = subprocess.Popen(
            ["setsid", "--ctty", "--wait", sys.executable, str(world), *arguments],
            env=os.environ | {"FAULTS": faults},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)

    def read_until(self, words: str) -> str:
        """What it says, up to these words; fails at its end."""
        said = b""
        while words.encode() not in said:
            said += os.read(self._mine, 1 << 16)
        return said.decode()

    def type(self, text: str) -> None:
        os.write(self._mine, text.encode() + b"\n")

    def close(self) -> int:
        status = self.process.wait(timeout=30)
        os.close(self._mine)
        return status
