"""An admin is revoked on a node with several apps, some of which run: all are as they were."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from cipher_opener import configuration_file, opened_with
from ledger import LEDGER
from mortal_desktop import call, made, run_until, switching
from second_admin import second_admin
from steady_visitor import SteadyVisitor
from world import Repository, World

from holdfast.domain import names
from holdfast.domain.app import AppState
from holdfast.domain.errors import NodeSealed
from holdfast.domain.names import AppName
from holdfast.domain.operation import Fact
from holdfast.domain.recovery_kit import KitState
from holdfast.domain.secret import Secret
from holdfast.operations.revoke_admin import revoke_admin
from holdfast.presenters.kit_page import kit_page

pytestmark = [pytest.mark.node, pytest.mark.timeout(1800)]

#: In the order in which they are re-encrypted. The one in the middle was stopped.
FIRST, STOPPED, LAST = AppName("ledger"), AppName("notes"), AppName("orders")
APPS = (FIRST, STOPPED, LAST)


@dataclass
class Books:
    """The apps, and what each was asked: that is what it has to know ever after."""

    world: World
    asked: dict[AppName, list[str]] = field(default_factory=lambda: {app: [] for app in APPS})

    def ask(self, app: AppName) -> None:
        path = f"/{len(self.asked[app])}"
        self.asked[app].append(path)
        self.check(app, self.world.visit(f"{app}.localhost", path).text)

    def check(self, app: AppName, told: str) -> None:
        # `/` is what an app is asked when it starts
        assert [path for path in told.split() if path != "/"] == self.asked[app], app

    def check_all(self, what: str, *renewed: AppName) -> None:
        """Those that ran run, the other one does not; each has one volume that counts."""
        if AppState.SEALED in [self.world.state(app) for app in APPS]:
            self.world.run(self.world.desk.unseal())
        for app in (FIRST, LAST):
            self.world.run(self.world.desk.start(app))
            self.ask(app)
        assert self.world.state(STOPPED) is AppState.STOPPED, what
        keys = self.world.node.keys
        now = [app for app in APPS if keys.cipher_volume(app) != names.cipher_volume(app)]
        assert now == list(renewed), what


@pytest.fixture
def books(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Books]:
    repository = Repository(tmp_path_factory.mktemp("ledger") / "repository")
    repository.commit(LEDGER)
    before = world.picture()
    made = Books(world)
    for app in APPS:
        world.deploy(repository, app)
        made.ask(app)
    world.run(world.desk.stop(STOPPED))
    yield made
    for app in APPS:
        world.remove(app)
    world.forget_kit()
    assert world.picture() == before


def second_volume(app: AppName) -> str:
    return names.next_cipher_volume(app, names.cipher_volume(app))


def test_killed_between_apps_all_come_back_and_the_old_keys_open_none(
    world: World, other: World, books: Books, tmp_path_factory: pytest.TempPathFactory
) -> None:
    kit = world.run(world.desk.create_kit(another=False))
    other.run(other.desk.open_kit(kit_page(kit).encode()))
    had: dict[AppName, tuple[bytes, Secret]] = {
        app: (configuration_file(world, app), other.node.keys.volume_key(app)) for app in APPS
    }

    # one that is sealed could not be copied: nothing is begun
    world.seal()
    world.run(world.desk.unseal(FIRST))
    files = world.node.keys.shared.files.read()
    with pytest.raises(NodeSealed, match=f"{STOPPED}, {LAST}: sealed"):
        world.run(world.desk.revoke_admin("Bo"))
    assert world.node.keys.shared.files.read() == files
    books.ask(FIRST)
    world.run(world.desk.unseal())

    for what, at, renewed in (
        ("the second app waits", call("create_volume", second_volume(STOPPED)), (FIRST,)),
        ("the stopped one is closed", switching(names.mounter(STOPPED)), (FIRST,)),
        ("the last one is switched", made(names.mounter(LAST)), APPS),
    ):
        told = run_until(world, at, lambda node: revoke_admin(node, "Bo"))
        # each makes another kit, as long as nobody has proven to have the last one
        [new_kit] = [update.value for update in told if isinstance(update, Fact)]
        books.check_all(what, *renewed)
    # as after a reboot in the middle of it
    world.seal()
    books.check_all("a reboot", *APPS)

    visitors = [SteadyVisitor(world, f"{app}.localhost") for app in (FIRST, LAST)]
    # from yet another workstation, which has nothing but the new kit
    page = kit_page(new_kit).encode()
    with second_admin(world, tmp_path_factory.mktemp("cy"), "Cy") as third:
        third.run(third.desk.open_kit(page))
        with visitors[0].asking(), visitors[1].asking():
            revoked = third.run(third.desk.revoke_admin("Bo"))
        third.run(third.desk.restart(LAST))
    assert [visitor.failed for visitor in visitors] == [[], []]
    for app, visitor in zip((FIRST, LAST), visitors, strict=True):
        books.asked[app] += visitor.asked
    assert (revoked.apps, revoked.kit) == (APPS, None)
    books.check_all("it is finished", *APPS)
    world.run(world.desk.start(STOPPED))
    books.ask(STOPPED)

    for app, (conf, key) in had.items():
        assert world.cipher_volumes(app) == [second_volume(app)]
        assert opened_with(world, second_volume(app), conf, key) == ""
        now = world.node.keys.volume_key(app)
        found = opened_with(world, second_volume(app), configuration_file(world, app), now)
        assert "plain/data/paths" in found
    assert [world.containers(app, "copy") for app in APPS] == [[], [], []]
    status = world.run(world.desk.kit())
    assert (status.state, status.admins) == (KitState.CONFIRMED, ("Cy", "tests"))
    assert world.run(world.desk.check_kit(page)).apps == APPS
