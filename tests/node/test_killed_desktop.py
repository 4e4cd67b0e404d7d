"""A desktop is killed while an app gets its key and its volume, or a secret: one usable state is
left."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any

import pytest
from mortal_desktop import At, call, made, run_until
from waiting import wait_until
from world import Repository, World, plain_app

from holdfast.domain import names
from holdfast.domain.app import AppState
from holdfast.domain.container import VolumeMount
from holdfast.domain.errors import HoldfastError
from holdfast.domain.names import AppName
from holdfast.domain.recovery_kit import Kit
from holdfast.domain.requests import DeployRequest
from holdfast.domain.secret import Secret
from holdfast.node import payloads
from holdfast.node.age_file import decrypt
from holdfast.node.scripts import SCRIPTS
from holdfast.node.volume import Volume
from holdfast.operations.deploy import deploy_app
from holdfast.operations.import_secrets import import_secrets
from holdfast.operations.remove import remove_app
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


@pytest.mark.parametrize(
    ("left", "mounted"),
    [
        ("gocryptfs.conf.tmp", True),
        ("gocryptfs.conf", True),
        # whatever that is: it was not left by the making of a volume
        ("kept", False),
    ],
    ids=["its file is unfinished", "without the file for names", "something else is there"],
)
def test_a_volume_whose_making_was_killed_is_made(
    world: World, kit: Kit, left: str, mounted: bool
) -> None:
    volume = Volume(world.node, APP, payloads.PROBE_UID)
    key, image = volume.create(), world.node.images.node_image
    volume.mount(key, image)
    volume.unmount()
    cipher = VolumeMount(names.cipher_volume(APP), "/mnt/cipher")
    script = (
        "cd /mnt/cipher && find . -mindepth 1 ! -name gocryptfs.conf -delete;"
        f" mv gocryptfs.conf {left} 2>/dev/null; ls -A"
    )
    assert world.helper(script, volumes=(cipher,), capabilities=("DAC_OVERRIDE",)) == left
    with nullcontext() if mounted else pytest.raises(HoldfastError, match="not empty"):
        volume.mount(key, image)
    assert volume.is_mounted() is mounted


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


def test_what_searched_for_the_rest_of_it_ends_with_the_desktop(
    world: World, kit: Kit, new_repository: Callable[[], Repository]
) -> None:
    repository = new_repository()
    repository.commit(plain_app("'grown'"))
    world.deploy(repository, APP)
    whole = sorted(map(_nameless, world.picture()))
    sweeper = names.task(APP, "sweeper")

    def search(name: str, given: tuple[Any, ...]) -> bool:
        return call("run", sweeper)(name, given) and not world.cipher_volumes(APP)

    run_until(world, search, lambda node: remove_app(node, APP))
    assert world.state(APP) is None
    wait_until(lambda: _ended(world, sweeper), "it ends")
    world.deploy(repository, APP)
    assert sorted(map(_nameless, world.picture())) == whole


def _ended(world: World, name: str) -> bool:
    return [c.state for c in world.engine.containers() if c.name == name] == ["exited"]


def test_what_was_made_for_a_build_that_never_began_is_cleared(
    world: World, kit: Kit, new_repository: Callable[[], Repository]
) -> None:
    repository = new_repository()
    repository.commit(plain_app("'grown'"))
    world.deploy(repository, APP)
    before = world.picture()
    # the build is begun before anything is resolved
    repository.commit(plain_app("'grown'", requirements="idna"))
    request = DeployRequest(str(repository), APP)
    run_until(world, made(names.task(APP, "build")), lambda node: deploy_app(node, request))
    assert world.engine.volumes(names.labels(APP, "build"))
    repository.commit(plain_app("'grown again'"))
    world.deploy(repository, APP)
    assert world.visit(HOST).text == "grown again"
    assert world.engine.volumes(names.labels(APP, "build")) == []
    # the names of the releases apart
    assert sorted(map(_nameless, world.picture())) == sorted(map(_nameless, before))


def test_a_view_that_was_left_is_hidden_by_the_next_deploy(
    world: World, kit: Kit, new_repository: Callable[[], Repository]
) -> None:
    repository = new_repository()
    repository.commit(plain_app("'grown'"))
    served = world.deploy(repository, APP).release
    before = sorted(map(_nameless, world.picture()))
    # every container and RAM volume of the old release is gone by then
    view = payloads.run_view(served.id)
    hiding = call("run", MOUNTER, (f"{SCRIPTS}/volume.sh", "unview", view))
    request = DeployRequest(str(repository), APP)
    run_until(world, hiding, lambda node: deploy_app(node, request))
    assert f"host ./{APP}/{view}" in world.picture()
    repository.commit(plain_app("'grown again'"))
    world.deploy(repository, APP)
    assert world.visit(HOST).text == "grown again"
    assert sorted(map(_nameless, world.picture())) == before


def _nameless(found: str) -> str:
    return re.sub(r"\d{12}", "", found)


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
