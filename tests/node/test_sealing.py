"""Sealed and unsealed: on purpose, after a reboot, by a keeper, and several apps at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import cast

import pytest
from keeping import keeping
from vault import APP, Vault
from waiting import wait_until
from world import World

from holdfast.adapters.node_identity import node_id
from holdfast.domain import names
from holdfast.domain.app import AppState
from holdfast.domain.errors import AppNotFound, HoldfastError, NodeSealed
from holdfast.domain.keeping import NewsKind
from holdfast.domain.names import AppName
from holdfast.domain.node import NodeState
from holdfast.domain.operation import CancelToken, Line, Update, drive
from holdfast.domain.secret import Secret
from holdfast.node.edge import update_edge
from holdfast.node.inventory import parts_of
from holdfast.node.keys import NodeKeys
from holdfast.operations.seal import seal_node
from holdfast.operations.unseal import unseal_node
from holdfast.ports import Conflict

pytestmark = [pytest.mark.node, pytest.mark.timeout(300)]


@pytest.fixture
def sealed(world: World, vault: Vault) -> Iterator[Vault]:
    """As after a reboot: no container runs, and every RAM volume is empty."""
    for container in world.engine.containers({names.LABEL_ROLE: ""}):
        if container.state == "running":
            world.engine.kill(container.name)
    yield vault
    world.run(world.desk.unseal())


#: A shell's `found`: the process that keeps the volume mounted.
GOCRYPTFS = """
for each in /proc/[0-9]*; do
  read -r name <"$each/comm" && [ "$name" = gocryptfs ] && found="${each##*/}"
