"""A node whose disk is full: nothing is lost, nothing is left, and the disk is named."""

from __future__ import annotations

import os
import subprocess
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from own_engine import own_engine
from own_network import own_network
from second_admin import second_admin
from world import Repository, World, connect, plain_app

from holdfast.adapters.embedded_engine import EmbeddedEngine
from holdfast.domain.errors import DiskFull
from holdfast.domain.names import AppName
from holdfast.domain.operation import Step
from holdfast.presenters.kit_page import kit_page
from holdfast.shipped import RESOURCES

pytestmark = [pytest.mark.node, pytest.mark.timeout(600)]

LARGE = 10 << 20
STORE = "Store the secrets in the keychain"


@dataclass
class SmallDisk:
    """world: a node that keeps all that it has on the file system at `folder`."""

    world: World
    folder: Path

    @contextmanager
    def filled(self, left: int) -> Iterator[None]:
        """With so many bytes left for the time of the block."""
        ballast = self.folder / "ballast"
        disk = os.statvfs(self.folder)
        with ballast.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, disk.f_bavail * disk.f_bsize - left)
        try:
            yield
        finally:
            ballast.unlink()


@pytest.fixture(scope="module")
def small(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallDisk]:
    ca_file = tmp_path_factory.mktemp("ca") / "ca.pem"
    with (
        tempfile.TemporaryDirectory(prefix="holdfast-tests-", dir="/var/tmp") as folder,
        small_file_system(folder, "1800m"),
        own_engine(Path(folder), world.keychain, ca_file) as (_, made),
    ):
        yield SmallDisk(made, Path(folder))


