"""The recovery kit and a real Secret Service: what it keeps of an admin, and when it fails."""

from __future__ import annotations

from pathlib import Path

import pytest
from key_world import SERVICE, KeyWorld
from private_session import PrivateSecretService

from holdfast.adapters.keychain import KeyringKeychain
from holdfast.domain.errors import KeychainError, KeychainLocked, KeychainUnreachable
from holdfast.domain.names import AppName
from holdfast.domain.recovery_kit import KitState
from holdfast.domain.secret import Secret
from holdfast.node.keys import NodeKeys
from holdfast.node.recovery_kit import create_kit, kit_status, open_kit

pytestmark = [pytest.mark.keychain, pytest.mark.timeout(120)]

SALES = AppName("sales")


@pytest.fixture
def world(tmp_path: Path) -> KeyWorld:
    return KeyWorld(tmp_path)


@pytest.fixture
def keychain(secret_service: PrivateSecretService) -> KeyringKeychain:
    made = KeyringKeychain(timeout=5, prompt_timeout=1, environment=secret_service.environment)
    for name in made.names(SERVICE):
        made.delete(SERVICE, name)
    return made


@pytest.fixture
def bo(world: KeyWorld, keychain: KeyringKeychain) -> NodeKeys:
    return world.workstation(keychain)


@pytest.fixture
def kit(world: KeyWorld) -> Secret:
    """Made by Ada, whose keychain is another."""
    ada = world.workstation()
    world.new_app(ada, SALES, b"a = 1")
    return create_kit(ada, "Ada", world.apps, another=False)


def test_who_was_let_in_stays_so_when_the_keyring_starts_again(
    world: KeyWorld, kit: Secret, bo: NodeKeys, secret_service: PrivateSecretService
) -> None:
    open_kit(bo, kit, "Bo", world.apps)
    secret_service.stop()
    secret_service.start()
    again = world.workstation(KeyringKeychain(environment=secret_service.environment))
    assert again.secrets(SALES) == Secret(b"a = 1")
    assert kit_status(again).state is KitState.CONFIRMED


def test_it_holds_no_kit(
    world: KeyWorld, kit: Secret, bo: NodeKeys, keychain: KeyringKeychain
) -> None:
    open_kit(bo, kit, "Bo", world.apps)
    names = keychain.names(SERVICE)
    assert set(names) == {"admin", "secrets/sales", "volume/sales"}
    assert not any(kit.reveal() in keychain.read(SERVICE, name).reveal() for name in names)


@pytest.mark.parametrize(
    ("fault", "error"), [("lock", KeychainLocked), ("stop", KeychainUnreachable)]
)
def test_one_that_fails_lets_nobody_in_and_changes_nothing(
    world: KeyWorld,
    kit: Secret,
    bo: NodeKeys,
    secret_service: PrivateSecretService,
    fault: str,
    error: type[KeychainError],
) -> None:
    before = world.files.read()
    getattr(secret_service, fault)()
    try:
        with pytest.raises(error):
            open_kit(bo, kit, "Bo", world.apps)
        with pytest.raises(error):
            kit_status(bo)
    finally:
        secret_service.unlock()
    assert world.files.read() == before
    assert open_kit(bo, kit, "Bo", world.apps).apps == (SALES,)


def test_one_that_is_locked_makes_no_kit(
    world: KeyWorld, bo: NodeKeys, secret_service: PrivateSecretService
) -> None:
    secret_service.lock()
    try:
        with pytest.raises(KeychainLocked):
            create_kit(bo, "Bo", [], another=False)
    finally:
        secret_service.unlock()
    assert kit_status(bo).state is KitState.MISSING
