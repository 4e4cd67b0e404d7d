"""A desktop is killed while an app gets its key and its volume, or a secret: one usable state is
left."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from mortal_desktop import At, call, made, run_until
from world import Repository, World, plain_app

from holdfast.domain import names
from holdfast.domain.app import AppState
from holdfast.domain.names import AppName
from holdfast.domain.recovery_kit import Kit
from holdfast.domain.requests import DeployRequest
from holdfast.domain.secret import Secret
from holdfast.node.age_file import decrypt
from holdfast.operations.deploy import deploy_app
from holdfast.operations.import_secrets import import_secrets
from holdfast.presenters.kit_page import kit_page

pytestmark = [pytest.mark.node, pytest.mark.timeout(600)]

APP, HOST = AppName("young"), "young.localhost"
MOUNTER = names.mounter(APP)
#: Where it is killed, and what is there then: the app's state as it is listed.
MOMENTS: dict[str, tuple[At, AppState | None]] = {
    "nobody has the key": (call("push", names.KEYS), None),
    "the kit has the key": (call("create_volume", names.cipher_volume(APP)), None),
    "the volume is there": (made(MOUNTER), AppState.SEALED),
    "nothing was handed the key": (call("push", MOUNTER), AppState.SEALED),
    "nobody has seen it mounted": (call("run", MOUNTER), AppState.FAILED),
}


@pytest.fixture
def kit(world: World) -> Iterator[Kit]:
    before = world.picture()
    yield world.run(world.desk.create_kit(another=False))
    world.remove(APP)
    world.forget_kit()
    assert world.picture() == before


@pytest.mark.parametrize("moment", MOMENTS)
def test_the_app_is_deployed_with_one_key_that_the_kit_has(
    world: World, kit: Kit, new_repository: Callable[[], Repository], moment: str
) -> None:
    repository = new_repository()
    repository.commit(plain_app("'grown'"))
    at, state = MOMENTS[moment]
    request = DeployRequest(str(repository), APP)
    run_until(world, at, lambda node: deploy_app(node, request))
    # a mounter that nobody hands a key ends by itself
    world.seal()
    assert world.state(APP) in (state, AppState.SEALED)
    if world.state(APP) is not None:
        world.run(world.desk.unseal())
    world.deploy(repository, APP)
    assert world.visit(HOST).text == "grown"

    assert world.cipher_volumes(APP) == [names.cipher_volume(APP)]
    key, changed = world.node.keys.opening_keys(APP)
    assert (world.keychain.read(world.service, f"volume/{APP}"), changed) == (key, None)
    assert world.run(world.desk.check_kit(kit_page(kit).encode())).apps == (APP,)
    # and it is that key which opens it
    world.seal()
    world.run(world.desk.unseal())
    assert world.visit(HOST).text == "grown"


def test_it_is_removed_as_well(
    world: World, kit: Kit, new_repository: Callable[[], Repository]
) -> None:
    repository = new_repository()
    repository.commit(plain_app("'grown'"))
    at, _ = MOMENTS["the volume is there"]
    request = DeployRequest(str(repository), APP)
    run_until(world, at, lambda node: deploy_app(node, request))
    removal = world.run(world.desk.remove(APP))
    assert removal.left == ()
    assert APP not in world.node.keys.shared.files.read()


def test_a_secret_is_the_old_or_the_new_one_for_all(
    world: World, kit: Kit, new_repository: Callable[[], Repository]
) -> None:
    repository = new_repository()
    repository.commit(plain_app("os.environ.get('TOKEN', 'none')"))
    world.deploy(repository, APP)
    world.run(world.desk.import_secrets(APP, b'TOKEN = "old"', merge=False))
    [runner] = world.containers(APP, "run")
    for what, at, kept in (
        ("it is kept nowhere", call("push", names.KEYS), "old"),
        ("the app has not heard of it", call("push", runner), "new"),
    ):
        run_until(world, at, lambda node: import_secrets(node, APP, b'TOKEN = "new"', add=False))
        document = Secret(f'TOKEN = "{kept}"'.encode())
        content = world.node.keys.shared.files.read()[APP]
        assert decrypt(APP, content, kit.identity)["secrets.toml"] == document, what
        assert world.node.keys.secrets(APP) == document, what
        # who is served is served by the app of before, until it starts again
        assert world.visit(HOST).text == "old", what
    world.run(world.desk.restart(APP))
    assert world.visit(HOST).text == "new"
    world.run(world.desk.undo_secrets(APP))
    assert world.visit(HOST).text == "old"
