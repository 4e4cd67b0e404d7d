"""The keychain is locked, gone or full while the node needs it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from private_session import PrivateBus, PrivateSecretService
from world import Repository, World, plain_app

from holdfast.adapters.keychain import KeyringKeychain
from holdfast.domain.errors import KeychainError, KeychainLocked, KeychainUnreachable
from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken, Step, Update, drive
from holdfast.domain.requests import DeployRequest
from holdfast.domain.secret import Secret

pytestmark = [pytest.mark.node, pytest.mark.timeout(300)]

SERVICE = "holdfast:tests"


@dataclass(frozen=True)
class Loss:
    happen: Callable[[PrivateSecretService], None]
    told: type[KeychainError]


LOSSES = [
    pytest.param(Loss(PrivateSecretService.lock, KeychainLocked), id="locked"),
    pytest.param(Loss(PrivateSecretService.stop, KeychainUnreachable), id="gone"),
]


def deploy_without(
    world: World, service: PrivateSecretService, loss: Loss, title: str, request: DeployRequest
) -> BaseException | None:
    """Lose the keychain as soon as that step is told; the error, when the keychain is back."""

    def notify(update: Update) -> None:
        if update == Step(title):
            loss.happen(service)

    try:
        return drive(world.desk.deploy(request), CancelToken(), notify).error
    finally:
        service.unlock()


@pytest.fixture(scope="module")
def shop(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Repository]:
    repository = Repository(tmp_path_factory.mktemp("shop") / "repository")
    repository.commit(plain_app("'kept'"))
    world.deploy(repository, "shop")
    yield repository
    world.remove("shop")


@pytest.mark.parametrize("loss", LOSSES)
class TestDeploy:
    def test_of_a_new_app_leaves_nothing(
        self,
        world: World,
        secret_service: PrivateSecretService,
        new_repository: Callable[[], Repository],
        loss: Loss,
    ) -> None:
        repository = new_repository()
        repository.commit(plain_app("'never'"))
        before = world.picture()
        request = DeployRequest(str(repository), "never")
        error = deploy_without(world, secret_service, loss, "Prepare", request)
        assert isinstance(error, loss.told)
        assert error.next
        assert world.picture() == before

    def test_leaves_no_more_than_a_key_when_it_is_lost_later(
        self,
        world: World,
        secret_service: PrivateSecretService,
        new_repository: Callable[[], Repository],
        loss: Loss,
    ) -> None:
        repository = new_repository()
        repository.commit(plain_app("'never'"))
        before = world.picture()
        request = DeployRequest(str(repository), "never")
        step = "Start the sidecar and its firewall"
        error = deploy_without(world, secret_service, loss, step, request)
        assert isinstance(error, loss.told)
        assert world.picture() - before <= {"key volume/never"}
        world.remove("never")
        assert world.picture() == before

    def test_leaves_the_old_release_serving(
        self, world: World, secret_service: PrivateSecretService, shop: Repository, loss: Loss
    ) -> None:
        old = world.visit("shop.localhost")
        before, kept = world.picture(), world.kept("shop")
        request = DeployRequest(str(shop), AppName("shop"))
        step = "Start the sidecar and its firewall"
        error = deploy_without(world, secret_service, loss, step, request)
        assert isinstance(error, loss.told)
        assert world.visit("shop.localhost") == old
        assert world.picture() == before
        assert world.kept("shop") == kept


@contextmanager
def small_file_system(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "holdfast-tests", str(folder)]
    subprocess.run(mount, check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_value_that_the_keychains_disk_cannot_take_leaves_the_old_one(
    private_bus: PrivateBus,
) -> None:
    service = PrivateSecretService(private_bus)
    with small_file_system(private_bus.folder / "data"):
        service.start()
        try:
            keychain = KeyringKeychain(environment=private_bus.environment)
            keychain.write(SERVICE, "secrets/shop", Secret(b"small"))
            with pytest.raises(KeychainError) as told:
                keychain.write(SERVICE, "secrets/shop", Secret(b"x" * 200_000))
            assert told.value.next
            assert keychain.read(SERVICE, "secrets/shop").reveal() == b"small"
            service.unlock()
            assert keychain.read(SERVICE, "secrets/shop").reveal() == b"small"
        finally:
            service.stop()
