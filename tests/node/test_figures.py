"""Figures of an app on a real edge: counted exactly, through reloads, and only where they are
kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from waiting import wait_until
from world import Repository, World, plain_app

from holdfast.domain import names
from holdfast.domain.errors import NodeSealed
from holdfast.domain.figures import AppFigures, marks, points
from holdfast.domain.mark_kind import MarkKind
from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken, Fact, Operation, Update, drive
from holdfast.domain.telemetry import Telemetry
from holdfast.node.edge import update_edge
from holdfast.node.inventory import parts_of
from holdfast.node.proxy_commands import COUNTERS_COMMAND
from holdfast.operations.keep_figures import KeepFigures

pytestmark = [pytest.mark.node, pytest.mark.timeout(300)]

APP, OTHER = AppName("counted"), AppName("uncounted")
HOST = f"{APP}.localhost"
#: Answers 499 where it shall.
BODY = "1 / int('refuse' not in self.path) and WAYS.get(self.path, len)('')"
#: /hold answers when somebody has asked for /let-go.
WAYS = "import threading; go = threading.Event(); "
WAYS += "WAYS = {'/hold': lambda _: go.wait(60), '/let-go': lambda _: go.set()}"


@pytest.fixture(scope="module")
def serving(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    repository = Repository(tmp_path_factory.mktemp("figures") / "repository")
    repository.commit(plain_app(BODY, top=WAYS))
    for app in (APP, OTHER):
        world.deploy(repository, app)
    yield
    for app in (APP, OTHER):
        world.remove(app)


@pytest.fixture
def kept(world: World, serving: None) -> Iterator[None]:
    world.run(world.desk.keep_figures(APP, True))
    yield
    world.run(world.desk.keep_figures(APP, False))


def measure(world: World) -> None:
    world.run(Operation("Measure", "keep", KeepFigures(world.node).steps))


def figures(world: World) -> AppFigures:
    return world.run(world.desk.figures(APP))


def visit(world: World, times: int, path: str = "/") -> None:
    """Until they are counted: HAProxy does that a moment after it has answered."""
    before = counted(world)
    for _ in range(times):
        world.visit(HOST, path)
    wait_until(lambda: counted(world) == before + times, "all are counted")


def counted(world: World) -> int:
    told = json.loads(world.engine.run(names.EDGE, COUNTERS_COMMAND).output)
    return int(told[HOST]["requests"])


def reload_edge(world: World) -> None:
    """Until a new worker alone answers: of requests that a reload overtakes some are lost."""
    before = workers(world)
    update_edge(world.node, {})
    wait_until(lambda: len(now := workers(world)) == 1 and not now & before, "another worker")


def workers(world: World) -> set[str]:
    return set(json.loads(kept_counts(world))) - {"ended"}


def kept_counts(world: World) -> str:
    """JSON, as the edge has it between two reloads."""
    world.engine.run(names.EDGE, COUNTERS_COMMAND)
    return world.shell(names.EDGE, "cat /keys/counted.json")


def on_volume(world: World, app: AppName) -> list[str]:
    user = f"{parts_of(world.node, app).uid}"
    return world.shell(names.mounter(app), "find /keys/plain/figures || :", user).split()


def test_requests_are_counted_as_they_are_sent_through_reloads(world: World, kept: None) -> None:
    visit(world, 3)
    visit(world, 2, "/refuse")
    world.visit(f"{OTHER}.localhost")
    measure(world)
    visit(world, 4)
    reload_edge(world)
    visit(world, 1)
    reload_edge(world)
    measure(world)
    measured = figures(world).measured
    found = points(measured)
    assert [(each.requests, each.refused, each.failed) for each in found] == [(5, 2, 0), (5, 0, 0)]
    assert all(each.bytes_out > 0 and each.memory_bytes > 0 for each in found)
    assert all(each.cpu_percent is not None for each in found)
    assert marks(measured) == ()


def test_nothing_is_kept_of_a_host_that_was_removed(
    world: World, serving: None, new_repository: Callable[[], Repository]
) -> None:
    app, repository = AppName("leaving"), new_repository()
    repository.commit(plain_app("'leaving'"))
    world.deploy(repository, app)
    world.visit(f"{app}.localhost")
    reload_edge(world)
    assert f"{app}.localhost" in kept_counts(world)
    world.remove(app)
    assert f"{app}.localhost" not in kept_counts(world)


def test_what_is_open_is_counted_in_its_old_worker_too(world: World, kept: None) -> None:
    def open_now() -> int:
        measure(world)
        return figures(world).measured[-1].open

    with ThreadPoolExecutor() as pool:
        held = pool.submit(world.visit, HOST, "/hold", seconds=60)
        wait_until(lambda: open_now() == 1, "the request is on its way")
        before = workers(world)
        update_edge(world.node, {})
        wait_until(lambda: len(workers(world) - before) == 1, "another worker")
        assert open_now() == 1
        world.visit(HOST, "/let-go")
        assert held.result().status == 200
    wait_until(lambda: open_now() == 0, "nothing is open")


def test_another_start_is_marked_and_counts_on(world: World, kept: None) -> None:
    world.run(world.desk.stop(APP))
    measure(world)
    assert len(figures(world).measured) == 1, "what does not run is not measured"
    world.run(world.desk.start(APP))
    visit(world, 2)
    measure(world)
    measured = figures(world).measured
    assert [mark.kind for mark in marks(measured)] == [MarkKind.START]
    assert points(measured)[0].cpu_percent is None


def test_off_nothing_is_measured_or_kept(world: World, serving: None) -> None:
    assert figures(world) == AppFigures(APP, kept=False)
    measure(world)
    told: list[Update] = []
    assert drive(world.desk.follow_figures(APP), CancelToken(), told.append).error is None
    assert told == [Fact(AppFigures(APP, kept=False))]
    assert figures(world) == AppFigures(APP, kept=False)
    assert on_volume(world, APP) == []


def test_what_is_deleted_is_gone(world: World, kept: None) -> None:
    measure(world)
    assert len(on_volume(world, APP)) == 2, "the folder, and a file of today"
    receipt = world.run(world.desk.delete_figures(APP))
    assert (receipt.deleted, receipt.left) == (2, 0)
    assert receipt.figures == AppFigures(APP, kept=True)
    assert len(on_volume(world, APP)) == 1
    measure(world)
    assert len(figures(world).measured) == 1
    ended = world.run(world.desk.keep_figures(APP, False))
    assert (ended.deleted, ended.left, ended.figures.kept) == (1, 0, False)
    assert on_volume(world, APP) == []


def test_telemetry_is_the_same_switch(world: World, serving: None) -> None:
    on = world.run(world.desk.set_telemetry(APP, Telemetry.ON))
    assert on.figures is not None
    assert (on.figures.figures.kept, len(on.figures.figures.measured)) == (True, 1)
    measure(world)
    off = world.run(world.desk.set_telemetry(APP, Telemetry.OFF))
    assert off.figures is not None
    assert (off.figures.deleted, off.figures.left, off.figures.figures.kept) == (2, 0, False)
    assert on_volume(world, APP) == []
    measure(world)
    assert figures(world) == AppFigures(APP, kept=False)


def test_off_on_a_sealed_app_deletes_nothing_and_says_why(world: World, kept: None) -> None:
    world.seal()
    try:
        with pytest.raises(NodeSealed) as told:
            world.run(world.desk.set_telemetry(APP, Telemetry.OFF))
        assert "figures" in told.value.why
    finally:
        world.run(world.desk.unseal())
    assert len(figures(world).measured) == 1


def test_as_the_repository_says_they_go_with_each_release(
    world: World, new_repository: Callable[[], Repository]
) -> None:
    app, repository = AppName("saying"), new_repository()
    says = "[browser]\ngatherUsageStats = {}\n"
    place = ".streamlit/config.toml"
    repository.commit({**plain_app("'saying'"), place: says.format("true")})
    world.deploy(repository, app)
    try:
        set_so = world.run(world.desk.set_telemetry(app, Telemetry.AS_REPOSITORY))
        assert set_so.telemetry.figures == 1
        repository.commit({place: says.format("false")})
        told: list[Update] = []
        outcome = drive(world.desk.update(app), CancelToken(), told.append)
        assert outcome.error is None
        assert any("deleted: 1, left: 0" in str(each) for each in told)
        assert on_volume(world, app) == []
        world.run(world.desk.roll_back(app, None))
        assert world.run(world.desk.telemetry(app)).figures == 1
        # another start of the same release changes nothing
        world.run(world.desk.keep_figures(app, False))
        world.run(world.desk.stop(app))
        world.run(world.desk.start(app))
        assert on_volume(world, app) == []
    finally:
        world.remove(app)


def test_whoever_looks_is_shown_more_than_is_kept(world: World, kept: None) -> None:
    token, told = CancelToken(), list[AppFigures]()

    def read(update: Update) -> None:
        assert isinstance(update, Fact)
        told.append(update.value)
        if len(told) == 2:
            token.cancel()

    assert drive(world.desk.follow_figures(APP), token, read).cancelled
    assert [len(each.measured) for each in told] == [1, 2]
    assert figures(world) == told[0]


def test_of_a_sealed_app_nothing_is_told(world: World, kept: None) -> None:
    world.seal()
    try:
        with pytest.raises(NodeSealed):
            figures(world)
        measure(world)
    finally:
        world.run(world.desk.unseal())
    assert len(figures(world).measured) == 1
