"""A volume's key is changed on a real engine: while its app runs, while it is sealed, and when the
desktop is killed between any two steps."""

from __future__ import annotations

import pytest
from cipher_opener import configuration_file, opened_with
from mortal_desktop import call, nth, run_until
from vault import APP, Vault
from waiting import wait_until
from world import World

from holdfast.domain import names
from holdfast.domain.app import AppState
from holdfast.domain.secret import Secret
from holdfast.node.inventory import parts_of
from holdfast.node.key_change import give_key
from holdfast.operations.change_key import change_key
from holdfast.presenters.kit_page import kit_page

pytestmark = [pytest.mark.node, pytest.mark.timeout(600)]

HOST = "vault.localhost"
MOUNTER, REKEYER = names.mounter(APP), names.task(APP, "rekey")
#: Kills what keeps the volume mounted, whose mounter then mounts it anew.
END_GOCRYPTFS = """
for each in /proc/[0-9]*; do
  read -r name <"$each/comm" && [ "$name" = gocryptfs ] && kill -9 "${each##*/}"
done; rm -f /keys/mounted"""


def opens(world: World, key: Secret) -> bool:
    cipher = world.node.keys.cipher_volume(APP)
    return "plain/app.json" in opened_with(world, cipher, configuration_file(world, APP), key)


def test_it_is_changed_while_the_app_runs_and_while_it_is_sealed(
    world: World, other: World, vault: Vault
) -> None:
    kit = world.run(world.desk.create_kit(another=False))
    other.run(other.desk.open_kit(kit_page(kit).encode()))
    runner = world.containers(APP, "run")
    first, kept = world.node.keys.volume_key(APP), configuration_file(world, APP)

    world.run(world.desk.change_key(APP))
    second = world.node.keys.volume_key(APP)
    assert (opens(world, first), opens(world, second)) == (False, True)
    # which is what the words say of it
    cipher = world.node.keys.cipher_volume(APP)
    assert "plain/app.json" in opened_with(world, cipher, kept, first)
    assert world.visit(HOST).release == vault.release
    assert world.containers(APP, "run") == runner
    assert world.run(world.desk.verify_volume(APP)).sound

    # the mounter has the new one, should it mount anew
    user = str(parts_of(world.node, APP).uid)
    world.engine.run(MOUNTER, ("/bin/sh", "-c", END_GOCRYPTFS), user)
    wait_until(lambda: mounted(world), "it is mounted anew")
    wait_until(lambda: world.visit(HOST).status == 200, "it answers")

    # another admin does it without any of it being open
    world.run(world.desk.seal())
    other.run(other.desk.change_key(APP))
    assert world.state(APP) is AppState.SEALED
    assert world.containers(APP, "rekey") == []
    world.run(world.desk.unseal())
    assert world.visit(HOST).release == vault.release
    third = world.node.keys.volume_key(APP)
    assert [opens(world, key) for key in (first, second, third)] == [False, False, True]
    assert world.run(world.desk.check_kit(kit_page(kit).encode())).apps == (APP,)
    world.forget_kit()


def test_killed_anywhere_it_opens_and_is_brought_to_its_end(world: World, vault: Vault) -> None:
    def verb_until(at: object) -> None:
        run_until(world, at, lambda node: change_key(node, APP))  # type: ignore[arg-type]

    script = call("run", MOUNTER, ("/usr/lib/holdfast/volume.sh", "change-key"))
    for what, sealed, at in (
        ("the mounter has not heard of it", False, call("push", MOUNTER)),
        ("the mounter knows the new key", False, script),
        ("a sealed volume waits for its key", True, nth(1, call("run", REKEYER))),
    ):
        before = world.node.keys.volume_key(APP)
        if sealed:
            world.run(world.desk.seal())
        verb_until(at)
        check_open(world, what)
        world.run(world.desk.change_key(APP))
        assert world.node.keys.opening_keys(APP) == (world.node.keys.volume_key(APP), None), what
        assert world.node.keys.volume_key(APP) != before, what
        check_open(world, what)
    # and after the volume took it, before anybody wrote that down
    key = Secret(b"5" * 64)
    world.node.keys.keep_changed_key(APP, key)
    give_key(world.node, parts_of(world.node, APP), key)
    check_open(world, "nobody wrote it down")
    world.run(world.desk.change_key(APP))
    assert world.node.keys.opening_keys(APP) == (key, None)
    check_open(world, "it was written down")


def check_open(world: World, what: str) -> None:
    """After a reboot."""
    world.seal()
    world.run(world.desk.unseal(APP))
    assert world.visit(HOST).status == 200, what
    assert world.containers(APP, "rekey") == [], what


def mounted(world: World) -> bool:
    return world.engine.run(MOUNTER, ("/usr/bin/test", "-e", "/keys/mounted")).exit_code == 0
