"""A second workstation, as its admin meets it: another home, another keychain, the same node."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import docker
import pytest
from command_line import CommandLine
from private_session import PrivateBus, PrivateSecretService
from world import Repository, plain_app

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

SECRET = "a token that both admins know"


@pytest.fixture
def app(holdfast: CommandLine, empty_engine: Path, tmp_path: Path) -> Iterator[str]:
    repository = Repository(tmp_path / "shared")
    repository.commit(plain_app("os.environ.get('TOKEN', '')"))
    holdfast.ask("app", "deploy", str(repository))
    document = f'TOKEN = "{SECRET}"\n'.encode()
    holdfast.ask("secrets", "import", "shared", "-", given=document)
    yield "shared"
    holdfast.ask("app", "remove", "shared", "--yes")
    with closing(docker.APIClient(f"unix://{empty_engine}", version="1.41")) as client:
        client.remove_container("holdfast-keys", force=True)
        client.remove_volume("holdfast-keys")


@pytest.fixture
def other(holdfast: CommandLine, empty_engine: Path, tmp_path: Path) -> Iterator[CommandLine]:
    bus = PrivateBus(tmp_path / "bus")
    service = PrivateSecretService(bus)
    service.start()
    home = tmp_path / "home"
    home.mkdir()
    (home / "node.json").write_text(json.dumps({"engine": str(empty_engine)}))
    own = {"HOLDFAST_HOME": str(home)}
    try:
        yield CommandLine(home, holdfast.environment | service.environment | own)
    finally:
        service.stop()
        bus.close()


def test_it_is_let_in_with_the_kit_alone(
    holdfast: CommandLine, other: CommandLine, app: str, tmp_path: Path
) -> None:
    file = tmp_path / "kit.txt"
    made = holdfast.ask("kit", "create", "--save", str(file))
    assert made["saved"] == str(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    page = file.read_bytes()
    assert holdfast.ask("kit", "check", given=page) == {
        "recipient": made["recipient"],
        "apps": [app],
    }
    refused = other.run("secrets", "get", app, "TOKEN", "--reveal")
    assert refused.status == 1
    assert refused.answer["error"]["next"].endswith("holdfast kit open")
    wrong = other.run("kit", "open", given=page.replace(b"KEY-1", b"KEY-1Q", 1))
    assert wrong.status == 2
    assert "checksum" in wrong.answer["error"]["why"]
    opened = other.run("kit", "open", given=page)
    assert (opened.status, opened.answer["apps"]) == (0, [app])
    assert "AGE-SECRET-KEY" not in wrong.errors + opened.errors + json.dumps(opened.answer)
    assert other.ask("secrets", "get", app, "TOKEN", "--reveal")["value"] == SECRET
    assert other.ask("app", "restart", app)["state"] == "running"
    other.ask("secrets", "set", app, "TOKEN", given=b"changed there\n")
    assert holdfast.ask("secrets", "get", app, "TOKEN", "--reveal")["value"] == "changed there"
    assert other.ask("secrets", "undo", app)
    assert holdfast.ask("secrets", "get", app, "TOKEN", "--reveal")["value"] == SECRET
