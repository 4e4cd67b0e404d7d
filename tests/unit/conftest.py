"""A builder, whose downloads all tests share to spare the index."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from builder_world import Builder


@pytest.fixture(scope="session")
def uv_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("uv")


@pytest.fixture
def builder(uv_cache: Path) -> Iterator[Builder]:
    # as short as in the container: from 3.13 on, what compiles listens on a socket in there
    with TemporaryDirectory() as place:
        yield Builder(Path(place), uv_cache)
