"""Removal on a real engine: nothing of an app stays, and what would stay is found and named."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from world import Repository, World, plain_app

from holdfast.domain import names
from holdfast.domain.container import ContainerSpec, VolumeMount
from holdfast.domain.errors import KeyMissing
from holdfast.domain.names import AppName
from holdfast.domain.node import Item

pytestmark = [pytest.mark.node, pytest.mark.timeout(300)]

APP = AppName("going")


@pytest.fixture
def going(world: World, new_repository: Callable[[], Repository]) -> Iterator[frozenset[str]]:
    """A deployed app; what there was before it."""
    before = world.picture()
    repository = new_repository()
    repository.commit(plain_app("pathlib.Path('/data/note').write_text('a note')"))
    world.deploy(repository, APP)
    yield before
    world.remove(APP)


def test_leaves_nothing(world: World, going: frozenset[str]) -> None:
    world.run(world.desk.import_secrets(APP, b'token = "a secret"\n', merge=False))
    there = world.picture() - going
    assert {"key volume/going", "key secrets/going", "volume holdfast-going-cipher"} <= there
    assert any(line.startswith("host ./going/") for line in there)
    removal = world.run(world.desk.remove(APP))
    assert removal.left == ()
    assert world.picture() == going
    assert Item("volume", "holdfast-going-cipher") in removal.removed
    assert Item("keychain item", "volume/going") in removal.removed
    assert removal.key_destroyed is not None
    assert removal.key_destroyed <= removal.finished
    assert not world.knows("going.localhost")
    again = world.run(world.desk.remove(APP))
    assert (again.removed, again.left, again.key_destroyed) == ((), (), None)


def test_works_on_a_sealed_app(world: World, going: frozenset[str]) -> None:
    world.engine.kill(names.mounter(APP))
    assert world.run(world.desk.remove(APP)).left == ()
    assert world.picture() == going


def test_takes_no_app_with_a_longer_name(
    world: World, going: frozenset[str], new_repository: Callable[[], Repository]
) -> None:
    repository = new_repository()
    repository.commit(plain_app("'longer'"))
    world.deploy(repository, "going-on")
    try:
        removal = world.run(world.desk.remove(APP))
        assert removal.left == ()
        assert not [item for item in removal.removed if "going-on" in item.id]
        assert world.visit("going-on.localhost").text == "longer"
    finally:
        world.remove("going-on")


def test_names_what_it_finds_and_does_not_own(world: World, going: frozenset[str]) -> None:
    spec = ContainerSpec(
        name="holdfast-going-stray",
        image=world.node.images.node_image,
        command=("/bin/true",),
        labels={},
        user="0:0",
        memory_bytes=64 << 20,
    )
    world.engine.create(spec)
    world.engine.create_volume("holdfast-going-stray", {})
    try:
        left = world.run(world.desk.remove(APP)).left
        assert set(left) == {Item("container", spec.name), Item("volume", spec.name)}
    finally:
        world.engine.remove(spec.name)
        world.engine.remove_volume(spec.name)
    assert world.picture() == going


def test_names_a_file_in_the_shared_folder(world: World, going: frozenset[str]) -> None:
    world.shared("mkdir going/stray && echo x >going/stray/file")
    try:
        left = world.run(world.desk.remove(APP)).left
        assert Item("host folder", "/run/holdfast/going/stray/file") in left
    finally:
        world.shared("rm -rf going")
    assert world.picture() == going


def opens(world: World, key: str) -> bool:
    """Whether gocryptfs opens the copy of the volume with this key."""
    script = f"""printf %s {key} >/tmp/key
      gocryptfs-xray -dumpmasterkey /copy/gocryptfs.conf </tmp/key >/dev/null 2>&1 && echo opened"""
    copy, scratch = VolumeMount("tests-copy", "/copy"), VolumeMount("tests-scratch", "/tmp")
    try:
        return world.helper(script, volumes=(copy, scratch), capabilities=("DAC_OVERRIDE",)) != ""
    finally:
        world.engine.remove_volume("tests-scratch")


def test_shreds_every_copy_of_the_volume(world: World, going: frozenset[str]) -> None:
    key = world.node.keys.volume_key(APP).reveal().decode()
    world.engine.create_volume("tests-copy", {})
    cipher = VolumeMount(names.cipher_volume(APP), "/cipher", read_only=True)
    copy = VolumeMount("tests-copy", "/copy")
    try:
        world.helper(
            "cp -r /cipher/. /copy", volumes=(cipher, copy), capabilities=("DAC_OVERRIDE",)
        )
        assert opens(world, key)
        assert not opens(world, "0" * len(key))
        world.run(world.desk.remove(APP))
        with pytest.raises(KeyMissing):
            world.node.keys.volume_key(APP)
        everything = world.keychain.names(world.service)
        kept = [world.keychain.read(world.service, name).reveal() for name in everything]
        assert not [value for value in kept if key.encode() in value]
    finally:
        world.engine.remove_volume("tests-copy")
