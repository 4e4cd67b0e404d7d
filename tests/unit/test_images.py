"""Images are named by what they are made of, and made only when the engine lacks them."""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import pytest

from holdfast.domain.errors import UsageError
from holdfast.domain.operation import CancelToken, Operation, Outcome, Step, Steps, Update, drive
from holdfast.node.images import PYTHON_VERSIONS, NodeImages, Recipe, pack_context, read_context
from holdfast.ports import Engine

RESOURCES = Path(__file__).parents[2] / "resources"


class ImageStore:
    """The part of an engine that keeps images: tag to what it was made of."""

    def __init__(self) -> None:
        self.made: dict[str, bytes] = {}
        self.labels: dict[str, Mapping[str, str]] = {}

    def image_id(self, tag: str) -> str | None:
        return f"sha256:{tag}" if tag in self.made else None

    def import_image(self, archive: Iterator[bytes], tag: str, cancel: CancelToken) -> None:
        self.made[tag] = b"".join(archive)

    def build_image(
        self, context: bytes, tag: str, labels: Mapping[str, str], cancel: CancelToken
    ) -> Iterator[str]:
        yield "Step 1/1"
        self.made[tag] = context
        self.labels[tag] = labels


class Debian:
    """Root file systems that hold their suite's name; `open` counts those begun at once."""

    def __init__(self) -> None:
        self.suites: list[str] = []
        self.open = self.most_open = 0

    @contextmanager
    def archive(
        self, suite: str, packages: Sequence[str], cancel: CancelToken
    ) -> Iterator[Iterator[bytes]]:
        self.suites.append(suite)
        self.open += 1
        self.most_open = max(self.open, self.most_open)
        yield iter([suite.encode()])
        self.open -= 1


@pytest.fixture
def resources(tmp_path: Path) -> Path:
    for name in ("node", "python"):
        scripts = tmp_path / "images" / name / "bin"
        scripts.mkdir(parents=True)
        (scripts / "go").write_text("#!/bin/sh\n")
        (scripts.parent / "Dockerfile").write_text("ARG BASE\nFROM ${BASE}\n")
    (tmp_path / "uv").write_text("the program")
    return tmp_path


@pytest.fixture
def engine() -> ImageStore:
    return ImageStore()


def images(engine: ImageStore, resources: Path, debian: Debian | None = None) -> NodeImages:
    return NodeImages(cast(Engine, engine), debian or Debian(), resources, resources / "uv")


def finish(steps: Steps[str] | Steps[None]) -> tuple[object, list[Update]]:
    updates: list[Update] = []
    operation: Operation[object] = Operation("", "", lambda cancel: steps)
    outcome: Outcome[object] = drive(operation, CancelToken(), updates.append)
    assert outcome.error is None
    return outcome.result, updates


def members(context: bytes) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(fileobj=io.BytesIO(context)) as archive:
        return {member.name: member for member in archive}


def test_an_image_is_made_once(engine: ImageStore, resources: Path) -> None:
    source = images(engine, resources)
    tag, updates = finish(source.ensure_node_image(CancelToken()))
    assert tag == source.node_image
    assert engine.labels[source.node_image] == {"holdfast.role": "image"}
    assert sum(isinstance(update, Step) for update in updates) == 2
    assert finish(source.ensure_node_image(CancelToken())) == (tag, [])


def test_a_changed_script_gives_a_new_image_on_the_same_base(
    engine: ImageStore, resources: Path
) -> None:
    debian = Debian()
    before = images(engine, resources, debian)
    finish(before.ensure_node_image(CancelToken()))
    (resources / "images" / "node" / "bin" / "go").write_text("#!/bin/sh\nexit 1\n")
    after = images(engine, resources, debian)
    assert after.node_image != before.node_image
    assert after.python_image("3.13") == before.python_image("3.13")
    finish(after.ensure_node_image(CancelToken()))
    assert debian.suites == ["trixie"]


def test_another_uv_gives_another_python_image(engine: ImageStore, resources: Path) -> None:
    before = images(engine, resources).python_image("3.13")
    (resources / "uv").write_text("a later program")
    assert images(engine, resources).python_image("3.13") != before


def test_bases_are_made_side_by_side(engine: ImageStore, resources: Path) -> None:
    debian = Debian()
    source = images(engine, resources, debian)
    finish(source.ensure_images(list(PYTHON_VERSIONS), CancelToken()))
    assert debian.most_open == 3
    assert debian.open == 0
    assert {source.node_image, *map(source.python_image, PYTHON_VERSIONS)} <= set(engine.made)


def test_each_python_stands_on_its_own_debian(engine: ImageStore, resources: Path) -> None:
    source = images(engine, resources)
    finish(source.ensure_python_image("3.11", CancelToken()))
    assert b"bookworm" in engine.made.values()
    assert source.python_image("3.11").startswith("holdfast/python-3.11:")


def test_a_version_that_is_not_offered_is_refused(engine: ImageStore, resources: Path) -> None:
    with pytest.raises(UsageError, match=r"3\.13 and 3\.11"):
        images(engine, resources).python_image("2.7")


def test_scripts_are_executable_and_caches_stay_out(resources: Path) -> None:
    folder = resources / "images" / "node"
    (folder / "bin" / "__pycache__").mkdir()
    (folder / "bin" / "__pycache__" / "go.pyc").write_text("")
    (folder / "site").mkdir()
    (folder / "site" / "hook.py").write_text("")
    packed = members(pack_context(read_context(folder), "holdfast/debian-trixie:1"))
    assert set(packed) == {"bin", "bin/go", "site/hook.py", "Dockerfile"}
    assert packed["bin/go"].mode == 0o755
    assert packed["site/hook.py"].mode == 0o644


def test_the_dockerfile_is_told_its_base(resources: Path) -> None:
    context = pack_context(read_context(resources / "images" / "node"), "holdfast/debian-x:1")
    with tarfile.open(fileobj=io.BytesIO(context)) as archive:
        dockerfile = archive.extractfile("Dockerfile")
        assert dockerfile is not None
        assert dockerfile.read().startswith(b"ARG BASE=holdfast/debian-x:1\nFROM ${BASE}\n")


@pytest.mark.parametrize("name", ["node", "python"])
def test_every_dockerfile_of_ours_names_no_other_base(name: str) -> None:
    lines = (RESOURCES / "images" / name / "Dockerfile").read_text().splitlines()
    assert "ARG BASE" in lines
    assert [line for line in lines if line.startswith("FROM")] == ["FROM ${BASE}"]


def test_the_order_of_files_on_the_disk_does_not_matter(tmp_path: Path, resources: Path) -> None:
    files = read_context(resources / "images" / "node")
    backwards = dict(reversed(files.items()))
    assert Recipe("r", "s", (), files).tag == Recipe("r", "s", (), backwards).tag
    os.utime(resources / "images" / "node" / "Dockerfile", (0, 0))
    assert pack_context(files, "b") == pack_context(backwards, "b")
