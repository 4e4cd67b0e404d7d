"""A world in memory for the command line; as a program, the command line on that world.

Faults, beside those of the desk in memory: damaged (a volume), missing (a precondition), odd (a
fault of Holdfast's own), stubborn (an operation whose clean-up takes a step and says so), away (the
node is another machine).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import TypeVar

import sample
from memory_desk import MemoryDesk

from holdfast.cli.application import run
from holdfast.cli.world import ServerDesk
from holdfast.domain.names import AppName
from holdfast.domain.node import (
    Item,
    NodeStatus,
    Precondition,
    Removal,
    Snapshot,
    VolumeCheck,
    VolumeFacts,
)
from holdfast.domain.operation import CancelToken, Operation, Step, Steps
from holdfast.domain.requests import SecretsApplied
from holdfast.domain.secret import Secret
from holdfast.domain.secrets_change import merge as join
from holdfast.domain.secrets_change import with_value, without
from holdfast.domain.secrets_document import parse
from holdfast.domain.secrets_values import SecretPath

Result = TypeVar("Result")


def answer(title: str, read: Callable[[], Result]) -> Operation[Result]:
    def body(cancel: CancelToken) -> Steps[Result]:
        yield Step(title)
        return read()

    return Operation(title, "node", body)


def _go_wrong() -> None:
    raise ZeroDivisionError("nobody expected this")


class TerminalDesk(MemoryDesk):
    def list(self) -> Operation[Snapshot]:
        return self._answer("List the apps", "node", self.node.snapshot)

    def read_logs(self, app: AppName, lines: int) -> Operation[tuple[str, ...]]:
        def read() -> tuple[str, ...]:
            self.node.check_unsealed(app)
            return sample.log(app)[-lines:] if lines else ()

        return answer("Read the log", read)

    def volumes(self) -> Operation[tuple[VolumeFacts, ...]]:
        return answer(
            "Read the volumes", lambda: tuple(sample.volume(name, False) for name in self.node.apps)
        )

    def verify_volume(self, app: AppName) -> Operation[VolumeCheck]:
        damaged = ("data/ledger.duckdb",) if "damaged" in self.faults else ()
        words = "1 of 41 files is damaged." if damaged else "All 41 files are sound."

        def check() -> VolumeCheck:
            self.node.check_unsealed(app)
            return VolumeCheck(app, not damaged, damaged, words)

        return answer("Read every file", check)

    def import_secrets(
        self, app: AppName, text: bytes, merge: bool, later: bool = False
    ) -> Operation[SecretsApplied]:
        return self._store(app, lambda old: join(old, parse(text)) if merge else parse(text), later)

    def set_secret(
        self, app: AppName, path: SecretPath, value: Secret, toml: bool, later: bool = False
    ) -> Operation[SecretsApplied]:
        return self._store(app, lambda old: with_value(old, path, value, toml), later)

    def undo_secrets(self, app: AppName, later: bool = False) -> Operation[SecretsApplied]:
        return self._store(app, lambda old: self.kept_secrets.before(app) or old, later)

    def unset_secret(
        self, app: AppName, path: SecretPath, later: bool = False
    ) -> Operation[SecretsApplied]:
        return self._store(app, lambda old: without(old, path), later)

    def restart(self, app: AppName) -> Operation[None]:
        if "odd" in self.faults:
            return answer("Stop the app", _go_wrong)
        return self._stubborn(app) if "stubborn" in self.faults else super().restart(app)

    def _stubborn(self, app: AppName) -> Operation[None]:
        def body(cancel: CancelToken) -> Steps[None]:
            class Gate(Event):
                close = Event.set

            yield Step("Wait for ever")
            try:
                with cancel.closing(Gate()) as gate:
                    print("waiting", file=sys.stderr, flush=True)
                    gate.wait()
            finally:
                print("cleaned up", file=sys.stderr, flush=True)

        return Operation(f"Restart {app}", app, body)


class MemoryControl:
    def __init__(self, world: MemoryWorld) -> None:
        self._world = world

    def _status(self) -> NodeStatus:
        memory = self._world.memory
        return sample.status(memory.node.snapshot(), "no-kit" not in memory.faults)

    @property
    def is_here(self) -> bool:
        return "away" not in self._world.memory.faults

    def start(self, unseal: bool) -> Operation[NodeStatus]:
        self._world.asked.append(("start", unseal))
        return answer("Start the engine", self._status)

    def stop(self) -> Operation[None]:
        return answer("Stop the engine", lambda: None)

    def status(self) -> Operation[NodeStatus]:
        return answer("Read the node", self._status)

    def unseal(self, app: AppName | None = None) -> Operation[NodeStatus]:
        self._world.asked.append(("unseal", app))
        return answer("Mount the volumes", self._status)

    def seal(self) -> Operation[NodeStatus]:
        return answer("Seal the apps", self._status)

    def remove(self) -> Operation[Removal | None]:
        def read() -> Removal | None:
            if "empty" in self._world.memory.faults:
                return None
            return Removal(AppName("node"), (Item("network", "holdfast"),), (), sample.NOW)

        return answer("Remove the node", read)


class MemoryWorld:
    """asked: what was asked of the world itself, in order. ram: a folder that a test chose."""

    def __init__(self, *faults: str) -> None:
        self.ram = Path("/dev/shm")
        self.memory = TerminalDesk(*faults)
        self.asked: list[tuple[object, ...]] = []

    def desk(self, node: str | None) -> ServerDesk:
        self.asked.append(("desk", node))
        return self.memory

    def node_control(self, node: str | None, use_engine: bool) -> MemoryControl:
        self.asked.append(("node", node, use_engine))
        return MemoryControl(self)

    def ram_folder(self) -> Path:
        return self.ram

    def doctor(self) -> Operation[tuple[Precondition, ...]]:
        found = [Precondition("fuse", "ok", "/dev/fuse is there.", "")]
        if "missing" in self.memory.faults:
            found.append(Precondition("gocryptfs", "missing", "Not found.", "apt install it"))
        return answer("Look", lambda: tuple(found))

    def demo(self, use_engine: bool) -> int:
        self.asked.append(("demo", use_engine))
        return 0

    def window(self, node: str | None) -> int:
        self.asked.append(("window", node))
        return 3


if __name__ == "__main__":
    sys.exit(run(MemoryWorld(*os.environ.get("FAULTS", "").split())))
