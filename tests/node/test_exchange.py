"""An app that knows its environment alone is started anew, and visitors wait instead of failing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from mortal_desktop import At, call, made, nth
from steady_visitor import SteadyVisitor
from waiting import wait_until
from world import Repository, World, plain_app

from holdfast.adapters.docker_engine import DockerEngine
from holdfast.domain.app import AppState
from holdfast.domain.errors import DeployFailed
from holdfast.domain.names import AppName
from holdfast.operations.import_secrets import import_secrets
from holdfast.ports import EngineError

pytestmark = [pytest.mark.node, pytest.mark.timeout(300)]

APP, HOST = AppName("greeter"), "greeter.localhost"
#: Says its greeting of the moment in which it was asked, on /slow long after it was; and cannot
#: start with one greeting.
GREETER = plain_app(
    "said(self.path)",
    "import sys, time\n"
    "GREETING = os.environ.get('GREETING', 'nothing')\n"
    "if GREETING == 'broken': sys.exit(3)\n"
    "def said(path):\n"
    "    if path == '/slow':\n"
    "        pathlib.Path('/data/asked').touch()\n"
    "        time.sleep(3)\n"
    "    return f'{GREETING} {path}'\n",
)


class RefusingEngine:
    """The engine, but for one call, the first that `at` tells."""

    def __init__(self, engine: DockerEngine, at: At) -> None:
        self._engine, self._at, self.has_refused = engine, at, False

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._engine, name)

        def call(*given: Any, **named: Any) -> Any:
            if not self.has_refused and self._at(name, given):
                self.has_refused = True
                raise EngineError(500, "as asked for")
            return real(*given, **named)

        return call


@pytest.fixture
def app(world: World, new_repository: Callable[[], Repository]) -> Iterator[AppName]:
    repository = new_repository()
    repository.commit(GREETER)
    world.deploy(repository, APP)
    yield APP
    world.remove(APP)


def greet(world: World, greeting: str) -> str:
    document = f'GREETING = "{greeting}"\n'.encode()
    return world.run(world.desk.import_secrets(APP, document, merge=False)).applied


def test_a_secret_reaches_it_while_visitors_are_served(world: World, app: AppName) -> None:
    visitor = SteadyVisitor(world, HOST)
    with ThreadPoolExecutor(1) as pool, visitor.asking():
        slow = pool.submit(world.visit, HOST, "/slow", seconds=60)
        [runner] = world.containers(app, "run")
        asked = "test -e /data/asked && echo yes || true"
        wait_until(lambda: world.shell(runner, asked) != "", "the slow question has arrived")
        assert greet(world, "hello") == "restarted"
        assert slow.result().text == "nothing /slow"
    assert visitor.failed == []
    assert world.visit(HOST, "/").text == "hello /"
    assert greet(world, "good evening") == "restarted"
    assert world.visit(HOST, "/").text == "good evening /"
    # what came in the place of its container is what Holdfast goes on with
    assert world.state(app) is AppState.RUNNING
    world.run(world.desk.restart(app))
    assert world.visit(HOST, "/").text == "good evening /"


def test_who_comes_to_one_that_cannot_start_with_it_is_told_so(world: World, app: AppName) -> None:
    with pytest.raises(DeployFailed, match="did not start") as told:
        greet(world, "broken")
    assert "exit code 3" in told.value.why

    def told_so() -> bool:
        # one who came in the very moment of the change waits for the app as those before
        with suppress(TimeoutError):
            return world.visit(HOST, "/").status >= 500
        return False

    wait_until(told_so, "visitors are told that it does not serve", seconds=60)
    assert greet(world, "hello") == "restarted"
    assert world.visit(HOST, "/").text == "hello /"


def test_an_engine_that_refuses_in_the_middle_leaves_it_serving(world: World, app: AppName) -> None:
    [runner], [sidecar] = world.containers(app, "run"), world.containers(app, "proxy")
    drain = nth(2, call("run", sidecar))
    for greeting, at in (("hello", drain), ("good day", made(runner))):
        engine = RefusingEngine(world.engine, at)
        node = replace(world.node, engine=engine)
        document = f'GREETING = "{greeting}"\n'.encode()
        with pytest.raises(EngineError, match="refused a request"):
            world.run(import_secrets(node, app, document, add=False))
        assert engine.has_refused
        wait_until(lambda: world.state(app) is AppState.RUNNING, "it serves", seconds=60)
        assert world.visit(HOST, "/", seconds=60).status == 200
    # the secrets were stored before, and what was begun anew has them
    assert world.visit(HOST, "/").text == "good day /"
