"""An admin is revoked on a real engine: what they had opens nothing any more, and nobody waits."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from cipher_opener import configuration_file, opened_with
from ledger import LEDGER
from mortal_desktop import call, made, nth, run_until, switching
from steady_visitor import SteadyVisitor
from world import Repository, World

from holdfast.domain import names
from holdfast.domain.app import AppState
from holdfast.domain.errors import HoldfastError
from holdfast.domain.names import AppName
from holdfast.domain.recovery_kit import KitState
from holdfast.domain.telemetry import Telemetry
from holdfast.node.age_file import WrongIdentity, decrypt
from holdfast.node.inventory import parts_of
from holdfast.operations.revoke_admin import revoke_admin
from holdfast.presenters.kit_page import kit_page

pytestmark = [pytest.mark.node, pytest.mark.timeout(600)]

APP, HOST = AppName("ledger"), "ledger.localhost"


@pytest.fixture
def app(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppName]:
    repository = Repository(tmp_path_factory.mktemp("ledger") / "repository")
    repository.commit(LEDGER)
    before = world.picture()
    world.deploy(repository, APP)
    yield APP
    world.remove(APP)
    world.forget_kit()
    assert world.picture() == before


def test_what_a_revoked_admin_had_opens_nothing(world: World, other: World, app: AppName) -> None:
    kit = world.run(world.desk.create_kit(another=False))
    other.run(other.desk.open_kit(kit_page(kit).encode()))
    admin = other.node.keys.shared.admin()
    assert admin is not None
    identity = admin.identity
    key = other.node.keys.volume_key(app)
    conf = configuration_file(world, app)
    authorities = world.node.keys.kept_items("authority/")
    world.run(world.desk.issue_visitor(app, "Ada"))
    former = world.run(world.desk.access(app)).authority

    visitor = SteadyVisitor(world, HOST, world.node.ca_file.read_text())
    with visitor.asking():
        revoked = world.run(world.desk.revoke_admin("Bo"))
    assert visitor.failed == []
    assert (revoked.admin, revoked.apps) == ("Bo", (app,))
    assert revoked.visitors == {app: ("Ada",)}
    assert world.run(world.desk.access(app)).authority not in ("", former)
    assert revoked.kit is not None

    # a start that follows finds it where its sidecar looks for it since
    telemetry = world.run(world.desk.set_telemetry(app, Telemetry.OFF))
    assert telemetry.applied == "restarted"
    assert world.visit(HOST, "/restarted").status == 200

    # what was written meanwhile is there, after a restart too
    world.seal()
    world.run(world.desk.unseal())
    kept = world.visit(HOST, "/end").text.split()
    # `/` is what an app is asked when it starts
    assert [path for path in kept if path != "/"] == [*visitor.asked, "/restarted", "/end"]

    contents = world.node.keys.shared.files.read()
    for name, content in contents.items():
        for old in (identity, kit.identity):
            with pytest.raises(WrongIdentity):
                decrypt(name, content, old)
        decrypt(name, content, revoked.kit.identity)
    new = names.next_cipher_volume(app, names.cipher_volume(app))
    assert world.cipher_volumes(app) == [new]
    assert opened_with(world, new, conf, key) == ""
    now = world.node.keys.volume_key(app)
    assert "plain/data/paths" in opened_with(world, new, configuration_file(world, app), now)
    assert key != now

    for each, value in world.node.keys.kept_items("authority/").items():
        assert each.endswith("-domains") or value != authorities[each]
    with pytest.raises(HoldfastError, match="cannot open"):
        other.run(other.desk.unseal())
    assert world.run(world.desk.kit()).state is KitState.UNCONFIRMED
    assert world.run(world.desk.check_kit(kit_page(revoked.kit).encode())).apps == (app,)


def test_killed_anywhere_it_leaves_one_usable_volume_and_goes_on(
    world: World, other: World, app: AppName
) -> None:
    mounter, copier = names.mounter(app), names.task(app, "copy")
    running = parts_of(world.node, app).running
    assert running is not None
    release = running.labels[names.LABEL_RELEASE]
    runner, sidecar = names.runner(app, release), names.sidecar(app, release)
    first = names.cipher_volume(app)
    second = names.next_cipher_volume(app, first)
    third = names.next_cipher_volume(app, second)

    before_the_switch = {
        "the sidecar trusts the new authorities": nth(1, call("run", sidecar)),
        "the new volume is made": call("create_volume", second),
        "the copy is compared": nth(3, call("stream", copier)),
        "the app ends": call("stop", runner),
        "the old volume is closed": call("stop", mounter),
        "the key file names the new one": switching(mounter),
    }
    after_it = {
        "the new volume is opened": (made(mounter), second),
        "the old volume goes": (call("remove_volume", second), third),
    }
    kit = world.run(world.desk.create_kit(another=False))
    other.run(other.desk.open_kit(kit_page(kit).encode()))
    asked: list[str] = []

    def serves_from(volume: str, what: str) -> None:
        if world.state(app) is AppState.SEALED:
            world.run(world.desk.unseal())
        world.run(world.desk.start(app))
        asked.append(f"/{len(asked)}")
        kept = world.visit(HOST, asked[-1]).text.split()
        assert [path for path in kept if path != "/"] == asked, what
        assert world.node.keys.cipher_volume(app) == volume, what

    for what, at in before_the_switch.items():
        run_until(world, at, lambda node: revoke_admin(node, "Bo"))
        serves_from(first, what)
    for what, (at, volume) in after_it.items():
        run_until(world, at, lambda node: revoke_admin(node, "Bo"))
        serves_from(volume, what)
        revoked = world.run(world.desk.revoke_admin("Bo"))
        assert revoked.kit is not None
        serves_from(volume, f"{what}, finished")
        assert world.cipher_volumes(app) == [volume]
        assert world.containers(app, "copy") == []
        other.run(other.desk.open_kit(kit_page(revoked.kit).encode()))
