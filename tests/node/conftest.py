"""The engine that all tests on a node share: two on one machine would break each other."""

from __future__ import annotations

import gc
import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

import docker
import platformdirs
import pytest
from uv import find_uv_bin
from world import Repository, World

from holdfast.adapters.docker_engine import DockerEngine
from holdfast.adapters.existing_engine import ExistingEngine
from holdfast.adapters.keychain import KeyringKeychain
from holdfast.adapters.local_repository import LocalRepositories
from holdfast.adapters.node_identity import node_id
from holdfast.adapters.root_file_system import DebianRootFileSystems
from holdfast.adapters.system_clock import SystemClock
from holdfast.adapters.workstation import proxies, trusted_certificates
from holdfast.domain.operation import Operation
from holdfast.node.images import NodeImages
from holdfast.node.keys import NodeKeys
from holdfast.node.node import Node
from holdfast.operations.node_desk import NodeDesk

#: docker-py leaves the socket of each exec to Python's garbage collector.
_DOCKER_PYS = (
    "ignore:Exception ignored in. <socket.socket.*family=1:pytest.PytestUnraisableExceptionWarning"
)

RESOURCES = Path(__file__).parents[2] / "resources"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("filterwarnings", _DOCKER_PYS)


@pytest.fixture(scope="session")
def left_sockets() -> Iterator[None]:
    """Collects them before pytest itself does, which complains."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture(scope="session")
def world(
    left_sockets: None,
    engine_socket: Path,
    secret_service: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[World]:
    """A node whose edge runs, without any app. All of ours but the images is removed from the
    engine before and after: the node of another keychain could not be used beside it."""
    engine = DockerEngine(f"unix://{engine_socket}")
    cache = Path(platformdirs.user_cache_dir("holdfast"))
    images = NodeImages(engine, DebianRootFileSystems(cache), RESOURCES, Path(find_uv_bin()))
    keychain = KeyringKeychain(environment=secret_service.environment)
    node = Node(
        name="this-machine",
        engine=engine,
        keys=NodeKeys(keychain, lambda: node_id(engine)),
        images=images,
        clock=SystemClock(),
        ca_file=tmp_path_factory.mktemp("ca") / "ca.pem",
        by="tests",
        local_repositories=LocalRepositories(),
        certificates=trusted_certificates(os.environ),
        proxies=proxies(os.environ),
    )
    desk = NodeDesk(lambda: node, ExistingEngine.at(engine_socket))
    made = World(node, desk, engine, keychain, docker.APIClient(f"unix://{engine_socket}", "1.41"))
    made.run(Operation("Images", "images", lambda cancel: images.ensure_images(["3.13"], cancel)))
    made.begin()
    try:
        with closing(made.api):
            yield made
    finally:
        made.wipe()


@pytest.fixture
def new_repository(tmp_path: Path) -> Callable[[], Repository]:
    numbers = count(1)
    return lambda: Repository(tmp_path / f"repository-{next(numbers)}")
