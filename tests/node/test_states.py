"""What the list says of an app while its process begins, ends and begins again."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from waiting import wait_until
from world import Repository, World, plain_app

from holdfast.domain.app import AppState
from holdfast.domain.names import AppName

pytestmark = [pytest.mark.node, pytest.mark.timeout(300)]

APP = AppName("sluggish")
#: Longer than it takes the engine to call it unhealthy.
SLOW = "import time; time.sleep(8)"
#: What lets the second app end, and not serve until it is gone.
END = "os.path.exists('/data/end')"


def test_an_app_that_takes_long_to_start_has_not_crashed(
    world: World, new_repository: Callable[[], Repository]
) -> None:
    repository = new_repository()
    repository.commit(plain_app("'here'", top=SLOW))
    world.deploy(repository, APP)
    seen: set[AppState | None] = set()
    try:
        with ThreadPoolExecutor(1) as pool:
            restarted = pool.submit(world.run, world.desk.restart(APP))
            while not restarted.done():
                seen.add(world.state(APP))
            restarted.result()
        assert AppState.STARTING in seen
        assert AppState.CRASHED not in seen
        assert world.state(APP) is AppState.RUNNING
    finally:
        world.remove(APP)


def test_an_app_that_ends_has_crashed_until_it_serves_again(
    world: World, new_repository: Callable[[], Repository]
) -> None:
    repository = new_repository()
    repository.commit(
        plain_app(f"{END} and os._exit(3)", top=f"import time\nwhile {END}: time.sleep(0.2)")
    )
    world.deploy(repository, APP)
    try:
        [runner] = world.containers(APP, "run")
        world.shell(runner, "touch /data/end")
        assert world.visit(f"{APP}.localhost").status >= 500
        wait_until(lambda: world.state(APP) is AppState.CRASHED, "it is seen to have crashed")
        world.shell(runner, "rm /data/end")
        wait_until(lambda: world.state(APP) is AppState.RUNNING, "it serves again", seconds=60)
    finally:
        world.remove(APP)
