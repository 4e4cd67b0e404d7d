"""Worlds that several tests share: a Secret Service and an engine of the tests' own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from private_session import PrivateBus, PrivateSecretService
from shared_engine import running_engine

# on a loaded machine the time that an example takes says nothing of the code
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


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
    with running_engine() as socket:
        yield socket
