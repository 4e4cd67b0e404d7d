"""`holdfast` in a process of its own: its window is painted, on a node that is stopped."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).parents[1]


def test_the_window_opens_where_no_node_runs(tmp_path: Path) -> None:
    environment = os.environ | {
        "HOLDFAST_HOME": str(tmp_path / "home"),
        "QT_QPA_PLATFORM": "offscreen",
        "PYTHONPATH": str(TESTS),
    }
    done = subprocess.run(
        [sys.executable, "-m", "bench.holdfast_window"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert set(json.loads(done.stdout)) == {"painted", "resident"}


_SOURCES_KEPT = """
import linecache
import holdfast.ui.application
import holdfast.main
ours = holdfast.main.__file__.removesuffix("main.py")
print([file for file in linecache.cache if file.startswith(ours)])
"""


def test_no_source_is_kept_of_what_is_loaded_after_qt() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _SOURCES_KEPT],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert done.stdout == "[]\n"
