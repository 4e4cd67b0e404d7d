"""Waits until the app serves, or tells why it does not: wait_ready.py FOLDER SECONDS."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import deque
from contextlib import suppress
from pathlib import Path

_LAST_LINES = 20
_POLL_SECONDS = 0.02


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("seconds", type=float)
    given = parser.parse_args()
    began = time.monotonic()
    while (elapsed := time.monotonic() - began) < given.seconds:
        status = read_status(given.folder)
        if status.get("state") == "ready":
            print("RESULT", json.dumps({"seconds": round(elapsed, 2)}))
            return 0
        # a restart after a crash, or its end: the first crash is final
        if status.get("state") in ("crashed", "stopping") or status.get("restarts"):
            what = "The app did not start."
            next_step = "Read the last lines of its log, repair it and deploy again."
            return told(given.folder, what, str(status.get("reason")), next_step)
        time.sleep(_POLL_SECONDS)
    what = f"The app did not become ready within {given.seconds:g} seconds."
    next_step = "If it needs longer to start, allow it more time; otherwise read its log."
    return told(given.folder, what, "It runs, and does not answer yet.", next_step)


def read_status(folder: Path) -> dict[str, object]:
    """What the launcher says; empty before it says anything."""
    # the launch folder's own copy: the one in the logs may be of another release
    with suppress(OSError, ValueError):
        status = json.loads((folder / "status.json").read_text("utf-8"))
        if isinstance(status, dict):
            return status
    return {}


def told(folder: Path, what: str, why: str, next_step: str) -> int:
    for line in last_lines(folder):
        print(line)
    print("ERROR", json.dumps({"what": what, "why": why, "next": next_step}))
    return 3


def last_lines(folder: Path) -> list[str]:
    with suppress(OSError, ValueError, KeyError):
        logs = Path(json.loads((folder / "launch.json").read_text("utf-8"))["logs"])
        with (logs / "app.log").open(encoding="utf-8", errors="replace") as log:
            return [line.rstrip("\n") for line in deque(log, _LAST_LINES)]
    return []


if __name__ == "__main__":
    sys.exit(main())
