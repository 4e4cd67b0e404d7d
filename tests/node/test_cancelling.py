"""One operation at a time on an app, and cancelled at every step: on a real engine."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from shifted_clock import ShiftedClock
from vault import APP, Vault
from waiting import wait_until
from world import Repository, World, plain_app

from holdfast.adapters.system_clock import SystemClock
from holdfast.domain import names
from holdfast.domain.app import AppState
from holdfast.domain.container import ContainerSpec, PushedFile
from holdfast.domain.errors import AppBusy
from holdfast.domain.names import AppName
from holdfast.domain.operation import Cancelled, CancelToken, Step, Update, drive
from holdfast.domain.repository import parse_repository
from holdfast.domain.requests import DeployRequest
from holdfast.node import payloads
from holdfast.node.locking import holding
from holdfast.node.looks import looking

pytestmark = [pytest.mark.node, pytest.mark.timeout(300)]

HOLD = """
import sys
from holdfast.adapters.docker_engine import DockerEngine
from holdfast.domain.names import AppName
from holdfast.node.payloads import lock
url, image = sys.argv[1:]
with DockerEngine(url).held(lock(AppName("vault"), image, "deploy", "Ada", "long ago")):
    print("held", flush=True)
    sys.stdin.read()
"""

LOOK = """
import sys
from holdfast.adapters.docker_engine import DockerEngine
from holdfast.domain.names import AppName
from holdfast.node.parts import held
from holdfast.node.payloads import EDGE_UID, fetcher
url, image = sys.argv[1:]
with held(DockerEngine(url), fetcher(AppName("look-0a1b2c3d"), EDGE_UID, image, {}, None)):
    print("looks", flush=True)
    sys.stdin.read()
