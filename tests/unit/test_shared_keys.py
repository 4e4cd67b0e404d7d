"""The recovery kit between workstations: who can open what, and after what."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pyrage
import pytest
from key_world import NOTES, NOW, SALES, SERVICE, FusedKeychain, KeyWorld
from memory_keychain import MemoryKeychain

from holdfast.domain.errors import AppBusy, HoldfastError, NotLetIn, UsageError
from holdfast.domain.names import AppName, HostName
from holdfast.domain.node import Item
from holdfast.domain.recovery_kit import KitState
from holdfast.domain.secret import Secret
from holdfast.node.age_file import encrypt, new_identity, recipient_of
from holdfast.node.authorities import edge_authority, sidecars_authority, visitors_authority
from holdfast.node.keys import NodeKeys
from holdfast.node.recovery_kit import check_kit, create_kit, kit_status, open_kit


@pytest.fixture
def world(tmp_path: Path) -> KeyWorld:
    return KeyWorld(tmp_path)


class TestWithoutAKit:
    def test_nothing_is_made_on_the_node(self, world: KeyWorld) -> None:
        keys = world.workstation()
        world.new_app(keys, "sales", b"a = 1")
        keys.catch_up(lambda: world.apps)
        assert keys.secrets(SALES) == Secret(b"a = 1")
        assert not world.engine.files.exists()
        assert kit_status(keys).state is KitState.MISSING

    def test_there_is_nothing_to_open_or_check(self, world: KeyWorld) -> None:
        acts: tuple[Callable[[], object], ...] = (
            lambda: open_kit(world.workstation(), new_identity(), "Bo", []),
            lambda: check_kit(world.workstation(), new_identity(), []),
        )
        for act in acts:
            with pytest.raises(HoldfastError, match="has no recovery kit"):
                act()
        assert not world.engine.files.exists()

    def test_a_visitors_ca_is_never_made_for_a_top_level_domain(self, world: KeyWorld) -> None:
        keys = world.workstation()

        def domains(*hosts: str) -> list[bytes]:
            visitors_authority(keys, [HostName(host) for host in hosts], NOW)
            return keys.kept_items("authority/")["authority/visitors-domains"].reveal().split()

        assert domains("sales.localhost") == [b"localhost"]
        # as an earlier release had them
        keys.note("authority/visitors-domains", Secret(b"com localhost"))
        assert domains("example.com") == [b"example.com", b"localhost"]
        assert domains("sales.example.com") == [b"example.com", b"localhost"]
        assert domains("app.other.org") == [b"example.com", b"localhost", b"other.org"]


class TestMaking:
    def test_takes_in_the_apps_of_before(self, world: KeyWorld) -> None:
        keys = world.workstation()
        world.new_app(keys, "sales", b"a = 1")
        ca = visitors_authority(keys, [], NOW)
        kit = create_kit(keys, "Ada", world.apps, another=False)
        files = world.opened_by(kit)
        assert files["sales"]["volume-key"] == keys.volume_key(SALES)
        assert files["sales"]["secrets.toml"] == Secret(b"a = 1")
        assert ca.certificate.split(b"\n")[1] in files["node"]["authority/visitors"].reveal()

    def test_is_unconfirmed_until_it_was_given_back(self, world: KeyWorld) -> None:
        keys = world.workstation()
        world.new_app(keys, "sales")
        kit = create_kit(keys, "Ada", world.apps, another=False)
        assert kit_status(keys).state is KitState.UNCONFIRMED
        assert check_kit(keys, kit, world.apps).apps == (SALES,)
        status = kit_status(keys)
        assert (status.state, status.admins) == (KitState.CONFIRMED, ("Ada",))

    def test_keeps_the_identity_nowhere(self, world: KeyWorld) -> None:
        keychain = FusedKeychain(world.fuse)
        keys = world.workstation(keychain)
        kit = create_kit(keys, "Ada", [], another=False)
        kept = [keychain.read(SERVICE, name).reveal() for name in keychain.names(SERVICE)]
        opened = [file.reveal() for file in world.opened_by(kit)["node"].values()]
        assert len(kept) == 1
        assert not any(kit.reveal() in value for value in kept + opened)

    def test_again_replaces_one_that_was_never_confirmed(self, world: KeyWorld) -> None:
        keys = world.workstation()
        world.new_app(keys, "sales")
        first = create_kit(keys, "Ada", world.apps, another=False)
        second = create_kit(keys, "Ada", world.apps, another=False)
        assert set(world.opened_by(second)) == {"node", "sales"}
        with pytest.raises(UsageError, match="not this node's"):
            check_kit(keys, first, world.apps)

    def test_again_is_refused_once_it_was_confirmed(self, world: KeyWorld) -> None:
        keys = world.workstation()
        first = create_kit(keys, "Ada", [], another=False)
        check_kit(keys, first, [])
        before = world.files.read()
        with pytest.raises(UsageError, match="was confirmed"):
            create_kit(keys, "Ada", [], another=False)
        assert world.files.read() == before
        second = create_kit(keys, "Ada", [], another=True)
        assert kit_status(keys).recipient == recipient_of(second)
        assert kit_status(keys).state is KitState.UNCONFIRMED

    def test_is_told_of_an_app_whose_key_is_elsewhere(self, world: KeyWorld) -> None:
        keys = world.workstation()
        world.apps.append(NOTES)
        kit = create_kit(keys, "Ada", world.apps, another=False)
        with pytest.raises(HoldfastError, match="does not open notes"):
            check_kit(keys, kit, world.apps)
        assert kit_status(keys).state is KitState.UNCONFIRMED


class TestTwoAdmins:
    @pytest.fixture
    def ada(self, world: KeyWorld) -> NodeKeys:
        return world.workstation()

    @pytest.fixture
    def kit(self, world: KeyWorld, ada: NodeKeys) -> Secret:
        world.new_app(ada, "sales", b"a = 1")
        visitors_authority(ada, [], NOW)
        return create_kit(ada, "Ada", world.apps, another=False)

    @pytest.fixture
    def bo(self, world: KeyWorld, kit: Secret) -> NodeKeys:
        keys = world.workstation()
        open_kit(keys, kit, "Bo", world.apps)
        return keys

    def test_a_stranger_opens_nothing(self, world: KeyWorld, kit: Secret) -> None:
        stranger = world.workstation()
        assert kit_status(stranger).state is KitState.FOREIGN
        for act in (
            lambda: stranger.volume_key(SALES),
            lambda: stranger.secrets(SALES),
            lambda: stranger.new_volume_key(NOTES),
            lambda: visitors_authority(stranger, [], NOW),
            lambda: sidecars_authority(stranger, NOW),
            lambda: create_kit(stranger, "Eve", [], another=True),
        ):
            with pytest.raises(NotLetIn, match="cannot open the node's keys"):
                act()

    def test_a_wrong_kit_changes_nothing(self, world: KeyWorld, kit: Secret) -> None:
        keychain = MemoryKeychain()
        before = world.files.read()
        with pytest.raises(UsageError, match="not this node's"):
            open_kit(world.workstation(keychain), new_identity(), "Bo", world.apps)
        assert world.files.read() == before
        assert keychain.names(SERVICE) == []

    def test_an_admins_own_identity_is_no_kit(
        self, world: KeyWorld, ada: NodeKeys, kit: Secret
    ) -> None:
        admin = ada.shared.admin()
        assert admin is not None
        with pytest.raises(UsageError, match="not this node's"):
            open_kit(world.workstation(), admin.identity, "Eve", world.apps)
        assert kit_status(ada).state is KitState.UNCONFIRMED
        assert kit_status(ada).admins == ("Ada",)

    def test_the_second_opens_what_the_first_has(self, ada: NodeKeys, bo: NodeKeys) -> None:
        assert bo.volume_key(SALES) == ada.volume_key(SALES)
        assert bo.secrets(SALES) == Secret(b"a = 1")
        for authority in (sidecars_authority, edge_authority):
            assert authority(bo, NOW) == authority(ada, NOW)
        assert visitors_authority(bo, [], NOW) == visitors_authority(ada, [], NOW)
        assert kit_status(ada).admins == ("Ada", "Bo")
        assert kit_status(ada).state is KitState.CONFIRMED

    def test_each_sees_what_the_other_writes(
        self, world: KeyWorld, ada: NodeKeys, bo: NodeKeys, kit: Secret
    ) -> None:
        world.new_app(bo, "notes", b"b = 1")
        assert ada.volume_key(NOTES) == bo.volume_key(NOTES)
        ada.store_secrets(NOTES, Secret(b"b = 2"))
        assert bo.secrets(NOTES) == Secret(b"b = 2")
        bo.store_secrets(SALES, Secret(b"a = 2"))
        assert ada.secrets(SALES) == Secret(b"a = 2")
        new = visitors_authority(bo, [HostName("sales.example.org")], NOW)
        assert visitors_authority(ada, [], NOW) == new
        assert world.opened_by(kit)["notes"]["secrets.toml"] == Secret(b"b = 2")

    def test_who_is_let_in_by_half_cannot_take_the_kit_from_the_others(
        self, world: KeyWorld, ada: NodeKeys, kit: Secret
    ) -> None:
        bo = world.workstation()
        assert world.kill_after(3, lambda: open_kit(bo, kit, "Bo", world.apps))
        assert kit_status(bo).admins == ("Ada", "Bo")
        before = world.files.read()
        with pytest.raises(HoldfastError, match="key file of sales cannot be opened"):
            create_kit(bo, "Bo", world.apps, another=True)
        assert world.files.read() == before
        open_kit(bo, kit, "Bo", world.apps)
        assert bo.volume_key(SALES) == ada.volume_key(SALES)

    def test_what_one_removes_the_other_forgets(
        self, world: KeyWorld, ada: NodeKeys, bo: NodeKeys
    ) -> None:
        keychain = FusedKeychain(world.fuse)
        removed = bo.forget(SALES)
        assert Item("key file", "sales.age") in removed
        assert bo.items(SALES) == []
        world.apps.remove(SALES)
        assert ada.items(SALES) != []
        ada.catch_up(lambda: world.apps)
        assert ada.items(SALES) == []
        assert "sales" not in world.files.read()
        assert keychain.names(SERVICE) == []

    def test_what_is_removed_while_another_catches_up_does_not_come_back(
        self, world: KeyWorld, ada: NodeKeys, bo: NodeKeys
    ) -> None:
        def remove() -> None:
            world.engine.before_read = None
            world.apps.remove(SALES)
            ada.forget(SALES)

        world.engine.before_read = remove
        bo.catch_up(lambda: list(world.apps))
        assert "sales" not in world.files.read()
        assert bo.items(SALES) == []

    def test_an_app_made_anew_has_neither_old_key_nor_old_secrets(
        self, world: KeyWorld, ada: NodeKeys, bo: NodeKeys
    ) -> None:
        old = ada.volume_key(SALES)
        bo.forget(SALES)
        world.new_app(bo, "sales")
        assert ada.volume_key(SALES) == bo.volume_key(SALES) != old
        assert ada.secrets(SALES) == Secret(b"")

    def test_of_two_writers_at_once_the_second_is_told(
        self, world: KeyWorld, ada: NodeKeys, bo: NodeKeys
    ) -> None:
        world.engine.between = lambda: bo.store_secrets(SALES, Secret(b"a = 2"))
        with pytest.raises(AppBusy, match="changed at the same moment"):
            ada.store_secrets(SALES, Secret(b"a = 3"))
        assert ada.secrets(SALES) == bo.secrets(SALES) == Secret(b"a = 2")

    def test_nobody_is_left_out_who_is_let_in_meanwhile(
        self, world: KeyWorld, ada: NodeKeys, kit: Secret
    ) -> None:
        bo = world.workstation()
        world.engine.between = lambda: open_kit(bo, kit, "Bo", world.apps)
        with pytest.raises(AppBusy):
            ada.new_volume_key(NOTES)
        ada.new_volume_key(NOTES)
        assert bo.volume_key(NOTES) == ada.volume_key(NOTES)

    def test_a_file_that_no_admin_wrote_is_refused(
        self, world: KeyWorld, ada: NodeKeys, kit: Secret
    ) -> None:
        forged = {"secrets.toml": Secret(b"evil = 1"), "proof-of-origin": Secret(b"guess")}
        admins = ada.shared.look()
        assert admins is not None
        content = encrypt("sales", forged, admins.roster.recipients)
        (world.engine.files / "sales.age").write_bytes(content)
        with pytest.raises(HoldfastError, match="was not written by an admin"):
            ada.secrets(SALES)

    def test_the_kits_public_half_lets_nobody_in(
        self, world: KeyWorld, ada: NodeKeys, kit: Secret
    ) -> None:
        eve, public = new_identity(), recipient_of(kit)
        admins = {recipient_of(eve): "Bo"}
        told = {"kit": public, "confirmed": True, "admins": admins, "kit_proof": "0" * 64}
        forged = {"recipients.json": Secret(json.dumps(told).encode())}
        forged["proof-of-origin"] = Secret(b"0" * 64)
        for file in world.engine.files.glob("*.age"):
            file.unlink()
        (world.engine.files / "node.age").write_bytes(
            encrypt("node", forged, [public, recipient_of(eve)])
        )
        before = world.files.read()
        for keys in (ada, world.workstation()):
            known = keys.shared.admin()
            with pytest.raises(HoldfastError, match="was not written by an admin"):
                open_kit(keys, kit, "Ada", world.apps)
            assert keys.shared.admin() == known
        assert world.files.read() == before

    def test_what_is_no_file_of_theirs_does_not_keep_the_others_shut(
        self, world: KeyWorld, ada: NodeKeys, kit: Secret
    ) -> None:
        (world.engine.files / "notes.age").symlink_to("/etc/hostname")
        admin = ada.shared.admin()
        assert admin is not None
        to = admin.recipient
        stray = pyrage.encrypt(b"no archive", [pyrage.x25519.Recipient.from_str(to)])
        (world.engine.files / "board.age").write_bytes(stray)
        ada.catch_up(lambda: [*world.apps, AppName("board")])
        assert ada.secrets(SALES) == Secret(b"a = 1")
        assert sorted(world.files.read()) == ["board", "node", "sales"]

    def test_the_keychain_outlives_the_volume_of_keys(
        self, world: KeyWorld, ada: NodeKeys, kit: Secret
    ) -> None:
        key = ada.volume_key(SALES)
        for file in world.engine.files.glob("*.age"):
            file.unlink()
        assert kit_status(ada).state is KitState.MISSING
        assert ada.volume_key(SALES) == key
        new = create_kit(ada, "Ada", world.apps, another=False)
        assert world.opened_by(new)["sales"]["volume-key"] == key


def test_a_full_disk_is_told_and_leaves_what_was_there(world: KeyWorld) -> None:
    keys = world.workstation()
    world.new_app(keys, "sales", b"a = 1")
    create_kit(keys, "Ada", world.apps, another=False)
    before = world.files.read()
    world.engine.full = True
    with pytest.raises(HoldfastError, match="disk is full"):
        keys.store_secrets(SALES, Secret(b"a = 2"))
    assert world.files.read() == before
    assert keys.secrets(SALES) == Secret(b"a = 1")
