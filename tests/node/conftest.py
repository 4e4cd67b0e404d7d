"""The engine that all tests on a node share: two on one machine would break each other."""

from __future__ import annotations

import gc
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from second_admin import second_admin
from vault import APP, Vault
from world import Repository, World, connect, plain_app

from holdfast.adapters.keychain import KeyringKeychain

#: docker-py leaves the socket of each exec to Python's garbage collector.
_DOCKER_PYS = (
    "ignore:Exception ignored in. <socket.socket.*family=1:pytest.PytestUnraisableExceptionWarning"
)


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
    keychain = KeyringKeychain(environment=secret_service.environment)
    made = connect(engine_socket, keychain, tmp_path_factory.mktemp("ca") / "ca.pem")
    made.make_images("3.13")
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


@pytest.fixture
def other(world: World, tmp_path: Path) -> Iterator[World]:
    with second_admin(world, tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def vault(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vault]:
    repository = Repository(tmp_path_factory.mktemp("vault") / "repository")
    repository.commit(plain_app("'opened'"))
    yield Vault(repository, world.deploy(repository, APP))
    world.remove(APP)
