"""Measures the groups of figures that are named, or all: `python -m bench [GROUP…]`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console

from bench import (
    deploys,
    figures,
    following,
    idle_memory,
    imports,
    keep_alive,
    pushes,
    repositories,
    volumes,
    windows,
)
from bench.figures import Figure
from bench.lab import Lab

Group = Callable[[Lab], Iterator[Figure]]

#: In the order in which they are measured: the memory of an app comes before what it is put to.
GROUPS: dict[str, Group] = {
    "deploy": deploys.measure,
    "push": pushes.measure,
    "repository": repositories.measure,
    "memory": idle_memory.measure,
    "import": imports.measure,
    "keep-alive": keep_alive.measure,
    "volume": volumes.measure,
    "window": windows.measure,
    "following": following.measure,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=f"of {', '.join(GROUPS)}")
    parser.add_argument("--output", type=Path, default=Path("build/bench.json"))
    given = parser.parse_args()
    if unknown := set(given.groups) - set(GROUPS):
        parser.error(f"there is no group {', '.join(sorted(unknown))}: {', '.join(GROUPS)}")
    chosen = [name for name in GROUPS if name in given.groups or not given.groups]
    taken: list[Figure] = []
    with ExitStack() as stack:
        lab = Lab(stack)
        if "memory" in chosen:
            # the app to look at idles while others are deployed
            lab.wait_idle(0)
        try:
            for name in chosen:
                lab.tell(f"== {name}")
                for figure in GROUPS[name](lab):
                    taken.append(figure)
                    lab.tell(f"{figure.name}: {figure.shown:g} {figure.unit}, {figure.goal}")
        finally:
            # what was measured before a failure is not lost with it
            figures.write(taken, given.output)
            Console(width=None if sys.stdout.isatty() else 160).print(figures.as_table(taken))
            print(f"Written to {given.output}")


if __name__ == "__main__":
    main()
