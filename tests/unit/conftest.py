"""A builder, whose downloads all tests share to spare the index, and a launcher."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from builder_world import Builder
from launch_world import Launch


@pytest.fixture(scope="session")
def uv_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("uv")


@pytest.fixture
def builder(uv_cache: Path) -> Iterator[Builder]:
    # as short as in the container: from 3.13 on, what compiles listens on a socket in there
    with TemporaryDirectory() as place:
        yield Builder(Path(place), uv_cache)


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Launch]:
    launch = Launch(tmp_path)
    yield launch
    if launch.process is not None:
        assert launch.stop() == 0
