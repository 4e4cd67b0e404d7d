"""The log that the launcher writes: stamped, cut, rotated, and without the app's secrets."""

from __future__ import annotations

import os
import re
import signal
from functools import partial
from pathlib import Path
from urllib.parse import quote, quote_plus

from launch_world import SILENT, Launch
from waiting import wait_until

from holdfast.presenters.logs import Level, LogBook

LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (out|err|holdfast) .*")
#: Bytes: longer lines are cut.
LINE_LIMIT = 16 * 1024


def _said(launch: Launch, count: int) -> bool:
    return len(launch.lines("out")) == count


def test_both_streams_are_stamped_and_levelled(launch: Launch) -> None:
    source = "import sys; print('plain', flush=True); print('a\\rb\\n\\tc', file=sys.stderr)\n1/0"
    launch.tell(source)
    launch.start()
    launch.wait_for("crashed")
    assert launch.lines("out") == ["plain"]
    assert launch.lines("err")[:2] == ["b", "\tc"]
    text = (launch.logs / "app.log").read_text()
    assert all(LINE.fullmatch(line) for line in text.splitlines())
    book = LogBook()
    book.add(text.splitlines())
    errors = [line.text for line in book.filter("", Level.ERROR)]
    assert any(line.endswith(" err ZeroDivisionError: division by zero") for line in errors)
    # the indented lines between go with the line before them
    assert any('err   File "<string>", line 2' in line for line in errors)


def test_long_lines_are_cut_and_files_rotated(launch: Launch) -> None:
    source = f"for n in range(700): print('x' * 30_000)\n{SILENT}"
    launch.tell(source)
    launch.start()
    wait_until(lambda: "alive" in launch.lines("out"), seconds=30)
    names = sorted(path.name for path in launch.logs.glob("app.log*"))
    assert names == ["app.log", "app.log.1", "app.log.2"]
    assert all(path.stat().st_size <= 5_000_000 for path in launch.logs.glob("app.log*"))
    first = (launch.logs / "app.log.2").read_text().splitlines()[0]
    assert first.endswith("xxx … (cut)")
    assert 16_384 < len(first) < 16_500


def test_secrets_are_hidden_in_the_log_however_they_are_spelled(launch: Launch) -> None:
    secret = "hunter2 & 'co'"
    source = f"""
import base64, json, os, urllib.parse
token = {secret!r}
for text in (
    token, repr(token), json.dumps(token), urllib.parse.quote(token),
    urllib.parse.urlencode({{"token": token}}), base64.b64encode(token.encode()).decode(),
    base64.b64encode(b"ab:" + token.encode()).decode(),
    "x" * ({LINE_LIMIT} - 8) + token,
):
    print("said", text, flush=True)
"""
    launch.tell(source, secrets=f'TOKEN = "{secret}"\nSHORT = "aid"\n')
    launch.start()
    wait_until(lambda: len(launch.lines("out")) == 8, seconds=30)
    lines = launch.lines("out")
    assert all(line.startswith("said ") and "•••" in line for line in lines)
    log = (launch.logs / "app.log").read_text()
    for form in (secret, "hunter", quote(secret), quote_plus(secret), "aHVudGVy", "OmhtbnRlcj"):
        assert form not in log, form


def test_a_secret_is_hidden_where_a_line_is_cut_within_one_of_its_characters(
    launch: Launch,
) -> None:
    source = f"""
import os
token = os.environ["TOKEN"]
print("x" * ({LINE_LIMIT} - len("hunter") - 1) + token, flush=True)
"""
    launch.tell(source + SILENT, secrets='TOKEN = "hunter\u00e4-geheim"')
    launch.start()
    wait_until(lambda: bool(launch.lines("out")), seconds=30)
    assert launch.lines("out")[0].endswith("x••• … (cut)")


def test_a_secret_is_hidden_as_soon_as_it_is_there_and_ever_after(launch: Launch) -> None:
    source = """
import pathlib, signal
signal.signal(signal.SIGUSR1, lambda *_: None)
file = pathlib.Path("../secrets.toml")
for _ in range(2):
    print("said", file.read_text().split('"')[1], flush=True)
    signal.pause()
print("said first-one, second-one", flush=True)
signal.pause()
"""
    launch.tell(source, secrets='TOKEN = "first-one"')
    process = launch.start()
    wait_until(lambda: len(launch.lines("out")) == 1, seconds=30)
    # as the engine does it: another file in the place of the first
    new = launch.root / "new"
    new.write_text('TOKEN = "second-one"')
    new.replace(launch.root / "secrets.toml")
    for count in (2, 3):
        [child] = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        os.kill(int(child), signal.SIGUSR1)
        wait_until(partial(_said, launch, count), seconds=30)
    assert launch.lines("out") == ["said •••", "said •••", "said •••, •••"]
