"""`python -m holdfast` and the `holdfast` command."""

from __future__ import annotations

import os
import sys

from holdfast.lazy import LazyMachine, run_command_line


def run() -> None:
    machine = LazyMachine(dict(os.environ))
    # without a command it is the window, which needs nothing of the command line's
    sys.exit(run_command_line(machine) if sys.argv[1:] else machine.window(None))


if __name__ == "__main__":
    run()
