"""When the edge's script asks CAs, by looks that a test makes happen."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from holdfast.shipped import RESOURCES

_SCRIPT = RESOURCES / "images/node/bin/ocsp.sh"
#: In the place of programs. A look takes place for each line that `sleep` reads.
_PROGRAMS = {"sleep": "read -r _", "date": "echo 600", "ask": 'echo asked "$@"'}


def test_a_change_is_asked_about_twice_since_the_next_worker_may_begin_late(tmp_path: Path) -> None:
    keys, programs = tmp_path / "keys", tmp_path / "programs"
    programs.mkdir()
    for name, line in _PROGRAMS.items():
        (programs / name).write_text(f"#!/bin/sh\n{line}\n")
        (programs / name).chmod(0o755)
    keys.mkdir()
    (keys / "current").mkdir()
    (keys / "current/certs.list").write_text("own/a.pem a\n")
    text = _SCRIPT.read_text().replace("cd /keys", f"cd '{keys}'")
    text = text.replace("/usr/bin/python3 -Es /usr/lib/holdfast/ocsp.py", f"'{programs}/ask'")
    # after each look it says so
    text = text.replace("      seen=$now\n", "      seen=$now\n      echo looked\n")
    with subprocess.Popen(
        ["/bin/sh", "-c", text, "ocsp.sh", "watch"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={"PATH": f"{programs}:{os.environ['PATH']}"},
    ) as watching:
        stdin, stdout = watching.stdin, watching.stdout
        assert stdin is not None
        assert stdout is not None

        def look() -> bool:
            """Whether CAs are asked."""
            stdin.write("\n")
            stdin.flush()
            told = [stdout.readline()]
            while told[-1] not in ("looked\n", ""):
                told.append(stdout.readline())
            assert told[-1], "it goes on"
            return told[:-1] == ["asked ask\n"]

        assert [look() for _ in range(4)] == [True, True, False, False]
        # as a reload does it
        (keys / "next").write_text("own/a.pem a\n")
        (keys / "next").rename(keys / "current/certs.list")
        assert [look() for _ in range(4)] == [True, True, False, False]
        stdin.close()
        assert watching.wait() == 0
