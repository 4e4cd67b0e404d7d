"""Worlds that several tests share: a Secret Service and an engine of the tests' own."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from private_session import PrivateBus, PrivateSecretService

from holdfast.adapters.embedded_engine import EmbeddedEngine
from holdfast.node.resources import RESOURCES


@pytest.fixture
def private_bus(tmp_path: Path) -> Iterator[PrivateBus]:
    bus = PrivateBus(tmp_path / "bus")
    try:
        yield bus
    finally:
        bus.close()


@pytest.fixture(scope="session")
def secret_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateSecretService]:
    """A GNOME Keyring, unlocked. A test that locks or stops it brings it back."""
    bus = PrivateBus(tmp_path_factory.mktemp("secret-service") / "bus")
    service = PrivateSecretService(bus)
    try:
        service.start()
        yield service
    finally:
        service.stop()
        bus.close()


@pytest.fixture(scope="session")
def engine_socket() -> Iterator[Path]:
    """The socket of HOLDFAST_TEST_ENGINE, or of an embedded engine that goes with the tests.

    One for all: two engines on one machine would break each other.
    """
    if given := os.environ.get("HOLDFAST_TEST_ENGINE"):
        yield Path(given)
        return
    # below /var/tmp: the engine's storage does not work on every /tmp
    home = Path(tempfile.mkdtemp(prefix="holdfast-tests-", dir="/var/tmp"))
    engine = EmbeddedEngine(home, RESOURCES)
    try:
        yield engine.start().socket
    finally:
        engine.remove()
        shutil.rmtree(home)
