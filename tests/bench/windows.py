"""How soon the window is painted and what it holds, beside an empty one; whether it ever stalls."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from bench.figures import Figure, at_most
from bench.lab import Lab
from bench.side_by_side import medians
from holdfast.demo import virtual_display

_ROUNDS = 5
_MEGABYTE = 1_000_000
_LONGEST = 120
#: Under which Python keeps nothing of what it has compiled.
_UNCOMPILED = "PYTHONDONTWRITEBYTECODE"


@dataclass
class _Program:
    """A window in a process of its own. resident: what each start held, in bytes."""

    module: str
    home: Path
    resident: list[int] = field(default_factory=list)

    def first_paint(self) -> float:
        """Seconds from the start of its process."""
        began = time.monotonic()
        told = _run(self.module, self.home)
        self.resident.append(told["resident"])
        return float(told["painted"]) - began


def measure(lab: Lab) -> Iterator[Figure]:
    with virtual_display():
        holdfast = _Program("bench.holdfast_window", lab.folder / "home")
        empty = _Program("bench.empty_window", lab.folder / "home")
        # the first start makes files that the later ones find
        holdfast.first_paint()
        empty.first_paint()
        ours, least = medians(_ROUNDS, holdfast.first_paint, empty.first_paint)
        yield Figure(
            "first paint of the window",
            ours / least,
            "ratio",
            at_most(2.5),
            f"From the start of the process, on a virtual display and a node that is stopped: "
            f"{ours:.2f} s, and {least:.2f} s for an empty main window.",
        )
        ours, least = (median(each.resident) / _MEGABYTE for each in (holdfast, empty))
        yield Figure(
            "resident memory of the window",
            ours / least,
            "ratio",
            at_most(1.9),
            f"VmRSS two seconds after the first paint: {ours:.0f} MB, and {least:.0f} MB.",
        )
        stall = _run("bench.busy_window", lab.folder / "home")
        worked = stall["worked"] * 1000
        yield Figure(
            "longest stall of the window's thread",
            stall["seconds"] * 1000,
            "ms",
            at_most(50),
            f"While 200 apps change state every second, on the list and beside a log of 5,000 "
            f"lines a second. The longest that the thread itself worked: {worked:.0f} ms.",
        )


def _run(module: str, home: Path) -> dict[str, Any]:
    # as an installation starts, whose modules have been compiled once
    told = {name: value for name, value in os.environ.items() if name != _UNCOMPILED}
    done = subprocess.run(
        [sys.executable, "-m", module],
        env=told | {"HOLDFAST_HOME": str(home)},
        stdout=subprocess.PIPE,
        check=True,
        timeout=_LONGEST,
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