"""


class TestLock:
    def test_admits_one_operation_and_names_it(self, world: World, vault: Vault) -> None:
        deploy = world.desk.deploy(DeployRequest(str(vault.repository), APP)).body(CancelToken())
        next(update for update in deploy if update == Step("Fetch the code"))
        try:
            with pytest.raises(AppBusy) as told:
                world.run(world.desk.stop(APP))
            assert "tests has been doing “deploy” since 20" in told.value.why
            (app,) = world.run(world.desk.list()).apps
            assert (app.state, app.activity) == (AppState.DEPLOYING, "deploy")
        finally:
            with pytest.raises(Cancelled):
                deploy.throw(Cancelled())
        assert world.visit("vault.localhost").release == vault.release

    def test_of_a_killed_holder_is_taken_over(
        self, world: World, vault: Vault, engine_socket: object
    ) -> None:
        command = [sys.executable, "-c", HOLD, f"unix://{engine_socket}"]
        command.append(world.node.images.node_image)
        pipe = subprocess.PIPE
        with subprocess.Popen(command, stdin=pipe, stdout=pipe) as holder:
            assert holder.stdout is not None
            assert holder.stdout.readline() == b"held\n"
            with pytest.raises(AppBusy, match="Ada has been doing “deploy” since long ago"):
                world.run(world.desk.restart(APP))
            holder.kill()

        def ended() -> bool:
            wanted = {names.LABEL_APP: APP, names.LABEL_ROLE: "lock"}
            return [c.state for c in world.engine.containers(wanted)] != ["running"]

        wait_until(ended, "the lock's container ends with its holder")
        world.run(world.desk.restart(APP))
        assert world.containers(APP, "lock") == []

    def test_of_a_holder_killed_before_it_began_is_taken_over(
        self, world: World, vault: Vault
    ) -> None:
        world.engine.create(self.unstarted(world))
        clock = WaitedFor(lambda: None)
        with holding(replace(world.node, clock=clock), APP, "look"):
            (lock,) = world.engine.containers({names.LABEL_APP: APP, names.LABEL_ROLE: "lock"})
            assert lock.labels[names.LABEL_OPERATION] == "look"
        assert clock.waited > 9

    def test_of_a_holder_who_is_about_to_begin_is_waited_for(
        self, world: World, vault: Vault
    ) -> None:
        world.engine.create(self.unstarted(world))
        clock = WaitedFor(lambda: world.engine.start(names.lock(APP)))
        late = replace(world.node, clock=clock)
        try:
            with pytest.raises(AppBusy, match="Ada"), holding(late, APP, "look"):
                pass
        finally:
            world.engine.remove(names.lock(APP))
        assert clock.waited < 1

    def unstarted(self, world: World) -> ContainerSpec:
        spec = payloads.lock(APP, world.node.images.node_image, "deploy", "Ada", "just now")
        return replace(spec, command=("/usr/bin/tini", "--", "/bin/sleep", "infinity"))


class WaitedFor(SystemClock):
    """Whoever waits by it loses no time: something happens meanwhile."""

    def __init__(self, meanwhile: Callable[[], None]) -> None:
        self._meanwhile = meanwhile
        self.waited = 0.0

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=self.waited)

    def sleep(self, seconds: float, cancel: CancelToken) -> None:
        self._meanwhile()
        self.waited += seconds


def test_what_a_killed_look_held_in_ram_is_gone(world: World, engine_socket: object) -> None:
    """A credential, say."""
    app = AppName("look-0a1b2c3d")
    look = payloads.fetcher(app, payloads.EDGE_UID, world.node.images.node_image, {}, None)
    command = [sys.executable, "-c", LOOK, f"unix://{engine_socket}", look.container.image]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe) as looker:
        assert looker.stdout is not None
        assert looker.stdout.readline() == b"looks\n"
        token = PushedFile("token", b"hunter22")
        world.engine.push(look.container.name, "/mnt/job", [token], payloads.EDGE_UID)
        assert world.shell(look.container.name, "ls /mnt/job") == "token"
        looker.kill()

    def states() -> list[str]:
        return [each.state for each in world.engine.containers({names.LABEL_APP: app})]

    wait_until(lambda: states() == ["exited"], "it ends with its holder")
    idle = ("/usr/bin/tini", "--", "/bin/sleep", "infinity")
    again = replace(look.container, name=f"{look.container.name}-again", command=idle)
    made = world.engine.create(again)
    try:
        world.engine.start(made)
        assert world.shell(made, "ls -A /mnt/job") == ""
    finally:
        world.engine.remove(made)

    address = parse_repository("https://git.example/board.git")
    with looking(world.node, address):
        assert states() == ["exited"]
    later = replace(world.node, clock=ShiftedClock(timedelta(minutes=11)))
    with looking(later, address):
        assert states() == []
    assert world.engine.volumes({names.LABEL_APP: app}) == []


FIRST_STEPS = (
    "Prepare",
    "Fetch the code",
    "Resolve dependencies",
    "Install dependencies",
    "Pack the environment",
    "Start the sidecar and its firewall",
    "Start the app",
    "Switch the route",
)


def cancel_at(world: World, title: str, request: DeployRequest) -> bool:
    """Deploy, and cancel as soon as that step is told. Whether it was cancelled."""
    cancel = CancelToken()
    seen = []

    def notify(update: Update) -> None:
        if update == Step(title):
            seen.append(update)
            cancel.cancel()

    outcome = drive(world.desk.deploy(request), cancel, notify)
    assert seen, f"no step was named {title}"
    assert outcome.error is None
    return outcome.cancelled


@pytest.mark.parametrize("title", FIRST_STEPS)
def test_a_cancelled_first_deploy_leaves_nothing(
    world: World, vault: Vault, new_repository: Callable[[], Repository], title: str
) -> None:
    repository = new_repository()
    repository.commit(plain_app("'never'"))
    before = world.picture()
    assert cancel_at(world, title, DeployRequest(str(repository), "never"))
    assert world.picture() == before


@pytest.mark.parametrize("title", ["Fetch the code", "Start the app", "Switch the route"])
def test_a_cancelled_redeploy_leaves_the_old_one(world: World, vault: Vault, title: str) -> None:
    before, kept = world.picture(), world.kept(APP)
    old = world.visit("vault.localhost").release
    assert cancel_at(world, title, DeployRequest(str(vault.repository), APP))
    assert world.picture() == before
    assert world.kept(APP) == kept
    assert world.visit("vault.localhost").release == old


def test_a_redeploy_that_serves_already_is_brought_to_its_end(world: World, vault: Vault) -> None:
    old = world.visit("vault.localhost").release
    request = DeployRequest(str(vault.repository), APP)
    assert not cancel_at(world, "End the old release", request)
    new = world.visit("vault.localhost").release
    assert new != old
    assert world.containers(APP, "run") == [names.runner(APP, str(new))]
    assert f"plain/releases/{new}" in world.kept(APP)
    world.run(world.desk.restart(APP))
    assert world.visit("vault.localhost").release == new
