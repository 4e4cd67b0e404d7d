"""A revoked admin and the node's key files: who opens what, after what, and after a kill."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from key_world import NOTES, NOW, SALES, KeyWorld

from holdfast.domain.errors import HoldfastError, NotLetIn, ProofUnknown, UsageError
from holdfast.domain.names import cipher_volume, next_cipher_volume
from holdfast.domain.recovery_kit import KitAdmin, KitState, choose_admin
from holdfast.domain.secret import Secret
from holdfast.node.age_file import WrongIdentity, decrypt, encrypt
from holdfast.node.authorities import sidecars_authority
from holdfast.node.keys import NodeKeys
from holdfast.node.recovery_kit import check_kit, create_kit, kit_status, open_kit
from holdfast.node.revocation import (
    apps_to_renew,
    end_admission,
    finish,
    list_admins,
    next_key,
    take_next,
)


@dataclass
class Node:
    """Three admins, two apps, and the kit of before."""

    world: KeyWorld
    ada: NodeKeys
    bo: NodeKeys
    cy: NodeKeys
    kit: Secret

    @classmethod
    def make(cls, folder: Path) -> Node:
        world = KeyWorld(folder)
        ada, bo, cy = (world.workstation() for _ in range(3))
        world.new_app(ada, "sales", b"a = 1")
        world.new_app(ada, "notes")
        sidecars_authority(ada, NOW)
        kit = create_kit(ada, "Ada", world.apps, another=False)
        open_kit(bo, kit, "Bo", world.apps)
        open_kit(cy, kit, "Cy", world.apps)
        return cls(world, ada, bo, cy, kit)

    def revoke(self) -> Secret | None:
        bo = choose_admin(list_admins(self.ada), "Bo")
        return end_admission(self.ada, bo, self.world.apps)

    def change_volumes(self) -> None:
        for app in apps_to_renew(self.ada):
            take_next(self.ada, app, next_cipher_volume(app, self.ada.cipher_volume(app)))
        finish(self.ada)

    def opened(self, identity: Secret) -> list[str]:
        found = []
        for name, content in self.world.files.read().items():
            try:
                decrypt(name, content, identity)
            except WrongIdentity:
                continue
            found.append(name)
        return sorted(found)


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return Node.make(tmp_path)


def test_what_is_written_from_then_on_reaches_neither_the_admin_nor_the_old_kit(
    node: Node,
) -> None:
    bo = node.bo.shared.admin()
    assert bo is not None
    key = node.bo.volume_key(SALES)
    kit = node.revoke()
    assert kit is not None
    assert node.opened(bo.identity) == node.opened(node.kit) == []
    assert node.opened(kit) == ["node", "notes", "sales"]
    assert (node.ada.secrets(SALES), node.ada.volume_key(SALES)) == (Secret(b"a = 1"), key)
    assert kit_status(node.ada).state is KitState.UNCONFIRMED
    assert kit_status(node.ada).admins == ("Ada", "Cy")
    with pytest.raises(NotLetIn):
        node.bo.shared.look()
    node.change_volumes()
    check_kit(node.ada, kit, node.world.apps)


def test_each_app_gets_a_key_for_its_next_volume_which_takes_the_first_ones_place(
    node: Node,
) -> None:
    before = node.ada.volume_key(SALES)
    node.revoke()
    assert apps_to_renew(node.ada) == [NOTES, SALES]
    following = next_key(node.ada, SALES)
    assert following not in (before, next_key(node.ada, NOTES))
    assert node.ada.cipher_volume(SALES) == cipher_volume(SALES)
    take_next(node.ada, SALES, "holdfast-sales-cipher-2")
    assert node.ada.volume_key(SALES) == following
    assert node.ada.cipher_volume(SALES) == "holdfast-sales-cipher-2"
    assert node.ada.secrets(SALES) == Secret(b"a = 1")
    assert apps_to_renew(node.ada) == [NOTES]
    node.ada.keep_volume(SALES)
    assert {item.id for item in node.ada.items(SALES)} >= {"cipher/sales", "volume/sales"}
    node.ada.forget(SALES)
    assert node.ada.items(SALES) == []


def test_other_admins_are_let_in_again_with_the_new_kit_alone(node: Node) -> None:
    kit = node.revoke()
    assert kit is not None
    for act in (
        lambda: node.cy.volume_key(SALES),
        lambda: sidecars_authority(node.cy, NOW),
        lambda: node.cy.store_secrets(SALES, Secret(b"")),
    ):
        with pytest.raises(ProofUnknown, match="does not know who wrote"):
            act()
    assert kit_status(node.cy).state is KitState.FOREIGN
    with pytest.raises(UsageError, match="not this node's"):
        open_kit(node.cy, node.kit, "Cy", node.world.apps)
    open_kit(node.cy, kit, "Cy", node.world.apps)
    assert next_key(node.cy, SALES) == next_key(node.ada, SALES)
    assert [admin.name for admin in list_admins(node.cy)] == ["Ada", "Bo", "Cy"]
    assert [admin.leaving for admin in list_admins(node.cy)] == [False, True, False]


def test_what_the_revoked_admin_writes_with_the_old_proof_is_nobodys(node: Node) -> None:
    bo = node.bo.shared.look()
    assert bo is not None
    files = bo.open("sales") or {}
    kit = node.revoke()
    assert kit is not None
    node.change_volumes()
    proof, ada = Secret(bo.admin.proof.reveal()), node.ada.shared.admin()
    assert ada is not None
    forged = encrypt("sales", {**files, "proof-of-origin": proof}, [ada.recipient])
    (node.world.engine.files / "sales.age").write_bytes(forged)
    with pytest.raises(HoldfastError, match="was not written by an admin"):
        node.ada.secrets(SALES)


def test_repeated_it_goes_on_and_keeps_a_kit_that_was_confirmed(node: Node) -> None:
    first = node.revoke()
    take_next(node.ada, NOTES, "holdfast-notes-cipher-2")
    second = node.revoke()
    assert first is not None
    assert second is not None
    assert second != first
    assert node.opened(first) == []
    key = next_key(node.ada, SALES)
    check_kit(node.ada, second, node.world.apps)
    assert node.revoke() is None
    assert next_key(node.ada, SALES) == key
    assert apps_to_renew(node.ada) == [SALES]


def test_another_revocation_waits_for_the_first(node: Node) -> None:
    node.revoke()
    with pytest.raises(UsageError, match="revocation of Bo is not finished"):
        choose_admin(list_admins(node.ada), "Cy")


def test_a_new_app_needs_no_new_key(node: Node) -> None:
    node.revoke()
    node.world.new_app(node.ada, "fresh")
    assert apps_to_renew(node.ada) == [NOTES, SALES]
    node.revoke()
    assert apps_to_renew(node.ada) == [NOTES, SALES]


def test_a_name_that_two_have_is_refused_with_both() -> None:
    admins = [
        KitAdmin("Ada", "age1aaaaaaaaaaaa", here=True),
        KitAdmin("Bo", "age1bbbbbbbbbbbb"),
        KitAdmin("Bo", "age1cccccccccccc"),
    ]
    with pytest.raises(UsageError, match="Several admins are named Bo") as told:
        choose_admin(admins, "Bo")
    assert all(admin.recipient in told.value.why for admin in admins)
    assert choose_admin(admins, "age1cccccccc") == admins[2]
    for wrong in ("age1ccccccc", "B", ""):
        with pytest.raises(UsageError, match="No admin is named"):
            choose_admin(admins, wrong)


def test_a_kill_leaves_every_file_open_for_those_who_remain(tmp_path: Path) -> None:
    for writes in count():
        node = Node.make(tmp_path / str(writes))
        bo = node.bo.shared.admin()
        assert bo is not None
        killed = node.world.kill_after(writes, node.revoke)
        assert node.ada.secrets(SALES) == Secret(b"a = 1")
        assert node.ada.volume_key(NOTES)
        node.ada.store_secrets(NOTES, Secret(b"b = 1"))
        kit = node.revoke()
        assert kit is not None
        assert node.opened(bo.identity) == []
        assert apps_to_renew(node.ada) == [NOTES, SALES]
        killed_late = node.world.kill_after(writes, node.change_volumes)
        node.change_volumes()
        assert apps_to_renew(node.ada) == []
        check_kit(node.ada, kit, node.world.apps)
        assert node.ada.secrets(NOTES) == Secret(b"b = 1")
        assert [admin.name for admin in list_admins(node.ada)] == ["Ada", "Cy"]
        if not (killed or killed_late):
            break
    assert writes > 8