@contextmanager
def small_file_system(folder: str, size: str) -> Iterator[None]:
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "holdfast-tests", folder]
    subprocess.run(mount, check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


@pytest.fixture(scope="module")
def shop(small: SmallDisk, tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """The repository of an app that serves."""
    repository = Repository(tmp_path_factory.mktemp("shop") / "repository")
    repository.commit(plain_app("'first'"))
    small.world.deploy(repository, "shop")
    return repository


def large(text: str) -> dict[str, str]:
    """An app of more than ten megabytes that do not compress."""
    return {**plain_app(f"'{text}'"), "large.txt": os.urandom(LARGE).hex()}


def with_large_package(folder: Path) -> dict[str, str]:
    """An app that installs a package of ten megabytes out of its own repository."""
    name, about = "big-1.0-py3-none-any.whl", "big-1.0.dist-info"
    with zipfile.ZipFile(folder / name, "w") as wheel:
        wheel.writestr("big.bin", os.urandom(LARGE))
        wheel.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: big\nVersion: 1.0\n")
        tag = "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        wheel.writestr(f"{about}/WHEEL", tag)
        wheel.writestr(f"{about}/RECORD", "")
    return plain_app("'packed'", requirements=f"./{name}\n")


@pytest.mark.parametrize("left", [0, 400 << 10, LARGE], ids=["full", "nearly", "too small"])
class TestFullDisk:
    def test_keeps_the_release_that_serves(
        self, small: SmallDisk, shop: Repository, left: int
    ) -> None:
        world = small.world
        old = world.visit("shop.localhost")
        shop.commit(large("next"))
        before, kept = world.picture(), world.kept("shop")
        with small.filled(left), pytest.raises(DiskFull) as told:
            world.deploy(shop, "shop")
        assert str(small.folder) in told.value.why
        assert world.visit("shop.localhost") == old
        assert world.picture() == before
        assert world.kept("shop") == kept

    def test_leaves_nothing_of_a_new_app(
        self,
        small: SmallDisk,
        shop: Repository,
        new_repository: Callable[[], Repository],
        left: int,
    ) -> None:
        repository = new_repository()
        repository.commit(large("new"))
        before = small.world.picture()
        with small.filled(left), pytest.raises(DiskFull):
            small.world.deploy(repository, "other")
        assert small.world.picture() == before


def test_an_environment_that_does_not_fit_is_told_so_too(
    small: SmallDisk, shop: Repository, tmp_path: Path
) -> None:
    world = small.world
    repository = Repository(tmp_path / "repository")
    repository.commit({})
    repository.commit(with_large_package(repository.folder))
    before = world.picture()
    # its commit and its checkout fit
    with small.filled(LARGE * 5 // 2), pytest.raises(DiskFull):
        world.deploy(repository, "packed")
    assert [u for u in world.updates if isinstance(u, Step)][-1] == Step("Pack the environment")
    assert world.picture() == before
    world.deploy(repository, "packed")
    assert world.visit("packed.localhost").text == "packed"
    with small.filled(1 << 20):
        world.remove("packed")
    assert world.picture() == before


def test_secrets_that_do_not_fit_leave_those_of_before(small: SmallDisk, shop: Repository) -> None:
    world, app = small.world, AppName("shop")
    world.run(world.desk.import_secrets(app, b'TOKEN = "first"\n', merge=False))
    # from now on they are kept on the node's disk as well
    world.run(world.desk.create_kit(another=False))
    try:
        before = world.node.keys.secrets(app)
        large = f'[large]\ntext = "{os.urandom(LARGE // 20).hex()}"\n'.encode()
        with small.filled(LARGE // 20), pytest.raises(DiskFull):
            world.run(world.desk.import_secrets(app, large, merge=False))
        assert [u for u in world.updates if isinstance(u, Step)][-1] == Step(STORE)
        assert world.node.keys.secrets(app) == before
        world.run(world.desk.import_secrets(app, large, merge=False))
        assert world.node.keys.secrets(app).reveal() == large
    finally:
        world.forget_kit()


def test_a_revocation_that_does_not_fit_is_finished_once_there_is_space(
    small: SmallDisk, shop: Repository, tmp_path: Path
) -> None:
    world, app = small.world, AppName("shop")
    [runner] = world.containers(app, "run")
    world.shell(runner, f"head -c {LARGE * 2} /dev/urandom >/data/kept")
    kept = world.shell(runner, "sha256sum /data/kept")
    kit = world.run(world.desk.create_kit(another=False))
    try:
        with second_admin(world, tmp_path) as bo:
            bo.run(bo.desk.open_kit(kit_page(kit).encode()))
        volumes, answer = world.cipher_volumes(app), world.visit("shop.localhost")
        with small.filled(LARGE * 3 // 2), pytest.raises(DiskFull):
            world.run(world.desk.revoke_admin("Bo"))
        assert [u for u in world.updates if isinstance(u, Step)][-1] == Step(
            f"Copy the volume of {app}"
        )
        assert world.cipher_volumes(app) == volumes
        assert world.containers(app, "copy") == []
        assert world.visit("shop.localhost") == answer
        assert world.run(world.desk.revoke_admin("Bo")).apps == (app,)
        assert len(world.cipher_volumes(app)) == 1
        assert world.cipher_volumes(app) != volumes
        assert world.visit("shop.localhost") == answer
        [runner] = world.containers(app, "run")
        assert world.shell(runner, "sha256sum /data/kept; rm /data/kept") == kept
    finally:
        world.forget_kit()


def test_serves_anew_once_there_is_space(small: SmallDisk, shop: Repository) -> None:
    shop.commit(large("after"))
    deployed = small.world.deploy(shop, "shop")
    answer = small.world.visit("shop.localhost")
    assert (answer.text, answer.release) == ("after", deployed.release.id)


def test_images_that_do_not_fit_are_told_so(world: World, tmp_path: Path) -> None:
    with (
        own_network(),
        tempfile.TemporaryDirectory(prefix="holdfast-tests-", dir="/var/tmp") as folder,
        small_file_system(folder, "150m"),
    ):
        engine = EmbeddedEngine(Path(folder), RESOURCES, environment={})
        try:
            tiny = connect(engine.start().socket, world.keychain, tmp_path / "ca.pem")
            with closing(tiny.api), pytest.raises(DiskFull, match=folder):
                tiny.make_images()
        finally:
            engine.remove()
