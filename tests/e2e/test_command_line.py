"""The command line as scripts use it: a process for each verb, on a real engine, in JSON."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from command_line import CommandLine
from world import Repository

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

SECRET = "a greeting that nobody else says"
APP = """
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(f"VERSION, {os.environ.get('GREETING', 'no greeting')}".encode())

    def log_message(self, text, *arguments):
        print("asked for", self.path)


print("VERSION is up")
ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Answer).serve_forever()
"""


def files(version: str) -> dict[str, str]:
    return {"app.py": APP.replace("VERSION", version), "Procfile": "web: exec python app.py\n"}


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    return Repository(tmp_path_factory.mktemp("repositories") / "echo")


@pytest.fixture(scope="module")
def first_commit(repository: Repository) -> str:
    return repository.commit(files("one"), "Say one")


@pytest.fixture(scope="module")
def app(holdfast: CommandLine, repository: Repository, first_commit: str) -> Iterator[str]:
    """A running app, the first of its releases."""
    holdfast.ask("app", "deploy", str(repository), "--name", "echo", "--memory", "256m")
    yield "echo"
    holdfast.ask("app", "remove", "echo", "--yes")


def visit(holdfast: CommandLine, app: str, path: str = "/") -> str:
    """What a visitor is answered who trusts the node's CA and no other."""
    shown = holdfast.ask("app", "show", app)
    host = urlsplit(shown["url"]).hostname
    address, port = shown["address"].split(":")
    trust = ssl.create_default_context(cafile=holdfast.home / "visitors-ca.pem")
    with (
        socket.create_connection((address, int(port)), 10) as plain,
        trust.wrap_socket(plain, server_hostname=host) as secured,
    ):
        client = http.client.HTTPConnection(str(host))
        client.sock = secured
        client.request("GET", path, headers={"Connection": "close"})
        return client.getresponse().read().decode()


def test_the_node_says_how_it_is(holdfast: CommandLine, empty_engine: Path, app: str) -> None:
    status = holdfast.ask("node", "status")
    assert (status["state"], status["apps"]) == ("unsealed", 1)
    assert status["socket"] == str(empty_engine)
    assert status["engine_version"]


def test_a_deployed_app_is_listed_shown_and_served(
    holdfast: CommandLine, app: str, first_commit: str
) -> None:
    [listed] = holdfast.ask("app", "list")["apps"]
    assert (listed["name"], listed["state"]) == (app, "running")
    assert listed["commit"] == first_commit
    shown = holdfast.ask("app", "show", app)
    assert shown.items() >= {**listed, "memory_bytes": shown["memory_bytes"]}.items()
    assert shown["limits"]["memory_bytes"] == 256 << 20
    assert shown["release"]["message"] == "Say one"
    assert not shown["volume"]["sealed"]
    assert visit(holdfast, app) == "one, no greeting"


def test_what_it_printed_is_read_and_followed(holdfast: CommandLine, app: str) -> None:
    printed = holdfast.ask("app", "logs", app)["lines"]
    assert [line for line in printed if line.endswith(" one is up")]
    with holdfast.started("app", "logs", app, "--follow", "--lines", "1") as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["line"]
        visit(holdfast, app, "/followed")
        for text in process.stdout:
            if json.loads(text)["line"].endswith(" asked for /followed"):
                break
        process.send_signal(signal.SIGINT)
        [last] = process.stdout.read().splitlines()
        assert json.loads(last)["error"]["what"] == "Cancelled"
        assert process.wait(timeout=30) == 130


def test_secrets_reach_the_running_app(holdfast: CommandLine, app: str) -> None:
    document = f'GREETING = "{SECRET}"\n[database]\nport = 5432\n'.encode()
    done = holdfast.run("secrets", "import", app, "-", given=document)
    assert done.status == 0, done
    assert done.answer == {
        "name": app,
        "secrets": ["GREETING", "database.port"],
        "applied": "restarted",
    }
    assert SECRET not in done.errors
    assert visit(holdfast, app) == f"one, {SECRET}"


def test_one_secret_is_set_shown_and_undone(holdfast: CommandLine, app: str) -> None:
    before = holdfast.ask("secrets", "get", app, "GREETING", "--reveal")["value"]
    done = holdfast.run("secrets", "set", app, "GREETING", given=b"hello there\n")
    assert (done.status, done.answer["applied"]) == (0, "restarted")
    assert "hello there" not in done.errors
    assert visit(holdfast, app) == "one, hello there"
    greeting, port = holdfast.ask("secrets", "list", app)["secrets"]
    assert (greeting["name"], greeting["type"], greeting["bytes"]) == ("GREETING", "string", 11)
    assert (greeting["environment"], greeting["reason"]) == (True, None)
    assert (port["name"], port["type"], port["bytes"]) == ("database.port", "integer", 4)
    assert port["environment"] is False
    assert "section" in port["reason"]
    holdfast.ask("secrets", "unset", app, "database", "--later")
    assert visit(holdfast, app) == "one, hello there"
    holdfast.ask("secrets", "undo", app, "--later")
    holdfast.ask("secrets", "set", app, "GREETING", given=before.encode())
    assert visit(holdfast, app) == f"one, {before}"


