"""What a proxy serves, while a reload puts another in its place and somebody reads it."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from waiting import wait_until

from holdfast.shipped import RESOURCES

_SCRIPTS = RESOURCES / "images/node/bin"
#: Waiting for a lock, as /proc/locks has it.
_WAITS = "-> FLOCK"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it runs in the node's image")


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """What is served and what was pushed, and the scripts beside it."""
    for folder in ("bin", "current", "next"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "certs.list").write_text(f"certs/a.pem {folder}.test\n")
    for script in ("reload.sh", "served.py", "edge_counters.py"):
        text = (_SCRIPTS / script).read_text()
        for there, here in (
            ("/usr/lib/holdfast", str(tmp_path / "bin")),
            ("cd /keys", f"cd '{tmp_path}'"),
            ('Path("/keys")', f"Path({str(tmp_path)!r})"),
        ):
            text = text.replace(there, here)
        (tmp_path / "bin" / script).write_text(text)
    (tmp_path / "bin/check.sh").touch()
    return tmp_path


def waits_for(lock: Path) -> bool:
    found = f":{lock.stat().st_ino} "
    lines = Path("/proc/locks").read_text().splitlines()
    return any(_WAITS in line and found in line for line in lines)


def test_what_is_read_is_not_taken_away_meanwhile(keys: Path) -> None:
    lock = keys / "switching"
    with lock.open("w") as reading:
        fcntl.flock(reading, fcntl.LOCK_SH)
        with subprocess.Popen(["sh", keys / "bin/reload.sh", "no-process"]) as reload:
            wait_until(lambda: waits_for(lock), "the reload waits")
            assert (keys / "current/certs.list").read_text() == "certs/a.pem current.test\n"
            fcntl.flock(reading, fcntl.LOCK_UN)
            reload.wait()
    assert (keys / "current/certs.list").read_text() == "certs/a.pem next.test\n"
    assert not (keys / "previous").exists()


def test_a_reader_waits_until_something_is_served_again(keys: Path) -> None:
    lock = keys / "switching"
    script = "from edge_counters import served; import json; print(json.dumps(list(served())))"
    with lock.open("w") as switching:
        fcntl.flock(switching, fcntl.LOCK_EX)
        # as between the two steps of a reload
        (keys / "current").rename(keys / "previous")
        environment = os.environ | {"PYTHONPATH": str(keys / "bin")}
        with subprocess.Popen(
            [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, env=environment
        ) as reader:
            wait_until(lambda: waits_for(lock), "the reader waits")
            (keys / "next").rename(keys / "current")
            fcntl.flock(switching, fcntl.LOCK_UN)
            told, _ = reader.communicate()
    assert json.loads(told) == ["next.test"]
