"""The engine that all tests and benchmarks of one run share."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from holdfast.adapters.embedded_engine import EmbeddedEngine
from holdfast.shipped import RESOURCES


@contextmanager
def running_engine() -> Iterator[Path]:
    """The socket of HOLDFAST_TEST_ENGINE, or of an embedded engine that goes with the block.

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
