"""What the benchmarks measure of the window: the program itself, watched from within."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).parents[1]


def test_the_real_window_tells_when_it_is_painted_and_ends(tmp_path: Path) -> None:
    own = {
        "HOLDFAST_HOME": str(tmp_path),
        "PYTHONPATH": str(TESTS),
        "QT_QPA_PLATFORM": "offscreen",
        # nobody's keychain is asked
        "DBUS_SESSION_BUS_ADDRESS": f"unix:path={tmp_path}/none",
    }
    done = subprocess.run(
        [sys.executable, "-m", "bench.holdfast_window"],
        env=os.environ | own,
        capture_output=True,
        check=True,
        timeout=120,
    )
    told = json.loads(done.stdout)
    assert told["painted"] > 0
    assert told["resident"] > 10_000_000
