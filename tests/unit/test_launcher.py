"""The launcher of an app's container, run on this machine with small apps."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from waiting import wait_until

from holdfast.presenters.logs import Level, LogBook

PYTHON_IMAGE = Path(__file__).parents[2] / "resources/images/python"
INTERPRETER = (sys.executable, "-E", "-s", "-S", "-B")
LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (out|err|holdfast) .*")

#: Bytes: longer lines are cut.
LINE_LIMIT = 16 * 1024

SERVER = """
import http.server, os, sys
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == os.environ.get("WEBSOCKET"):
            import base64, hashlib
            guid = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
            key = self.headers["Sec-WebSocket-Key"].encode()
            self.send_response(101)
            accept = base64.b64encode(hashlib.sha1(key + guid).digest()).decode()
            self.send_header("Sec-WebSocket-Accept", accept)
        else:
            self.send_response(int(os.environ.get("STATUS", "200")))
        self.end_headers()
    def log_message(self, *args): pass
server = http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Page)
print("serving as", os.getpid(), flush=True)
server.serve_forever()
"""
SILENT = "import signal; print('alive', flush=True); signal.pause()"


@dataclass
class Launch:
    """A launcher and the folders that it is given."""

    root: Path
    process: subprocess.Popen[str] | None = None
    port: int = field(init=False)

    def __post_init__(self) -> None:
        for folder in (self.folder, self.logs, self.root / "checkout"):
            folder.mkdir()
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = int(free.getsockname()[1])

    @property
    def folder(self) -> Path:
        return self.root / "launch"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    def tell(
        self,
        source: str,
        framework: str = "flask",
        ready_seconds: float = 60,
        secrets: str = "",
        **environment: str,
    ) -> None:
        (self.root / "secrets.toml").write_text(secrets)
        plan = {
            "command": [sys.executable, "-c", source],
            "environment": {"PORT": str(self.port)} | environment,
            "folder": str(self.root / "checkout"),
            "framework": framework,
            "port": self.port,
            "logs": str(self.logs),
            "secrets": str(self.root / "secrets.toml"),
            "ready_seconds": ready_seconds,
        }
        (self.folder / "launch.json").write_text(json.dumps(plan))

    def start(self, *options: str, go: bool = True) -> subprocess.Popen[str]:
        if go:
            (self.folder / "go").touch()
        script = str(PYTHON_IMAGE / "bin/launch.py")
        places = ("--site", str(PYTHON_IMAGE / "site"), "--cgroup", str(self.root))
        self.process = subprocess.Popen(
            [*INTERPRETER, script, str(self.folder), *places, *options],
            text=True,
            stderr=subprocess.PIPE,
        )
        return self.process

    def status(self) -> dict[str, object]:
        try:
            found: dict[str, object] = json.loads((self.logs / "status.json").read_text())
        except FileNotFoundError:
            return {}
        return found

    def wait_for(self, state: str, **facts: object) -> dict[str, object]:
        wanted = {"state": state} | facts
        wait_until(lambda: wanted.items() <= self.status().items(), seconds=30)
        return self.status()

    def lines(self, source: str) -> list[str]:
        """The texts that came from `source`."""
        log = self.logs / "app.log"
        words = (
            [line.split(" ", 2) for line in log.read_text().splitlines()] if log.exists() else []
        )
        return [word[2] for word in words if word[1] == source]

    def wait_ready(self, seconds: float = 30) -> subprocess.CompletedProcess[str]:
        script = str(PYTHON_IMAGE / "bin/wait_ready.py")
        command = [*INTERPRETER, script, str(self.folder), str(seconds)]
        return subprocess.run(command, capture_output=True, text=True, timeout=60)

    def stop(self) -> int:
        assert self.process is not None
        self.process.terminate()
        code = self.process.wait(10)
        assert self.process.stderr is not None
        with self.process.stderr as errors:
            assert errors.read() == ""
        self.process = None
        return code


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Launch]:
    launch = Launch(tmp_path)
    yield launch
    if launch.process is not None:
        assert launch.stop() == 0


def test_an_app_that_serves_is_ready_until_it_is_stopped(launch: Launch) -> None:
    launch.tell(SERVER, STATUS="404")
    launch.start()
    told = launch.wait_ready()
    assert (told.returncode, told.stderr) == (0, "")
    assert json.loads(told.stdout.removeprefix("RESULT "))["seconds"] < 30
    assert (launch.folder / "ready").exists()
    assert launch.wait_for("ready").items() >= {"restarts": 0, "exit": None, "reason": ""}.items()
    assert launch.stop() == 0
    assert launch.status()["state"] == "stopping"
    assert not (launch.folder / "ready").exists()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", launch.port))


@pytest.mark.parametrize("path", ["/_stcore/stream", "/stream"])
def test_streamlit_is_ready_when_its_websocket_opens(launch: Launch, path: str) -> None:
    launch.tell(SERVER, framework="streamlit", WEBSOCKET=path)
    launch.start()
    launch.wait_for("ready")


def test_a_page_is_not_enough_for_streamlit(launch: Launch) -> None:
    launch.tell(SERVER, framework="streamlit", ready_seconds=1)
    launch.start()
    reason = launch.wait_for("crashed")["reason"]
    assert reason == "Its websocket does not open (status 200) within 1 seconds."


def test_an_app_that_ends_at_once_is_told_and_started_again(launch: Launch) -> None:
    launch.tell("import sys; print('bye'); sys.exit(3)")
    launch.start()
    told = launch.wait_ready()
    assert told.returncode == 3
    *log, last = told.stdout.splitlines()
    assert any(line.endswith(" out bye") for line in log)
    error = json.loads(last.removeprefix("ERROR "))
    assert error["why"] == "It ended before it was ready, with exit code 3."
    launch.wait_for("crashed", restarts=1, exit=3)
    assert "It starts again in 2 s." in launch.lines("holdfast")[-1]


def test_an_exception_is_told_without_the_secret_in_it(launch: Launch) -> None:
    source = "import os\nraise LookupError('no ' + os.environ['TOKEN'])"
    launch.tell(source, secrets='TOKEN = "hunter22"')
    launch.start()
    status = launch.wait_for("crashed", exit=1)
    assert status["reason"] == "It raised an exception before it was ready: LookupError: no •••"


@pytest.mark.parametrize(
    ("source", "environment", "reason"),
    [
        (SILENT, {}, "It did not open its port {port} within 0.8 seconds."),
        (SERVER, {"STATUS": "500"}, "It answers / with status 500 within 0.8 seconds."),
    ],
)
def test_an_app_that_never_serves(
    launch: Launch, source: str, environment: dict[str, str], reason: str
) -> None:
    launch.tell(source, ready_seconds=0.8, **environment)
    launch.start()
    assert launch.wait_for("crashed")["reason"] == reason.format(port=launch.port)
    launch.wait_for("starting", restarts=1)


def test_waiting_ends_before_the_app_is_given_up(launch: Launch) -> None:
    launch.tell(SILENT)
    launch.start()
    launch.wait_for("starting")
    told = launch.wait_ready(seconds=0.3)
    assert told.returncode == 3
    error = json.loads(told.stdout.splitlines()[-1].removeprefix("ERROR "))
    assert error["what"] == "The app did not become ready within 0.3 seconds."


def test_a_kill_for_memory_is_told_from_any_other(launch: Launch) -> None:
    events = launch.root / "memory.events"
    events.write_text("oom 4\noom_kill 4\n")
    die = "import os; os.kill(os.getpid(), 9)"
    launch.tell(die)
    launch.start()
    assert "most likely" in str(launch.wait_for("crashed", exit="SIGKILL")["reason"])
    launch.tell(f"open({str(events)!r}, 'w').write('oom_kill 5\\n'); {die}")
    assert launch.process is not None
    launch.process.send_signal(signal.SIGHUP)
    wait_until(lambda: "more memory than its limit" in str(launch.status()["reason"]), seconds=30)


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
        wait_until(lambda count=count: len(launch.lines("out")) == count, seconds=30)
    assert launch.lines("out") == ["said •••", "said •••", "said •••, •••"]


def test_a_hang_up_starts_it_again_with_new_secrets(launch: Launch) -> None:
    source = f"import os; print('colour', len(os.environ['COLOUR']), flush=True)\n{SERVER}"
    launch.tell(source, secrets='COLOUR = "red"')
    process = launch.start()
    launch.wait_for("ready")
    launch.tell(source, secrets='COLOUR = "blue"')
    process.send_signal(signal.SIGHUP)
    wait_until(lambda: "colour 4" in launch.lines("out"), seconds=30)
    assert launch.wait_for("ready")["restarts"] == 0


def test_secrets_reach_the_app_alone_and_override_nothing(launch: Launch) -> None:
    # into a file of the checkout: in the log they would be hidden
    source = "import json, os; json.dump(dict(os.environ), open('seen', 'w'))\n" + SILENT
    names = ("PATH", "LD_PRELOAD", "PYTHONPATH", "STREAMLIT_SERVER_PORT", "PORT", "FLAG")
    secrets = "".join(f'{name} = "stolen"\n' for name in names[:-1])
    secrets += 'TOKEN = "hunter22"\nNUMBER = 7\nYES = true\n"A=B" = "x"\n[db]\npassword = "deep"\n'
    launch.tell(source, secrets=secrets, FLAG="told")
    process = launch.start()
    wait_until(lambda: "alive" in launch.lines("out"), seconds=30)
    seen = json.loads((launch.root / "checkout/seen").read_text())
    assert "stolen" not in seen.values()
    assert (seen["TOKEN"], seen["NUMBER"], seen["FLAG"]) == ("hunter22", "7", "told")
    assert not {"YES", "A=B", "db", "STREAMLIT_SERVER_PORT"} & seen.keys()
    assert seen["PYTHONPATH"] == str(PYTHON_IMAGE / "site")
    assert b"hunter22" not in Path(f"/proc/{process.pid}/environ").read_bytes()


@pytest.mark.parametrize("secrets", ["not = toml = at all", "TOKEN = 'hunter22"])
def test_secrets_that_are_not_toml_stop_the_start(launch: Launch, secrets: str) -> None:
    launch.tell(SERVER, secrets=secrets)
    launch.start()
    reason = "It cannot be started: the secrets are not valid TOML."
    assert launch.wait_for("crashed")["reason"] == reason


def test_a_container_started_by_hand_fails(launch: Launch) -> None:
    launch.tell(SERVER)
    process = launch.start("--go-seconds", "0.1", go=False)
    assert process.wait(10) == 1
    assert process.stderr is not None
    with process.stderr as errors:
        assert "Holdfast alone can" in errors.read()
    launch.process = None
    assert not list(launch.logs.iterdir())


def test_an_app_ends_with_its_volume_and_starts_when_it_is_back(launch: Launch) -> None:
    launch.tell(SERVER)
    launch.start()
    launch.wait_for("ready")
    gone = launch.logs.rename(launch.root / "gone")
    status = launch.folder / "status.json"
    wait_until(lambda: json.loads(status.read_text())["state"] == "crashed", seconds=30)
    assert json.loads(status.read_text())["reason"] == "Its volume was taken away."
    assert not (launch.folder / "ready").exists()
    gone.rename(launch.logs)
    launch.wait_for("ready", restarts=1)


def test_listening_sockets_answer_at_once_and_an_own_sitecustomize_still_runs(
    launch: Launch,
) -> None:
    own = launch.root / "own"
    own.mkdir()
    (own / "sitecustomize.py").write_text("print('own one', flush=True)")
    source = f"""
import socket
with socket.create_server(("127.0.0.1", 0)) as server:
    with socket.create_connection(server.getsockname()), server.accept()[0] as accepted:
        print("no delay", accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY), flush=True)
{SILENT}
"""
    launch.tell(source, PYTHONPATH=str(own))
    launch.start()
    wait_until(lambda: "alive" in launch.lines("out"), seconds=30)
    assert launch.lines("out") == ["own one", "no delay 1", "alive"]
