"""An engine that a test kills, with its node and an app on it that serves."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from own_engine import own_engine
from world import Repository, World, plain_app

from holdfast.adapters.embedded_engine import EmbeddedEngine
from holdfast.domain.app import AppState
from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken, Step, Update, drive
from holdfast.domain.requests import DeployRequest

APP = AppName("shop")
HOST = "shop.localhost"


@dataclass
class Mortal:
    """repository: of APP, which says "kept"."""

    engine: EmbeddedEngine
    world: World
    repository: Repository

    def kill(self) -> None:
        # its own pid file, with the moment of its start
        run_root = self.engine.location.socket.parent.name.replace(f"-{os.getuid()}-", "-engine-")
        pid = int(Path(f"/run/{run_root}/engine.pid").read_text().split()[0])
        os.kill(pid, signal.SIGKILL)

    def deploy_until(self, title: str, repository: Repository, name: str) -> BaseException | None:
        """Kill the engine as soon as that step is told; the error that the deploy ends with."""
        seen = []

        def notify(update: Update) -> None:
            if update == Step(title):
                seen.append(update)
                self.kill()

        request = DeployRequest(str(repository), name)
        outcome = drive(self.world.desk.deploy(request), CancelToken(), notify)
        assert seen, f"no step was named {title}"
        return outcome.error

    def come_back(self) -> None:
        self.engine.start()
        assert self.world.state(APP) is AppState.SEALED
        self.world.run(self.world.desk.unseal())


@contextmanager
def mortal_engine(world: World, folder: Path) -> Iterator[Mortal]:
    """Beside `world`, whose packages it is made of and whose keychain it uses."""
    with (
        tempfile.TemporaryDirectory(prefix="holdfast-tests-", dir="/var/tmp") as home,
        own_engine(Path(home), world.keychain, folder / "ca.pem") as (engine, made),
    ):
        repository = Repository(folder / "repository")
        repository.commit(plain_app("'kept'"))
        made.deploy(repository, APP)
        yield Mortal(engine, made, repository)
