"""The engine that all tests on a node share: two on one machine would break each other."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from holdfast.adapters.embedded_engine import EmbeddedEngine

RESOURCES = Path(__file__).parents[2] / "resources"


@pytest.fixture(scope="session")
def engine_socket() -> Iterator[Path]:
    """The socket of HOLDFAST_TEST_ENGINE, or of an embedded engine that goes with the tests."""
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
