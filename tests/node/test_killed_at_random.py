"""A desktop or an engine is killed at random moments: what served serves, and nothing is left.

The moments are those of one seed, so that whoever changes something else is not stopped by what was
there before. Others are looked for with HOLDFAST_TEST_SEED=$RANDOM, more with HOLDFAST_TEST_ROUNDS.
"""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from command_line import CommandLine
from mortal_engine import APP, HOST, Mortal, mortal_engine
from private_session import PrivateSecretService
from waiting import wait_until
from world import World, plain_app

from holdfast.domain import names
from holdfast.domain.app import AppState

pytestmark = [pytest.mark.node, pytest.mark.timeout(3600)]

ROUNDS = int(os.environ.get("HOLDFAST_TEST_ROUNDS", "1"))
SECONDS_TO_END = 120


@pytest.fixture(scope="module")
def mortal(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mortal]:
    with mortal_engine(world, tmp_path_factory.mktemp("mortal")) as made:
        yield made


@dataclass
class Killing:
    """Runs verbs of the command line, and kills at random moments of them.

    served: what the app may say, the newest last. whole: what there is where it is deployed.
    """

    mortal: Mortal
    holdfast: CommandLine
    victim: str
    chance: random.Random
    empty: Counter[str] = field(init=False)
    whole: Counter[str] = field(init=False)
    lasts: dict[str, float] = field(default_factory=dict)
    served: str = "kept"
    commits: int = 0

    @property
    def world(self) -> World:
        return self.mortal.world

    def measure(self) -> None:
        """How long each verb lasts, from its first word on, and what is there in between."""
        self.whole = self.look()
        self.remove(told="remove")
        self.empty = self.look()
        self.deploy(told="deploy")
        assert self.look() == self.whole
        self.deploy(told="redeploy")

    def commit(self) -> str:
        self.commits += 1
        text = f"said {self.commits}"
        self.mortal.repository.commit(plain_app(repr(text)))
        return text

    def deploy(self, told: str = "") -> None:
        text = self.commit()
        self.finish(told, "app", "deploy", str(self.mortal.repository), "--name", APP)
        self.served = text
        assert self.world.visit(HOST).text == text

    def remove(self, told: str = "") -> None:
        answer = self.finish(told, "app", "remove", APP, "--yes")
        assert answer["left"] == []

    def finish(self, told: str, *arguments: str) -> dict[str, object]:
        """Let a verb end; told: what to keep its duration under."""
        with self.holdfast.started(*arguments, errors=subprocess.PIPE) as process:
            assert process.stderr is not None
            first = process.stderr.readline()
            began = time.monotonic()
            output, errors = process.communicate(timeout=SECONDS_TO_END)
        assert process.returncode == 0, (output, first + errors)
        if told:
            self.lasts[told] = time.monotonic() - began
        answer: dict[str, object] = json.loads(output)
        return answer

    def kill_during(self, verb: str, *arguments: str) -> None:
        moment = self.chance.uniform(0, self.lasts[verb])
        print(f"{self.victim} killed after {moment:.3f} s of {self.lasts[verb]:.1f} s of {verb}")
        with self.holdfast.started(*arguments, errors=subprocess.PIPE) as process:
            assert process.stderr is not None
            process.stderr.readline()
            with suppress(subprocess.TimeoutExpired):
                process.wait(moment)
            if self.victim == "desktop":
                process.kill()
                process.communicate()
            else:
                self.mortal.kill()
                output, errors = process.communicate(timeout=SECONDS_TO_END)
                assert "Traceback" not in errors, errors
                answer = json.loads(output)
                print(answer)
                if process.returncode != 0:
                    assert answer["error"]["what"], answer
                    assert answer["error"]["next"], answer
        self.come_back()

    def come_back(self) -> None:
        if self.victim == "engine":
            self.mortal.engine.start()
            assert self.state() in (None, AppState.SEALED, AppState.FAILED, AppState.STOPPED)
            self.holdfast.ask("node", "start", "--unseal")
        wait_until(self.is_nobodys, "the lock ends with its desktop")

    def is_nobodys(self) -> bool:
        locks = {names.LABEL_APP: APP, names.LABEL_ROLE: "lock"}
        return all(lock.state != "running" for lock in self.world.engine.containers(locks))

    def state(self) -> AppState | None:
        """As the command line tells it; raises ValueError for a state that is not documented."""
        apps = self.holdfast.ask("app", "list")["apps"]
        states = {app["name"]: AppState(app["state"]) for app in apps}
        return states.get(APP)

    def look(self) -> Counter[str]:
        """Everything there is, whatever the releases are called."""
        # a look at the engine's host that was cut off has ended, and is cleared by the next one
        found = self.world.picture() - {"container holdfast-host-probe"}
        return Counter(re.sub(r"\d{12}", "RELEASE", each) for each in found)

    def assert_whole(self) -> None:
        assert self.look() - self.whole == Counter()
        assert self.whole - self.look() == Counter()
        releases = {release.id for release in self.world.run(self.world.desk.releases(APP))}
        kept = {path.rpartition("/")[2] for path in self.world.kept(APP) if "/releases/" in path}
        assert kept == releases

    # what is killed

    def redeploy(self) -> None:
        before, text = self.served, self.commit()
        self.kill_during("redeploy", "app", "deploy", str(self.mortal.repository), "--name", APP)
        said = self.world.visit(HOST)
        assert (said.status, said.text) in ((200, before), (200, text))
        assert self.state() is AppState.RUNNING
        self.deploy()
        self.assert_whole()

    def removal(self) -> None:
        self.kill_during("remove", "app", "remove", APP, "--yes")
        self.go_on()
        self.remove()
        assert self.look() == self.empty

    def first_deploy(self) -> None:
        self.commit()
        self.kill_during("deploy", "app", "deploy", str(self.mortal.repository), "--name", APP)
        self.go_on()

    def go_on(self) -> None:
        """Whatever it was that was killed, both are possible: to remove it, and to deploy it."""
        print(f"it is {self.state()}")
        if self.chance.random() < 0.5:
            self.remove()
            assert self.look() == self.empty
            assert self.state() is None
        self.deploy()
        self.assert_whole()


@pytest.mark.parametrize("victim", ["desktop", "engine"])
def test_what_served_serves_on_and_nothing_is_left(
    mortal: Mortal, secret_service: PrivateSecretService, tmp_path: Path, victim: str
) -> None:
    seed = os.environ.get("HOLDFAST_TEST_SEED", "1")
    print(f"HOLDFAST_TEST_SEED={seed}")
    (tmp_path / "node.json").write_text(json.dumps({"engine": str(mortal.engine.location.socket)}))
    own = {**secret_service.environment, "HOLDFAST_HOME": str(tmp_path)}
    killing = Killing(
        mortal, CommandLine(tmp_path, {**os.environ, **own}), victim, random.Random(seed)
    )
    killing.measure()
    verbs: tuple[Callable[[], None], ...] = (
        killing.redeploy,
        killing.removal,
        killing.first_deploy,
    )
    for _ in range(ROUNDS):
        for verb in verbs:
            verb()
