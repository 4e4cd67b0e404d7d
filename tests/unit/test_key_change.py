"""A volume's key is changed: what opens it after a kill between any two steps, and for whom."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
from key_world import SALES, KeyWorld

from holdfast.domain.errors import NotLetIn
from holdfast.domain.secret import Secret
from holdfast.node.key_change import key_to_be
from holdfast.node.keys import NodeKeys
from holdfast.node.recovery_kit import check_kit, create_kit, open_kit
from holdfast.node.revocation import end_admission, list_admins, take_next

KEYS = ("volume-key", "changed-volume-key")


class Configuration:
    """The volume's configuration file, which one key opens, and is replaced in one step."""

    def __init__(self, world: KeyWorld, key: Secret) -> None:
        self._world = world
        self.opened_by = key

    def change(self, present: Secret, changed: Secret) -> None:
        if self.opened_by != changed:
            assert self.opened_by == present
            self._world.fuse.burn()
            self.opened_by = changed


def change(keys: NodeKeys, volume: Configuration) -> None:
    """The steps of the operation."""
    key = key_to_be(keys, SALES)
    volume.change(keys.opening_keys(SALES)[0], key)
    keys.take_changed_key(SALES, key)


def tried(keys: NodeKeys) -> list[Secret]:
    return [key for key in keys.opening_keys(SALES) if key is not None]


def every_kill(folder: Path, check: Callable[[KeyWorld, int], bool]) -> int:
    for writes in count():
        if not check(KeyWorld(folder / str(writes)), writes):
            return writes
    raise AssertionError


def test_without_a_kit_a_kill_anywhere_leaves_a_key_that_opens(tmp_path: Path) -> None:
    def check(world: KeyWorld, writes: int) -> bool:
        ada = world.workstation()
        world.new_app(ada, "sales", b"a = 1")
        old = ada.volume_key(SALES)
        volume = Configuration(world, old)
        killed = world.kill_after(writes, lambda: change(ada, volume))
        assert volume.opened_by in tried(ada)
        change(ada, volume)
        assert tried(ada) == [volume.opened_by] != [old]
        assert [item.id for item in ada.items(SALES)] == ["secrets/sales", "volume/sales"]
        return killed

    assert every_kill(tmp_path, check) == 4


def test_with_a_kit_every_admin_and_the_kit_have_it_all_the_while(tmp_path: Path) -> None:
    def check(world: KeyWorld, writes: int) -> bool:
        ada, bo = world.workstation(), world.workstation()
        world.new_app(ada, "sales", b"a = 1")
        kit = create_kit(ada, "Ada", world.apps, another=False)
        open_kit(bo, kit, "Bo", world.apps)
        old = ada.volume_key(SALES)
        volume = Configuration(world, old)
        killed = world.kill_after(writes, lambda: change(ada, volume))
        for keys in (ada, bo):
            assert volume.opened_by in tried(keys)
        files = world.opened_by(kit)["sales"]
        assert volume.opened_by in [files[name] for name in KEYS if name in files]
        # another admin goes on, and what Ada's keychain had to remember is forgotten
        change(bo, volume)
        ada.catch_up(lambda: world.apps)
        assert tried(ada) == tried(bo) == [volume.opened_by] != [old]
        check_kit(ada, kit, world.apps)
        files = world.opened_by(kit)["sales"]
        assert [files.get(name) for name in KEYS] == [volume.opened_by, None]
        assert files["secrets.toml"] == Secret(b"a = 1")
        for keys in (ada, bo):
            assert "volume-changed/sales" not in [item.id for item in keys.items(SALES)]
        return killed

    assert every_kill(tmp_path, check) > 5


def test_a_change_that_was_cut_short_goes_on_with_the_same_key(tmp_path: Path) -> None:
    world = KeyWorld(tmp_path)
    ada = world.workstation()
    world.new_app(ada, "sales")
    key = key_to_be(ada, SALES)
    assert key_to_be(ada, SALES) == key
    ada.take_changed_key(SALES, key)
    assert key_to_be(ada, SALES) != key


def test_a_workstation_that_was_not_let_in_changes_nothing(tmp_path: Path) -> None:
    world = KeyWorld(tmp_path)
    ada, stranger = world.workstation(), world.workstation()
    world.new_app(ada, "sales")
    create_kit(ada, "Ada", world.apps, another=False)
    before = world.files.read()
    with pytest.raises(NotLetIn):
        key_to_be(stranger, SALES)
    assert world.files.read() == before


def test_a_revocation_takes_a_key_that_the_revoked_admin_never_saw(tmp_path: Path) -> None:
    world = KeyWorld(tmp_path)
    ada, bo = world.workstation(), world.workstation()
    world.new_app(ada, "sales")
    kit = create_kit(ada, "Ada", world.apps, another=False)
    open_kit(bo, kit, "Bo", world.apps)
    begun = key_to_be(bo, SALES)
    seen = [*tried(bo), begun]
    [revoked] = [admin for admin in list_admins(ada) if admin.name == "Bo"]
    end_admission(ada, revoked, world.apps)
    take_next(ada, SALES, "holdfast-sales-cipher-2")
    assert not set(key.reveal() for key in tried(ada)) & set(key.reveal() for key in seen)
