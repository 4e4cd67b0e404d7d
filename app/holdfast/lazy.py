"""The parts of the program that are loaded by name, when they are first needed.

A window is painted, and help is printed, in less time than the engine's side takes to load.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, cast

from holdfast.adapters.folders import Folders
from holdfast.operations.lazy_desk import LazyDesk

if TYPE_CHECKING:
    from holdfast.cli.world import NodeControl, World
    from holdfast.domain.node import Precondition
    from holdfast.domain.operation import Operation
    from holdfast.main import Machine
    from holdfast.presenters.desk import Desk


def run_command_line(world: World) -> int:
    with _ending_at_once():
        command_line = import_module("holdfast.cli.application")
    return cast(int, command_line.run(world))


@contextmanager
def _ending_at_once() -> Iterator[None]:
    """SIGINT ends the program without Python's traceback: nothing has begun."""
    before = signal.getsignal(signal.SIGINT)
    if before is not signal.default_int_handler:
        # somebody wants it ignored
        yield
        return
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def show_window(desk: Desk, repository: Path, preferences: Path | None = None) -> int:
    """repository: the demo app's."""
    window = import_module("holdfast.ui.application")
    settings = window.WindowSettings(demo_repository=str(repository), preferences=preferences)
    return cast(int, window.run_window(desk, settings))


def take_pictures(desk: Desk, repository: Path, folder: Path) -> int:
    window = import_module("holdfast.ui.application")
    settings = window.WindowSettings(demo_repository=str(repository))
    pictures = import_module("holdfast.ui.screenshots").take_screenshots(desk, folder, settings)
    return len(pictures)


class LazyMachine:
    """This machine as the command line's World, made when it is first asked something."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment
        self._lock = Lock()
        self._made: Machine | None = None

    def desk(self, node: str | None) -> LazyDesk:
        return self._machine.desk(node)

    def node_control(self, node: str | None, use_engine: bool) -> NodeControl:
        return self._machine.node_control(node, use_engine)

    def doctor(self) -> Operation[tuple[Precondition, ...]]:
        return self._machine.doctor()

    def ram_folder(self) -> Path:
        return self._machine.ram_folder()

    def demo(self, use_engine: bool) -> int:
        return self._machine.demo(use_engine, show_window, take_pictures)

    def window(self, node: str | None) -> int:
        if node is not None:
            self._machine.check_node(node)
        folders = Folders(self._environment)
        desk = LazyDesk(lambda: self._machine.node_desk)
        return show_window(desk, folders.demo_repository, folders.preferences)

    @property
    def _machine(self) -> Machine:
        # the window asks from several threads
        with self._lock:
            if self._made is None:
                made = import_module("holdfast.main").Machine(self._environment)
                self._made = cast("Machine", made)
            return self._made
