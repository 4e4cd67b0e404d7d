"""The demonstration: a node, the demo app out of a local repository, and the window on it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from holdfast.domain.app import AppState
from holdfast.domain.errors import HoldfastError
from holdfast.domain.names import AppName
from holdfast.domain.node import NodeStatus
from holdfast.domain.operation import CancelToken, Operation, Step, Update, drive
from holdfast.domain.requests import DeployRequest
from holdfast.node.resources import RESOURCES
from holdfast.operations.node_desk import NodeDesk

Result = TypeVar("Result")

_APP = AppName("demo")


class Demo:
    """start: starts the node and unseals it. folder: where the repository and pictures go."""

    def __init__(self, start: Operation[NodeStatus], desk: NodeDesk, folder: Path) -> None:
        self._start = start
        self._desk = desk
        self._folder = folder
        self._began = time.monotonic()

    def run(self) -> int:
        """Raises HoldfastError. Returns the exit status."""
        try:
            self._carry_out(self._start)
        except HoldfastError as error:
            # a demo's keys lie in RAM: a reboot takes them, and with them what they opened
            tell(f"{error}\nThe demo app is made anew.")
            self._carry_out(self._desk.remove(_APP))
            self._carry_out(self._start)
        if url := self._running():
            tell(f"The demo app runs already: {url}")
        else:
            repository = str(demo_repository(self._folder))
            made = self._carry_out(self._desk.deploy(DeployRequest(repository, name=_APP)))
            tell(f"The demo app: {made.url}\nIts CA, for your browser: {made.ca_certificate}")
        return self._show()

    def _running(self) -> str | None:
        for app in self._carry_out(self._desk.list()).apps:
            if app.name == _APP and app.state in (AppState.RUNNING, AppState.STARTING):
                return app.url
        return None

    def _show(self) -> int:
        repository = str(demo_repository(self._folder))
        if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
            return show_window(self._desk, repository)
        pictures = self._folder / "screenshots"
        with virtual_display():
            count = take_pictures(self._desk, repository, pictures)
        tell(f"There is no display: {count} pictures of the window are in {pictures}")
        return 0

    def _carry_out(self, operation: Operation[Result]) -> Result:
        began = time.monotonic()

        def notify(update: Update) -> None:
            if isinstance(update, Step):
                tell(f"{time.monotonic() - self._began:7.1f} s  {update.title}")

        outcome = drive(operation, CancelToken(), notify)
        if outcome.error is not None:
            raise outcome.error
        tell(f"{operation.title}: {time.monotonic() - began:.1f} s")
        return outcome.result  # type: ignore[return-value]  # neither failed nor cancelled


def tell(text: str) -> None:
    """Standard output is the one object's of `--json`."""
    print(text, file=sys.stderr)


def demo_repository(folder: Path) -> Path:
    """A git repository of the demo app in `folder`, made from what travels with the program."""
    repository = folder / "demo-repository"
    shutil.copytree(RESOURCES / "demo", repository, dirs_exist_ok=True)
    if not (repository / ".git").exists():
        _git(repository, "init", "-q", "-b", "main")
    _git(repository, "add", "-A")
    if _git(repository, "status", "--porcelain"):
        _git(repository, "commit", "-q", "-m", "Show a small dashboard")
    return repository


def _git(repository: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=Holdfast demo", "-c", "user.email=demo@localhost")
    done = subprocess.run(
        ["git", *identity, "-C", str(repository), *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise HoldfastError("The demo's repository could not be made.", done.stderr[-300:])
    return done.stdout


@contextmanager
def virtual_display() -> Iterator[None]:
    """An X server without a screen, for as long as the block runs."""
    reader, writer = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writer), "-screen", "0", "1600x1000x24", "-nolisten", "tcp"],
        pass_fds=(writer,),
        stderr=subprocess.DEVNULL,
    )
    try:
        os.close(writer)
        with os.fdopen(reader) as answer:
            os.environ["DISPLAY"] = f":{answer.readline().strip()}"
        yield
    finally:
        os.environ.pop("DISPLAY", None)
        server.terminate()
        server.wait()


def show_window(desk: NodeDesk, repository: str, preferences: Path | None = None) -> int:
    # Qt costs a third of a second, and picks its platform when it starts
    from holdfast.ui.application import WindowSettings, run_window  # noqa: PLC0415

    return run_window(desk, WindowSettings(demo_repository=repository, preferences=preferences))


def take_pictures(desk: NodeDesk, repository: str, folder: Path) -> int:
    from holdfast.ui.application import WindowSettings  # noqa: PLC0415
    from holdfast.ui.screenshots import take_screenshots  # noqa: PLC0415

    return len(take_screenshots(desk, folder, WindowSettings(demo_repository=repository)))
