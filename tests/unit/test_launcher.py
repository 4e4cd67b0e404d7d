"""The launcher of an app's container, run on this machine with small apps."""

from __future__ import annotations

import json
import socket
import subprocess
from pathlib import Path

import pytest
from launch_world import PYTHON_IMAGE, SERVER, SILENT, Launch
from waiting import wait_until


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
    launch.tell(SERVER, framework="streamlit", ready_seconds=5)
    launch.start()
    reason = launch.wait_for("crashed")["reason"]
    assert reason == "Its websocket does not open (status 200) within 5 seconds."


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
        (SILENT, {}, "It did not open its port {port} within 3 seconds."),
        (SERVER, {"STATUS": "500"}, "It answers / with status 500 within 3 seconds."),
    ],
)
def test_an_app_that_never_serves(
    launch: Launch, source: str, environment: dict[str, str], reason: str
) -> None:
    launch.tell(source, ready_seconds=3, **environment)
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
    wait_until(lambda: "more memory than its limit" in str(launch.status()["reason"]), seconds=30)


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


def test_one_that_is_begun_ahead_waits_for_as_long_as_it_takes(launch: Launch) -> None:
    launch.tell(SERVER)
    (launch.folder / "ahead").touch()
    process = launch.start("--go-seconds", "0", go=False)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(1)
    (launch.folder / "go").touch()
    launch.wait_for("ready")


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