done;"""


class TestKept:
    """By a keeper, as a window has one that is open."""

    def test_it_comes_back_after_a_reboot(self, world: World, sealed: Vault) -> None:
        with keeping(world.desk.keep(unseal=True)) as keeper:
            keeper.wait_for(NewsKind.CONNECTED)
            keeper.wait_for(NewsKind.DONE, "Unseal")
            assert world.visit("vault.localhost").release == sealed.release
            assert world.state(APP) is AppState.RUNNING

    def test_its_mounter_may_be_killed_ten_times(self, world: World, vault: Vault) -> None:
        runner, file = names.runner(APP, vault.release), "/mnt/app/data/kept"
        with keeping(world.desk.keep(unseal=True)) as keeper:
            keeper.wait_for(NewsKind.CONNECTED)
            for turn in range(10):
                world.shell(runner, f"echo {turn} >>{file} && sync {file}")
                killed = datetime.now(UTC)
                world.engine.kill(names.mounter(APP))
                done = keeper.wait_for(NewsKind.DONE, "Unseal")
                assert world.visit("vault.localhost").release == vault.release
                steps = [news.at for news in keeper.told if news.kind is NewsKind.STEP]
                noticed = next(at for at in steps if at > killed)
                assert noticed - killed < timedelta(seconds=5)
                print(f"noticed after {noticed - killed}, served after {done.at - killed}")
        assert world.shell(runner, f"cat {file}").split() == [str(turn) for turn in range(10)]
        # nothing is left of the mounts whose mounter died
        shown = world.shared("cut -d' ' -f5 /proc/self/mountinfo | grep /mnt/shared/vault/")
        mounts = shown.split("\n")
        assert len(mounts) == len(set(mounts)) == 4

    def test_what_cannot_be_unsealed_rests_before_it_is_tried_again(
        self, world: World, sealed: Vault
    ) -> None:
        key = world.keychain.read(world.service, f"volume/{APP}")
        world.keychain.delete(world.service, f"volume/{APP}")
        try:
            with keeping(world.desk.keep(unseal=True)) as keeper:
                failed = keeper.wait_for(NewsKind.FAILED, "Unseal")
                assert APP in str(failed.error)
                world.keychain.write(world.service, f"volume/{APP}", key)
                # an event alone does not hurry it
                world.helper("true")
                done = keeper.wait_for(NewsKind.DONE, "Unseal")
                assert done.at - failed.at > timedelta(seconds=9)
        finally:
            world.keychain.write(world.service, f"volume/{APP}", key)
        assert world.visit("vault.localhost").release == sealed.release

    def test_two_desktops_do_not_fight_over_it(self, world: World, vault: Vault) -> None:
        with keeping(world.desk.keep(True)) as one, keeping(world.desk.keep(True)) as other:
            for keeper in (one, other):
                keeper.wait_for(NewsKind.CONNECTED)
            before = world.engine.containers({names.LABEL_APP: APP})
            world.engine.kill(names.mounter(APP))

            def serves() -> bool:
                return world.knows("vault.localhost") and world.state(APP) is AppState.RUNNING

            wait_until(serves, "it is served again")
            after = world.engine.containers({names.LABEL_APP: APP})
            assert not {c.id for c in before} & {c.id for c in after}
        # neither has unsealed what the other one had
        assert {c.id for c in world.engine.containers({names.LABEL_APP: APP})} == {
            c.id for c in after
        }

    def test_a_dead_gocryptfs_is_mounted_anew_without_any_desktop(
        self, world: World, vault: Vault
    ) -> None:
        mounter, user = names.mounter(APP), str(parts_of(world.node, APP).uid)
        for _ in range(2):
            killed = world.shell(mounter, f"{GOCRYPTFS} kill -9 $found; echo $found", user)
            assert killed

            def anew(killed: str = killed) -> bool:
                now = world.shell(mounter, f"{GOCRYPTFS} ls /keys/mounted && echo $found", user)
                return bool(now) and killed not in now.split()

            wait_until(anew, "it is mounted anew")
            wait_until(lambda: world.visit("vault.localhost").status == 200, "it answers")


class TestSealedOnPurpose:
    def test_nothing_opens_it_but_an_unsealing(self, world: World, vault: Vault) -> None:
        mounter = names.mounter(APP)
        # no key is asked for
        keyless = replace(world.node, keys=cast(NodeKeys, None))
        with keeping(world.desk.keep(unseal=True)) as keeper:
            keeper.wait_for(NewsKind.CONNECTED)
            world.run(seal_node(keyless))
            assert world.run(world.desk.list()).state is NodeState.SEALED
            assert world.state(APP) is AppState.SEALED
            assert world.shared("find . -path './vault*'") == ""
            page = world.visit("vault.localhost")
            assert (page.status, page.release) == (503, None)
            assert "It is starting, or it has been paused." in page.text
            # and still when the edge is given new routes
            update_edge(world.node, {})
            assert world.visit("vault.localhost").status == 503
            running = [c for c in world.engine.containers() if c.state == "running"]
            assert [c.name for c in running if c.labels.get(names.LABEL_APP) == APP] == []
            # an engine that clears unused volumes finds none of the app's ciphertext
            holding_it = [c.name for c in world.engine.containers({names.LABEL_APP: APP})]
            assert sorted(holding_it) == [names.seal(APP), mounter]

            world.engine.start(mounter)

            def ended() -> bool:
                (found,) = world.engine.containers(
                    {names.LABEL_APP: APP, names.LABEL_ROLE: "volume"}
                )
                return found.state != "running"

            wait_until(ended, "a mounter that was started by hand ends by itself")
            world.run(world.desk.seal())
        # nor does a desktop that comes later, or the one that was there
        with keeping(world.desk.keep(unseal=True)) as later:
            later.wait_for(NewsKind.CONNECTED)
            world.run(world.desk.unseal(APP))
        assert "Unseal" not in {news.duty for news in (*keeper.told, *later.told)}
        answer = world.visit("vault.localhost")
        assert (answer.text, answer.release) == ("opened", vault.release)
        assert world.run(world.desk.list()).state is NodeState.UNSEALED

    def test_an_app_that_is_not_there_cannot_be_unsealed(self, world: World, vault: Vault) -> None:
        with pytest.raises(AppNotFound):
            world.run(world.desk.unseal(AppName("nowhere")))


class TestSealed:
    def test_is_told(self, world: World, sealed: Vault) -> None:
        snapshot = world.run(world.desk.list())
        assert snapshot.state is NodeState.SEALED
        assert [(app.name, app.state) for app in snapshot.apps] == [(APP, AppState.SEALED)]
        assert world.run(world.desk.volume(APP)).sealed
        with pytest.raises(NodeSealed, match="unseal"):
            world.run(world.desk.stop(APP))

    def test_opens_for_nobody_who_starts_the_containers(self, world: World, sealed: Vault) -> None:
        mounter, sidecar = names.mounter(APP), names.sidecar(APP, sealed.release)
        runner = names.runner(APP, sealed.release)
        with pytest.raises(Conflict):
            world.engine.start(runner)
        for name in (mounter, sidecar, runner):
            world.engine.start(name)
        assert world.shell(mounter, "ls /keys") == ""
        assert world.shell(runner, "find /mnt/app -type f; find /home/app -type f") == ""
        tries = "touch /mnt/app/data/x /mnt/app/x /mnt/app/checkout/x && echo written"
        assert world.shell(runner, tries) == ""

        def all_ended() -> bool:
            mine = world.engine.containers({names.LABEL_APP: APP})
            return not [c for c in mine if c.state == "running"]

        wait_until(all_ended, "they end by themselves")
        assert world.state(APP) is AppState.SEALED

    def test_comes_back_on_the_same_release(self, world: World, sealed: Vault) -> None:
        world.run(world.desk.unseal())
        answer = world.visit("vault.localhost")
        assert (answer.text, answer.release) == ("opened", sealed.release)
        assert world.state(APP) is AppState.RUNNING
        assert world.run(world.desk.list()).state is NodeState.UNSEALED
        # nothing happens to what is unsealed
        world.run(world.desk.unseal())
        assert world.visit("vault.localhost").status == 200

    def test_does_not_start_what_was_stopped(self, world: World, vault: Vault) -> None:
        world.run(world.desk.stop(APP))
        world.engine.kill(names.mounter(APP))
        assert world.state(APP) is AppState.SEALED
        world.run(world.desk.unseal())
        assert world.state(APP) is AppState.STOPPED
        world.run(world.desk.start(APP))
        assert world.visit("vault.localhost").release == vault.release


@dataclass
class MeetingKeychain:
    """The world's own keychain. Who asks for a volume's key waits until a second one asks too."""

    world: World
    meeting: Barrier = field(default_factory=lambda: Barrier(2, timeout=60))

    @property
    def label(self) -> str:
        return self.world.keychain.label

    def read(self, service: str, name: str) -> Secret:
        if name.startswith("volume/"):
            self.meeting.wait()
        return self.world.keychain.read(service, name)

    def write(self, service: str, name: str, value: Secret) -> None:
        self.world.keychain.write(service, name, value)

    def delete(self, service: str, name: str) -> None:
        self.world.keychain.delete(service, name)

    def names(self, service: str) -> list[str]:
        return self.world.keychain.names(service)


@pytest.fixture(scope="class")
def other(world: World, vault: Vault) -> Iterator[AppName]:
    other = AppName("attic")
    world.deploy(vault.repository, other)
    yield other
    world.remove(other)


class TestSeveral:
    def test_are_unsealed_side_by_side(self, world: World, other: AppName, sealed: Vault) -> None:
        files = world.node.keys.shared.files
        keys = NodeKeys(MeetingKeychain(world), lambda: node_id(world.engine), files)
        world.run(unseal_node(replace(world.node, keys=keys)))
        for app in (APP, other):
            assert world.visit(f"{app}.localhost").text == "opened"

    def test_do_not_wait_for_one_that_has_lost_its_key(
        self, world: World, other: AppName, sealed: Vault
    ) -> None:
        key = world.keychain.read(world.service, f"volume/{other}")
        world.keychain.delete(world.service, f"volume/{other}")
        try:
            with pytest.raises(HoldfastError, match="1 of the node's apps") as told:
                world.run(world.desk.unseal())
        finally:
            world.keychain.write(world.service, f"volume/{other}", key)
        assert told.value.why.startswith(f"{other}: ")
        lines = [update.text for update in world.updates if isinstance(update, Line)]
        assert [line for line in lines if line.startswith(f"{other}: ")] != []
        assert world.visit("vault.localhost").release == sealed.release
        assert world.state(other) is AppState.SEALED

    def test_that_are_open_at_a_cancel_stay_open(
        self, world: World, other: AppName, sealed: Vault
    ) -> None:
        cancel = CancelToken()

        def notify(update: Update) -> None:
            if isinstance(update, Line):
                cancel.cancel()

        outcome = drive(world.desk.unseal(), cancel, notify)
        assert (outcome.cancelled, outcome.error) == (True, None)
        for app in (APP, other):
            # each was begun or was not, and none of them half: an open volume without its app
            state = world.state(app)
            assert state not in (AppState.STOPPED, AppState.FAILED)
            if state is not AppState.SEALED:
                wait_until(lambda app=app: world.knows(f"{app}.localhost"), "its route is open")  # type: ignore[misc]
                assert world.containers(app, "proxy") != []
            assert world.containers(app, "lock") == []
        world.run(world.desk.unseal())
        for app in (APP, other):
            wait_until(
                lambda app=app: world.visit(f"{app}.localhost").status == 200,  # type: ignore[misc]
                "it answers",
            )
