"""The recovery kit after a kill between any two writes, and while another desktop writes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path

import pytest
from key_world import NOTES, SALES, FusedKeychain, KeyWorld

from holdfast.domain.errors import HoldfastError
from holdfast.domain.recovery_kit import KitState
from holdfast.domain.secret import Secret
from holdfast.node.age_file import recipient_of
from holdfast.node.keys import NodeKeys
from holdfast.node.recovery_kit import check_kit, create_kit, kit_status, open_kit

Act = Callable[[KeyWorld, NodeKeys, Secret], object]


def make_again(world: KeyWorld, ada: NodeKeys, kit: Secret) -> Secret:
    return create_kit(ada, "Ada", world.apps, another=True)


def edit(world: KeyWorld, ada: NodeKeys, kit: Secret) -> None:
    ada.store_secrets(SALES, Secret(b"a = 2"))


def remove(world: KeyWorld, ada: NodeKeys, kit: Secret) -> None:
    ada.forget(NOTES)


@pytest.mark.parametrize("act", [make_again, edit, remove])
def test_a_kill_between_any_two_writes_leaves_one_usable_state(tmp_path: Path, act: Act) -> None:
    for writes in count():
        world = KeyWorld(tmp_path / str(writes))
        ada = world.workstation()
        world.new_app(ada, "sales", b"a = 1")
        world.new_app(ada, "notes", b"b = 1")
        kit = create_kit(ada, "Ada", world.apps, another=False)
        check_kit(ada, kit, world.apps)
        key = ada.volume_key(SALES)
        killed = world.kill_after(writes, lambda: act(world, ada, kit))  # noqa: B023
        assert ada.volume_key(SALES) == key
        assert ada.secrets(SALES) in (Secret(b"a = 1"), Secret(b"a = 2"))
        made = act(world, ada, kit)
        now = made if isinstance(made, Secret) else kit
        if act is remove:
            world.apps.remove(NOTES)
            assert ada.items(NOTES) == []
        check_kit(ada, now, world.apps)
        assert world.opened_by(now)["sales"]["volume-key"] == key
        if not killed:
            break
    assert writes >= 2


def test_a_kill_while_the_first_kit_is_made_leaves_none_or_one(tmp_path: Path) -> None:
    for writes in count():
        world = KeyWorld(tmp_path / str(writes))
        ada = world.workstation()
        world.new_app(ada, "sales", b"a = 1")
        killed = world.kill_after(
            writes,
            lambda: create_kit(ada, "Ada", world.apps, False),  # noqa: B023
        )
        assert ada.secrets(SALES) == Secret(b"a = 1")
        assert kit_status(ada).state in (KitState.MISSING, KitState.UNCONFIRMED)
        kit = create_kit(ada, "Ada", world.apps, another=False)
        check_kit(ada, kit, world.apps)
        assert world.opened_by(kit)["sales"]["secrets.toml"] == Secret(b"a = 1")
        if not killed:
            break
    assert writes > 3


def test_a_kill_while_a_workstation_is_let_in_harms_nobody(tmp_path: Path) -> None:
    for writes in count():
        world = KeyWorld(tmp_path / str(writes))
        ada, bo = world.workstation(), world.workstation()
        world.new_app(ada, "sales", b"a = 1")
        world.new_app(ada, "notes")
        kit = create_kit(ada, "Ada", world.apps, another=False)
        killed = world.kill_after(
            writes,
            lambda: open_kit(bo, kit, "Bo", world.apps),  # noqa: B023
        )
        ada.store_secrets(SALES, Secret(b"a = 2"))
        check_kit(ada, kit, world.apps)
        open_kit(bo, kit, "Bo", world.apps)
        assert bo.secrets(SALES) == Secret(b"a = 2")
        assert bo.volume_key(NOTES) == ada.volume_key(NOTES)
        assert kit_status(ada).admins == ("Ada", "Bo")
        if not killed:
            break
    assert writes > 5


def test_a_kit_that_takes_its_place_while_another_is_checked_is_not_confirmed(
    tmp_path: Path,
) -> None:
    for wanted in count(1):
        world = KeyWorld(tmp_path / str(wanted))
        keychain = FusedKeychain(world.fuse)
        here, beside = world.workstation(keychain), world.workstation(keychain)
        kit = create_kit(here, "Ada", [], another=False)
        reads, made = count(1), []

        def meanwhile() -> None:
            if next(reads) == wanted:  # noqa: B023
                world.engine.before_read = None  # noqa: B023
                made.append(create_kit(beside, "Ada", [], another=False))  # noqa: B023

        world.engine.before_read = meanwhile
        with suppress(HoldfastError):
            check_kit(here, kit, [])
        if not made:
            break
        assert kit_status(here).recipient == recipient_of(made[0])
        assert kit_status(here).state is KitState.UNCONFIRMED
    assert wanted > 3


def test_a_new_key_is_with_the_kit_before_its_volume_exists(tmp_path: Path) -> None:
    for writes in count():
        world = KeyWorld(tmp_path / str(writes))
        ada = world.workstation()
        kit = create_kit(ada, "Ada", [], another=False)
        killed = world.kill_after(writes, lambda: ada.new_volume_key(SALES))  # noqa: B023
        key = ada.new_volume_key(SALES)
        assert world.opened_by(kit)["sales"]["volume-key"] == key == ada.volume_key(SALES)
        if not killed:
            break
    assert writes == 3
