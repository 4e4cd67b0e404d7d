"""An engine that holds nothing of ours at first, and the command line upon it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import docker
import pytest
from command_line import CommandLine
from private_session import PrivateSecretService

from holdfast.domain.names import LABEL_ROLE


@pytest.fixture(scope="session")
def empty_engine(engine_socket: Path) -> Iterator[Path]:
    """Its socket. Apps of another keychain would forbid those of the tests; images stay."""
    _clear(engine_socket)
    yield engine_socket
    _clear(engine_socket)


def _clear(socket: Path) -> None:
    ours = {"label": LABEL_ROLE}
    with closing(docker.APIClient(f"unix://{socket}", version="1.41")) as client:
        for container in client.containers(all=True, filters=ours):
            client.remove_container(container["Id"], force=True, v=True)
        for network in client.networks(filters=ours):
            client.remove_network(network["Id"])
        for volume in client.volumes(filters=ours)["Volumes"] or ():
            client.remove_volume(volume["Name"])


@pytest.fixture(scope="session")
def holdfast(
    empty_engine: Path,
    secret_service: PrivateSecretService,
    tmp_path_factory: pytest.TempPathFactory,
) -> CommandLine:
    """Its node is the tests' engine, its keychain the tests' own."""
    home = tmp_path_factory.mktemp("holdfast")
    (home / "node.json").write_text(json.dumps({"engine": str(empty_engine)}))
    # root file systems that were made before are made once for all
    cache = os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache"))
    own = {"HOLDFAST_HOME": str(home), "XDG_CACHE_HOME": cache}
    made = CommandLine(home, dict(os.environ) | secret_service.environment | own)
    # on an engine that is new, this makes the images
    assert made.ask("node", "start")["state"] == "unsealed"
    return made