def test_what_was_printed_before_it_was_a_secret_is_hidden_too(
    holdfast: CommandLine, app: str
) -> None:
    holdfast.ask("secrets", "set", app, "UP", "--later", given=b"one is up")
    printed = holdfast.ask("app", "logs", app)["lines"]
    assert [line for line in printed if line.endswith(" out •••")]
    assert not [line for line in printed if "one is up" in line]
    with holdfast.started("app", "logs", app, "--follow") as process:
        assert process.stdout is not None
        lines = iter(process.stdout)
        first = next(line for line in lines if " out " in json.loads(line)["line"])
        assert json.loads(first)["line"].endswith(" out •••")
    holdfast.ask("secrets", "unset", app, "UP", "--later")


def test_a_release_is_added_and_rolled_back(
    holdfast: CommandLine, app: str, repository: Repository
) -> None:
    commit = repository.commit(files("two"), "Say two")
    deployed = holdfast.ask("app", "deploy", str(repository), "--name", app)
    assert deployed["release"]["commit"] == commit
    assert deployed["environment"]["cached"]
    assert visit(holdfast, app).startswith("two")
    releases = holdfast.ask("app", "releases", app)["releases"]
    assert [(each["message"], each["current"]) for each in releases] == [
        ("Say two", True),
        ("Say one", False),
    ]
    rolled = holdfast.ask("app", "rollback", app)
    assert rolled["release"]["id"] == releases[1]["id"]
    assert visit(holdfast, app).startswith("one")


def test_an_app_is_stopped_started_and_restarted(holdfast: CommandLine, app: str) -> None:
    assert holdfast.ask("app", "stop", app)["state"] == "stopped"
    assert holdfast.ask("app", "list")["apps"][0]["state"] == "stopped"
    assert holdfast.ask("app", "start", app)["state"] == "running"
    before = holdfast.ask("app", "show", app)["started"]
    restarted = holdfast.ask("app", "restart", app)
    assert restarted["state"] == "running"
    assert restarted["steps"]
    assert holdfast.ask("app", "show", app)["started"] > before
    assert "one" in visit(holdfast, app)


def test_its_volume_is_listed_and_verified(holdfast: CommandLine, app: str) -> None:
    [volume] = holdfast.ask("volume", "list")["volumes"]
    assert (volume["app"], volume["cipher"]) == (app, "AES-256-GCM (gocryptfs)")
    assert volume["cipher_bytes"] > 0
    check = holdfast.ask("volume", "verify", app)
    assert (check["sound"], check["damaged"]) == (True, [])


def test_a_removed_app_is_gone_and_removing_it_again_is_no_error(
    holdfast: CommandLine, tmp_path: Path
) -> None:
    repository = Repository(tmp_path / "brief")
    repository.commit(files("brief"))
    holdfast.ask("app", "deploy", str(repository))
    receipt = holdfast.ask("app", "remove", "brief", "--yes")
    assert {"container", "network", "volume"} <= {item["kind"] for item in receipt["removed"]}
    assert receipt["left"] == []
    assert "brief" not in [each["name"] for each in holdfast.ask("app", "list")["apps"]]
    assert holdfast.ask("app", "remove", "brief", "--yes") == {
        "removed": [],
        "left": [],
        "by_hand": [],
    }


@pytest.mark.parametrize(
    "arguments",
    [
        "app deploy /srv/x --name Not_A_Name",
        "app deploy /srv/x --memory plenty",
        "app remove echo",
        "app paint echo",
        "node status --node elsewhere",
        "secrets import echo /no/such/file",
    ],
)
def test_wrong_usage_exits_with_2(holdfast: CommandLine, arguments: str) -> None:
    done = holdfast.run(*arguments.split())
    assert done.status == 2, done
    assert set(done.answer["error"]) == {"what", "why", "next"}
    assert done.answer["error"]["what"]


@pytest.mark.parametrize("command", ["show", "logs", "stop", "start", "releases", "rollback"])
def test_an_app_that_is_not_there_exits_with_1(holdfast: CommandLine, command: str) -> None:
    done = holdfast.run("app", command, "nobody")
    assert done.status == 1, done
    assert "nobody" in done.answer["error"]["what"]


def test_a_failed_deploy_leaves_nothing(holdfast: CommandLine, tmp_path: Path) -> None:
    repository = Repository(tmp_path / "broken")
    repository.commit({"app.py": "raise SystemExit(3)\n", "Procfile": "web: python app.py\n"})
    done = holdfast.run("app", "deploy", str(repository))
    assert done.status == 1, done
    assert done.answer["error"]["what"]
    assert holdfast.run("app", "show", "broken").status == 1
    assert "broken" not in [each["app"] for each in holdfast.ask("volume", "list")["volumes"]]
