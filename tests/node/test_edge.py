"""The edge's routes when several desktops change them in the same moment."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from waiting import wait_until
from world import Repository, World, plain_app

from holdfast.adapters.docker_engine import DockerEngine
from holdfast.domain import names
from holdfast.domain.names import AppName
from holdfast.node import payloads
from holdfast.node.edge import EDGE_LOCK, published, update_edge
from holdfast.node.edge_turn import edge_turn
from holdfast.node.node import Node

pytestmark = [pytest.mark.node, pytest.mark.timeout(300)]

LEFT, RIGHT = AppName("left"), AppName("right")
ROUNDS = 8


@pytest.fixture(scope="module")
def serving(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[AppName, str]]:
    """Two apps, and the releases that serve."""
    repository = Repository(tmp_path_factory.mktemp("edge") / "repository")
    repository.commit(plain_app("'here'"))
    yield {app: world.deploy(repository, app).release.id for app in (LEFT, RIGHT)}
    for app in (LEFT, RIGHT):
        world.remove(app)


@pytest.fixture
def desktops(world: World, engine_socket: Path) -> tuple[Node, Node]:
    """Two that share nothing but the node and its keys."""
    made = [
        replace(world.node, engine=DockerEngine(f"unix://{engine_socket}"), by=by)
        for by in ("Ada", "Bea")
    ]
    return made[0], made[1]


def toggle(node: Node, app: AppName, release: str) -> list[tuple[object, object]]:
    """Close and open an app's route again and again: (told, found), where they are not the same."""
    different: list[tuple[object, object]] = []
    for told in (None, release) * ROUNDS:
        update_edge(node, {app: told})
        with edge_turn(node) as now:
            if now.serving.get(app) != told:
                different.append((told, now.serving.get(app)))
    return different


def test_nobody_undoes_what_another_desktop_did(
    world: World, serving: dict[AppName, str], desktops: tuple[Node, Node]
) -> None:
    with ThreadPoolExecutor() as pool:
        work = zip(desktops, serving.items(), strict=True)
        ended = [pool.submit(toggle, node, app, release) for node, (app, release) in work]
        assert [one.result() for one in ended] == [[], []]
    for app, release in serving.items():
        wait_until(lambda app=app: world.knows(f"{app}.localhost"), "its route is open")  # type: ignore[misc]
        assert world.visit(f"{app}.localhost").release == release


def test_an_edge_of_another_image_is_begun_anew(
    world: World, serving: dict[AppName, str], desktops: tuple[Node, Node]
) -> None:
    """As an older release of Holdfast leaves it: none of our scripts are in it."""
    node = desktops[0]
    [edge] = world.engine.containers({names.LABEL_ROLE: "edge"})
    place = published([edge])
    assert place is not None
    image, address = node.images.python_image("3.13"), edge.networks[names.EDGE]
    old = payloads.edge(image, address, place[0], (place[1], place[1] + 100))
    idle = replace(old.container, command=("/usr/bin/tini", "--", "/bin/sleep", "infinity"))
    with edge_turn(node) as now:
        rules = now.routes.rules
    node.begin(replace(old, container=idle))
    assert update_edge(node, {}) == place
    with edge_turn(node) as now:
        assert now.routes.rules == rules, "what the pages may do is read from the volumes"
    for app, release in serving.items():
        wait_until(lambda app=app: world.knows(f"{app}.localhost"), "its route is open")  # type: ignore[misc]
        assert world.visit(f"{app}.localhost").release == release


def test_a_closed_route_stays_closed(
    world: World, serving: dict[AppName, str], desktops: tuple[Node, Node]
) -> None:
    """The first of two steps of a stop: its containers still run."""
    ada, bea = desktops
    update_edge(ada, {LEFT: None})
    update_edge(bea, {RIGHT: serving[RIGHT]})
    with edge_turn(ada) as now:
        assert now.serving == {LEFT: None, RIGHT: serving[RIGHT]}
    wait_until(lambda: not world.knows("left.localhost"), "the route is closed")
    update_edge(ada, {LEFT: serving[LEFT]})
    wait_until(lambda: world.knows("left.localhost"), "the route is open again")


def test_one_of_two_starts_the_edge(
    world: World, serving: dict[AppName, str], desktops: tuple[Node, Node]
) -> None:
    world.engine.remove(names.EDGE)
    with ThreadPoolExecutor() as pool:
        ended = [pool.submit(update_edge, node, {}) for node in desktops]
        assert len({one.result() for one in ended}) == 1
    for app, release in serving.items():
        wait_until(lambda app=app: world.knows(f"{app}.localhost"), "its route is open")  # type: ignore[misc]
        assert world.visit(f"{app}.localhost").release == release
    assert world.containers(EDGE_LOCK, "lock") == []


HOLD = """
import sys
from holdfast.adapters.docker_engine import DockerEngine
from holdfast.domain.operation import CancelToken
from holdfast.node.proxy_commands import TURN_COMMAND
turn = DockerEngine(sys.argv[1]).stream("holdfast-edge", TURN_COMMAND, CancelToken())
print(next(turn), flush=True)
sys.stdin.read()
"""


def test_a_killed_desktop_loses_its_turn(
    world: World, serving: dict[AppName, str], engine_socket: Path
) -> None:
    command = [sys.executable, "-c", HOLD, f"unix://{engine_socket}"]
    pipe = subprocess.PIPE
    with (
        ThreadPoolExecutor() as pool,
        subprocess.Popen(command, stdin=pipe, stdout=pipe) as holder,
    ):
        assert holder.stdout is not None
        assert b"left" in holder.stdout.readline()
        waiting = pool.submit(update_edge, world.node, {})
        wait_until(
            lambda: world.shell(names.EDGE, "pgrep -xc flock") == "1",
            "the next one waits for its turn",
        )
        assert not waiting.done()
        holder.kill()
        waiting.result()
    assert world.visit("right.localhost").release == serving[RIGHT]
