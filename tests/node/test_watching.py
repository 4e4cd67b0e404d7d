"""The list that follows an engine: changes at once, and measurements for whoever looks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from threading import Event, Thread

import pytest
from waiting import wait_until
from world import Repository, World, plain_app

from holdfast.domain import names
from holdfast.domain.app import AppState
from holdfast.domain.names import AppName
from holdfast.domain.node import AppSummary, Snapshot
from holdfast.domain.operation import Cancelled, CancelToken, Fact, Update, drive
from holdfast.operations.watch import HINTS

pytestmark = [pytest.mark.node, pytest.mark.timeout(300)]

APP = AppName("watched")


@pytest.fixture(scope="module")
def runner(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The container of an app that runs."""
    repository = Repository(tmp_path_factory.mktemp("watched") / "repository")
    repository.commit(plain_app("'here'"))
    world.deploy(repository, APP)
    [container] = world.containers(APP, "run")
    yield container
    world.remove(APP)


@contextmanager
def watching(world: World, looked_at: Event) -> Iterator[Callable[[], list[AppSummary]]]:
    """What was published of the app so far."""
    published: list[AppSummary] = []
    cancel = CancelToken()

    def read(update: Update) -> None:
        if isinstance(update, Fact) and isinstance(update.value, Snapshot):
            published.extend(app for app in update.value.apps if app.name == APP)

    follower = Thread(target=drive, args=(world.desk.watch(looked_at), cancel, read))
    follower.start()
    try:
        yield lambda: list(published)
    finally:
        cancel.cancel()
        follower.join()


def test_a_change_is_told_and_nothing_measured_while_nobody_looks(
    world: World, runner: str
) -> None:
    with watching(world, Event()) as published:
        wait_until(lambda: published() != [], "the first list")
        assert published()[0].state is AppState.RUNNING
        world.api.stop(runner)
        wait_until(lambda: published()[-1].state is AppState.STOPPED, "it is seen to have stopped")
        world.run(world.desk.start(APP))
        wait_until(lambda: published()[-1].state is AppState.RUNNING, "it is seen to run")
        assert {each.memory_bytes for each in published()} == {None}


def test_commands_in_containers_are_not_told(world: World, runner: str) -> None:
    told: list[Mapping[str, str]] = []
    cancel = CancelToken()

    def read() -> None:
        with suppress(Cancelled), world.engine.events(HINTS, cancel) as events:
            begun.set()
            told.extend(events)

    begun = Event()
    reader = Thread(target=read)
    reader.start()
    assert begun.wait(20)
    world.shell(runner, "true")
    world.run(world.desk.stop(APP))
    wait_until(lambda: told != [], "its end is told")
    cancel.cancel()
    reader.join()
    # the stop began with a lock, and the command before it with three events of the app's own
    assert (told[0][names.LABEL_APP], told[0][names.LABEL_ROLE]) == (APP, "lock")
    world.run(world.desk.start(APP))


def test_what_it_uses_is_measured_for_whoever_looks(world: World, runner: str) -> None:
    looked_at = Event()
    looked_at.set()
    with watching(world, looked_at) as published:
        wait_until(lambda: published() != [], "the first list")
        # it is told before anything was measured
        assert published()[0].memory_bytes is None
        wait_until(lambda: published()[-1].cpu_percent is not None, "two measurements")
        last = published()[-1]
        assert last.memory_bytes is not None
        assert last.memory_limit is not None
        assert 0 < last.memory_bytes < last.memory_limit
