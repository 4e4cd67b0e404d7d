"""The engine dies in the middle of a deploy: what was there comes back, and nothing twice."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from command_line import CommandLine
from mortal_engine import APP, Mortal, mortal_engine
from private_session import PrivateSecretService
from world import Repository, World, plain_app

from holdfast.domain import names
from holdfast.domain.app import AppState
from holdfast.domain.errors import NodeUnreachable

pytestmark = [pytest.mark.node, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def mortal(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mortal]:
    with mortal_engine(world, tmp_path_factory.mktemp("mortal")) as made:
        yield made


STEPS = ["Fetch the code", "Resolve dependencies", "Start the app", "Switch the route"]


@pytest.mark.parametrize("title", STEPS)
def test_a_redeploy_is_as_if_it_had_not_been(mortal: Mortal, title: str) -> None:
    world = mortal.world
    old = world.visit("shop.localhost")
    before = world.picture()
    releases = world.run(world.desk.releases(APP))
    error = mortal.deploy_until(title, mortal.repository, APP)
    assert isinstance(error, NodeUnreachable)
    assert "holdfast node start" in error.next
    mortal.come_back()
    assert world.visit("shop.localhost") == old
    assert world.picture() == before
    assert world.run(world.desk.releases(APP)) == releases


def test_the_next_deploy_works_and_clears_what_was_left(mortal: Mortal) -> None:
    world = mortal.world
    mortal.deploy_until("Start the app", mortal.repository, APP)
    mortal.come_back()
    new = world.deploy(mortal.repository, APP).release.id
    assert world.visit("shop.localhost").release == new
    assert world.containers(APP, "run") == [names.runner(APP, new)]
    assert world.containers(APP, "proxy") == [names.sidecar(APP, new)]
    kept = {release.id for release in world.run(world.desk.releases(APP))}
    assert {path.rpartition("/")[2] for path in world.kept(APP) if "/releases/" in path} == kept


def test_a_new_app_is_told_as_failed_and_can_be_deployed_or_removed(
    mortal: Mortal, new_repository: Callable[[], Repository]
) -> None:
    world = mortal.world
    repository = new_repository()
    repository.commit(plain_app("'fresh'"))
    before = world.picture()
    mortal.deploy_until("Start the app", repository, "fresh")
    mortal.come_back()
    assert world.state("fresh") is AppState.FAILED
    world.deploy(repository, "fresh")
    assert world.visit("fresh.localhost").text == "fresh"
    world.remove("fresh")
    assert world.picture() == before


def test_a_watch_unseals_after_every_restart(
    mortal: Mortal, secret_service: PrivateSecretService, tmp_path: Path
) -> None:
    before = mortal.world.visit("shop.localhost")
    (tmp_path / "node.json").write_text(json.dumps({"engine": str(mortal.engine.location.socket)}))
    own = {**secret_service.environment, "HOLDFAST_HOME": str(tmp_path)}
    holdfast = CommandLine(tmp_path, {**os.environ, **own})
    with holdfast.started("node", "watch", "--keys-beside-data") as process:
        assert process.stdout is not None
        lines = map(json.loads, process.stdout)

        def wait_for(news: str, duty: str | None) -> None:
            assert (news, duty) in ((line["news"], line["duty"]) for line in lines)

        wait_for("connected", None)
        for end in (mortal.kill, mortal.engine.stop):
            end()
            wait_for("lost", None)
            mortal.engine.start()
            wait_for("done", "Unseal")
            assert mortal.world.visit("shop.localhost") == before
        process.send_signal(signal.SIGTERM)
        assert [line["error"]["what"] for line in lines][-1] == "Cancelled"
        assert process.wait(60) == 128 + signal.SIGTERM
