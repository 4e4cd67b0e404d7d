"""Each command's JSON, exit status and words, on a world in memory."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from shell import Capture, Shell

from holdfast.cli.forms.node import news_form
from holdfast.cli.sizes import parse_memory
from holdfast.cli.tables.node import news_line
from holdfast.domain.errors import DeployFailed, HoldfastError, UsageError
from holdfast.domain.keeping import News, NewsKind
from holdfast.domain.names import AppName


@pytest.fixture
def shell(capsys: Capture) -> Shell:
    return Shell(capsys)


@pytest.mark.parametrize("verb", ["start", "status", "unseal", "seal"])
def test_node_answers_with_its_status(shell: Shell, verb: str) -> None:
    assert shell.json("node", verb) == {
        "state": "unsealed",
        "engine_version": "20.10.24",
        "socket": "/run/user/1000/holdfast/docker.sock",
        "data_root": "/var/lib/holdfast",
        "containerd_root": "/var/lib/holdfast/containerd",
        "image": "holdfast-node:1",
        "apps": 7,
    }


def test_node_start_passes_its_options(shell: Shell) -> None:
    shell.json("node", "start", "--unseal", "--use-engine", "--node", "lab")
    assert shell.world.asked == [("node", "lab", True), ("start", True)]
    assert "✓ Start the engine" in shell.errors


def test_node_unseal_opens_one_app(shell: Shell) -> None:
    shell.json("node", "unseal", "--app", "fleet-map")
    assert shell.world.asked == [("node", None, False), ("unseal", "fleet-map")]
    assert "name" in shell.error("node", "unseal", "--app", "No Name", status=2)["what"]


def test_node_watch_is_refused_where_keys_would_lie_beside_the_data(shell: Shell) -> None:
    error = shell.error("node", "watch", status=2)
    assert error["what"] == "The node is this machine."
    assert "--keys-beside-data" in error["next"]


def test_what_a_watch_tells_is_a_line_with_its_time() -> None:
    at = datetime(2026, 11, 25, 1, 2, 3, tzinfo=UTC)
    why = HoldfastError("GNOME Keyring is locked.", "It was asked in vain.", "Unlock it.")
    told = [
        news_line(News(at, NewsKind.CONNECTED)),
        news_line(News(at, NewsKind.STEP, "Unseal", "Open the routes")),
        news_line(News(at, NewsKind.FAILED, "Unseal", error=why)),
        news_line(News(at, NewsKind.LOST, error=ZeroDivisionError("odd"))),
    ]
    assert [line.partition("  ")[2] for line in told] == [
        "Connected to the node.",
        "Unseal: Open the routes",
        "Unseal: Failed. GNOME Keyring is locked. It was asked in vain. Unlock it.",
        "The node is lost. Holdfast itself went wrong. ZeroDivisionError: odd Nothing was left "
        "half done on purpose. Copy the details and report them.",
    ]
    assert told[0].startswith(f"{at.astimezone():%Y-%m-%d %H:%M:%S}")


def test_a_watch_which_a_journal_writes_down_tells_nothing_that_an_app_printed() -> None:
    at = datetime(2026, 11, 25, 1, 2, 3, tzinfo=UTC)
    raised = DeployFailed("The new commit is broken.", "ValueError: printed-7401", "printed-7401")
    news = News(at, NewsKind.FAILED, "Follow the branches", error=raised)
    assert "The new commit is broken." in news_line(news)
    assert "printed-7401" not in news_line(news) + str(news_form(news))


def test_node_stop_and_remove(shell: Shell, capsys: Capture) -> None:
    assert shell.json("node", "stop") == {"state": "stopped"}
    removed = [{"kind": "network", "id": "holdfast"}]
    assert shell.json("node", "remove") == {"removed": removed, "left": [], "by_hand": []}
    assert Shell(capsys, "empty").json("node", "remove") == {
        "removed": [],
        "left": [],
        "by_hand": [],
    }


def test_deploy(shell: Shell) -> None:
    found = shell.json("app", "deploy", "https://git.example.lan/team/map", "--name", "harbour")
    assert found["name"] == "harbour"
    assert found["url"] == "https://harbour.localhost:8443/"
    assert found["address"] == "127.0.0.1:8443"
    assert found["ca_certificate"] == "/home/ada/ca.pem"
    assert set(found["release"]) == {"id", "commit", "message", "created"}
    assert len(found["release"]["commit"]) == 40
    assert (found["entrypoint"], found["dependency_file"], found["python"]) == (
        "streamlit_app.py",
        "requirements.txt",
        "3.13",
    )
    assert set(found["environment"]) == {"digest", "packages", "size_bytes", "cached"}
    assert found["steps"][1] == {"name": "Fetch the code", "seconds": 0.3}
    assert "✓ Resolve dependencies" in shell.errors
    assert "Resolved 41 packages" in shell.errors


def test_deploy_passes_every_option(shell: Shell) -> None:
    options = "--name map --branch dev --file a.py --python 3.12 --host-name M.Localhost"
    more = "--memory 1g --cpus 0.5 --command x --replace"
    shell.text("app", "deploy", "/srv/map", *options.split(), *more.split())
    [request] = shell.world.memory.asked
    assert (request.repository, request.name, request.branch) == ("/srv/map", "map", "dev")
    assert (request.entrypoint, request.python, request.command) == ("a.py", "3.12", "x")
    assert (request.host_name, request.memory_bytes, request.cpus) == ("m.localhost", 1 << 30, 0.5)
    assert request.replace


def test_failed_deploy_says_what_why_and_next(capsys: Capture) -> None:
    shell = Shell(capsys, "fails-on-deploy")
    error = shell.error("app", "deploy", "/srv/map", "--name", "map")
    assert error["what"] == "The dependencies could not be resolved."
    assert "✗ Resolve dependencies" in shell.errors
    assert shell.text("app", "deploy", "/srv/map", "--name", "map", status=1) == ""
    for sentence in error.values():
        assert sentence in shell.errors


@pytest.mark.parametrize(
    "arguments",
    [
        ["app", "deploy", "/srv/map", "--name", "No!"],
        ["app", "deploy", "/srv/map", "--memory", "much"],
        ["app", "deploy", "/srv/map", "--cpus", "nan"],
        ["app", "deploy"],
        ["app", "deploy", "/srv/map", "--colour"],
        ["app"],
        ["app", "fly", "map"],
        ["app", "show", "-x"],
        ["app", "logs", "sales-board", "--lines", "-1"],
        ["app", "remove", "sales-board"],
    ],
)
def test_wrong_usage(shell: Shell, arguments: list[str]) -> None:
    assert shell.error(*arguments, status=2)["what"]
    assert shell.text(*arguments, status=2) == ""
    assert shell.errors.startswith("✗ ")
    assert "sales-board" in shell.world.memory.node.apps


def test_list(shell: Shell) -> None:
    rows = {row["name"]: row for row in shell.json("app", "list")["apps"]}
    row = rows["sales-board"]
    keys = ["name", "state", "url", "address", "commit", "memory_bytes", "restarts"]
    assert list(row) == keys
    assert row["state"] == "running"
    assert row["address"] == "127.0.0.1:8443"
    assert len(row["commit"]) == 40
    assert rows["payroll-forecast"]["restarts"] == 4
    assert "✓" not in shell.errors


def test_follow_tells_what_there_is_to_tell(shell: Shell) -> None:
    assert "Told" not in shell.text("app", "follow", "sales-board")
    shell.world.memory.following.pushed[AppName("sales-board")] = "b" * 40
    assert "Told " in shell.text("app", "follow", "sales-board")


def test_an_app_is_pinned_and_unpinned(shell: Shell) -> None:
    serves = shell.json("app", "show", "sales-board")["commit"]
    pinned = shell.json("app", "pin", "sales-board")
    assert (pinned["pin"], pinned["state"]) == ({"tag": None, "commit": serves}, "pinned")
    pinned = shell.json("app", "pin", "sales-board", "v1.2")
    assert shell.json("app", "show", "sales-board")["pin"] == {"tag": "v1.2", "commit": serves}
    assert f"Pinned to v1.2 ({serves[:7]})" in " ".join(
        shell.text("app", "show", "sales-board").split()
    )
    assert "It is pinned to v1.2" in shell.text("app", "update", "sales-board")
    assert "neither a tag" in shell.error("app", "pin", "sales-board", "a..b", status=2)["what"]
    assert shell.json("app", "unpin", "sales-board")["pin"] is None


def test_list_of_a_sealed_node_hides_what_is_sealed(capsys: Capture) -> None:
    [first, *_] = Shell(capsys, "sealed").json("app", "list")["apps"]
    assert (first["state"], first["url"], first["address"]) == ("sealed", None, None)


def test_show(shell: Shell) -> None:
    found = shell.json("app", "show", "sales-board")
    assert found["release"]["id"] == "r0"
    assert found["limits"] == {"memory_bytes": 1 << 30, "cpus": 1.0, "pids": 256}
    assert found["volume"]["contents"][0] == {"name": "code", "size_bytes": 3 << 20}
    assert (found["entrypoint"], found["python"]) == ("streamlit_app.py", "3.13")


def test_show_of_a_sealed_app(capsys: Capture) -> None:
    found = Shell(capsys, "sealed").json("app", "show", "sales-board")
    assert found["release"] is None
    assert found["volume"]["sealed"] is True


@pytest.mark.parametrize("verb", ["show", "releases", "rollback"])
def test_unknown_app(shell: Shell, verb: str) -> None:
    assert "absent" in shell.error("app", verb, "absent")["what"]


@pytest.mark.parametrize(
    ("verb", "state"), [("stop", "stopped"), ("start", "running"), ("restart", "running")]
)
def test_turning_an_app(shell: Shell, verb: str, state: str) -> None:
    found = shell.json("app", verb, "sales-board")
    assert list(found) == ["name", "state", "url", "steps"]
    assert found["state"] == state
    assert found["steps"]
    assert all(step["seconds"] >= 0 for step in found["steps"])


def test_releases_and_rollback(shell: Shell) -> None:
    newest = shell.json("app", "releases", "sales-board")["releases"][0]
    assert newest["steps"][0] == {"name": "Prepare", "seconds": 0.8}
    assert sum(step["seconds"] for step in newest["steps"]) == newest["seconds"]

    def current() -> list[str]:
        found = shell.json("app", "releases", "sales-board")["releases"]
        assert set(found[0]) == {
            "id",
            "commit",
            "message",
            "created",
            "python",
            "current",
            "kind",
            "pin",
            "author",
            "by",
            "seconds",
            "steps",
        }
        return [release["id"] for release in found if release["current"]]

    assert current() == ["r0"]
    assert shell.json("app", "rollback", "sales-board")["release"]["id"] == "r1"
    assert current() == ["r1"]
    shell.json("app", "rollback", "sales-board")
    assert current() == ["r2"]
    shell.json("app", "rollback", "sales-board", "r3")
    assert current() == ["r3"]
    assert "oldest" in shell.error("app", "rollback", "sales-board")["why"]


def test_logs(shell: Shell) -> None:
    assert shell.json("app", "logs", "sales-board", "--lines", "2") == {
        "lines": ["KeyError: 'latitude'", "2026-11-24 00:31:14 INFO  session 3 closed"]
    }
    assert shell.text("app", "logs", "sales-board", "--lines", "1").endswith("3 closed\n")
    assert shell.text("app", "logs", "sales-board", "--lines", "0") == ""


def test_remove(shell: Shell) -> None:
    found = shell.json("app", "remove", "sales-board", "--yes")
    assert {"kind": "network", "id": "holdfast-sales-board"} in found["removed"]
    assert found["left"] == []
    nothing: dict[str, list[str]] = {"removed": [], "left": [], "by_hand": []}
    assert shell.json("app", "remove", "sales-board", "--yes") == nothing


def test_remove_that_leaves_something_fails(capsys: Capture) -> None:
    found = Shell(capsys, "leftovers").json("app", "remove", "fleet-map", "--yes", status=1)
    assert found["left"] == [{"kind": "volume", "id": "holdfast-fleet-map-cipher"}]
    assert "1 object left" in found["error"]["what"]


def test_volumes(shell: Shell, capsys: Capture) -> None:
    [first, *_] = shell.json("volume", "list")["volumes"]
    assert set(first) == {"app", "cipher", "sealed", "cipher_bytes", "contents"}
    assert shell.json("volume", "verify", "fleet-map") == {
        "app": "fleet-map",
        "sound": True,
        "damaged": [],
        "summary": "All 41 files are sound.",
    }
    found = Shell(capsys, "damaged").json("volume", "verify", "fleet-map", status=1)
    assert found["damaged"] == ["data/ledger.duckdb"]
    assert "damaged" in found["error"]["what"]


def test_doctor(shell: Shell, capsys: Capture) -> None:
    fuse = {"name": "fuse", "state": "ok", "reason": "/dev/fuse is there.", "remedy": ""}
    assert shell.json("doctor") == {"preconditions": [fuse]}
    found = Shell(capsys, "missing").json("doctor", status=1)
    assert found["preconditions"][1]["state"] == "missing"
    assert found["error"]["next"] == "apt install it"


def test_demo_and_window(shell: Shell) -> None:
    shell.text("demo", "--use-engine")
    shell.text("--node", "lab", status=3)
    assert shell.world.asked == [("demo", True), ("window", "lab")]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--json", "--node", "lab", "app", "list"],
        ["app", "--json", "--node", "lab", "list"],
        ["app", "list", "--json", "--node", "lab"],
        ["--json", "app", "list", "--node", "lab"],
    ],
)
def test_common_options_stand_anywhere(shell: Shell, arguments: list[str]) -> None:
    assert "apps" in json.loads(shell.text(*arguments))
    assert shell.world.asked == [("desk", "lab")]


def test_a_silent_node_and_a_fault_of_our_own_are_errors_too(capsys: Capture) -> None:
    assert "does not answer" in Shell(capsys, "offline").error("app", "list")["what"]
    odd = Shell(capsys, "odd")
    assert "ZeroDivisionError" in odd.error("app", "restart", "fleet-map")["why"]
    odd.text("app", "restart", "fleet-map", status=1)
    assert "Traceback" in odd.errors


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("node status", "Unsealed"),
        ("app list", "https://sales-board.localhost:8443/"),
        ("app show sales-board", "streamlit_app.py"),
        ("app stop sales-board", "Stopped"),
        ("app releases sales-board", "just now|Fix totals"),
        ("app rollback sales-board", "/home/ada/ca.pem"),
        ("app remove sales-board --yes", "holdfast-sales-board-cipher"),
        ("volume list", "AES-256-GCM"),
        ("volume change-key sales-board", "It shuts nobody out"),
        ("volume verify sales-board", "All 41 files are sound."),
        ("doctor", "/dev/fuse is there."),
    ],
)
def test_a_person_reads_tables(shell: Shell, arguments: str, words: str) -> None:
    shown = shell.text(*arguments.split())
    assert any(each in shown for each in words.split("|"))
    assert "{" not in shown


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1g", 1 << 30),
        ("1G", 1 << 30),
        ("1 gb", 1 << 30),
        ("1GiB", 1 << 30),
        ("1.5g", 3 << 29),
        ("512m", 512 << 20),
        ("512MB", 512 << 20),
        ("64k", 64 << 10),
        ("1048576", 1 << 20),
    ],
)
def test_memory_counts_as_docker_does(text: str, size: int) -> None:
    assert parse_memory(text) == size


@pytest.mark.parametrize("text", ["", "g", "0", "-1g", "1x", "nan", "1g1g", "inf", "9" * 400])
def test_no_size_of_memory(text: str) -> None:
    with pytest.raises(UsageError):
        parse_memory(text)
