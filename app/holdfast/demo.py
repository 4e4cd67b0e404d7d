"""The demonstration: a node, the demo app out of a local repository, and the window on it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from holdfast.cli.failures import Interrupted
from holdfast.cli.run import carry_out
from holdfast.domain.app import AppState
from holdfast.domain.errors import HoldfastError
from holdfast.domain.names import AppName
from holdfast.domain.node import AppSummary, NodeStatus
from holdfast.domain.operation import Operation, Step, Update
from holdfast.domain.requests import DeployRequest
from holdfast.operations.lazy_desk import LazyDesk
from holdfast.shipped import RESOURCES

Result = TypeVar("Result")

_APP = AppName("demo")


class Demo:
    """start: starts the node and unseals it. repository: the demo app's, which is made when it is
    read. show: the window until it is closed. take: pictures of it into a folder, their number."""

    def __init__(
        self,
        start: Operation[NodeStatus],
        desk: LazyDesk,
        repository: Path,
        pictures: Path,
        show: Callable[[], int],
        take: Callable[[Path], int],
    ) -> None:
        self._start = start
        self._desk = desk
        self._repository = repository
        self._pictures = pictures
        self._show_window = show
        self._take_pictures = take
        self._began = time.monotonic()

    def run(self) -> int:
        """Raises HoldfastError; Interrupted by a signal, once all is in order. Returns the exit
        status."""
        try:
            self._carry_out(self._start)
        except Interrupted:
            raise
        except HoldfastError as error:
            if not self._is_sealed():
                raise
            # a demo's keys lie in RAM: a reboot takes them, and with them what they opened
            tell(f"{error}\nThe demo app is made anew.")
            self._carry_out(self._desk.remove(_APP))
            self._carry_out(self._start)
        app = self._found()
        if app is not None and app.state in (AppState.RUNNING, AppState.STARTING):
            tell(f"The demo app runs already: {app.url}")
        else:
            request = DeployRequest(str(self._repository), name=_APP)
            made = self._carry_out(self._desk.deploy(request))
            tell(f"The demo app: {made.url}\nIts CA, for your browser: {made.ca_certificate}")
        return self._show()

    def _is_sealed(self) -> bool:
        # an engine that does not run, say, is what start has told of
        with suppress(HoldfastError):
            app = self._found()
            return app is not None and app.state is AppState.SEALED
        return False

    def _found(self) -> AppSummary | None:
        apps = self._carry_out(self._desk.list()).apps
        return next((app for app in apps if app.name == _APP), None)

    def _show(self) -> int:
        if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
            return self._show_window()
        with virtual_display():
            count = self._take_pictures(self._pictures)
        tell(f"There is no display: {count} pictures of the window are in {self._pictures}")
        return 0

    def _carry_out(self, operation: Operation[Result]) -> Result:
        began = time.monotonic()

        def notify(update: Update) -> None:
            if isinstance(update, Step):
                tell(f"{time.monotonic() - self._began:7.1f} s  {update.title}")

        result = carry_out(operation, notify)
        tell(f"{operation.title}: {time.monotonic() - began:.1f} s")
        return result


def tell(text: str) -> None:
    """Standard output is the one object's of `--json`."""
    print(text, file=sys.stderr)


def make_demo_repository(repository: Path) -> None:
    """A git repository of the demo app there, made from what travels with the program."""
    shutil.copytree(RESOURCES / "demo", repository, dirs_exist_ok=True)
    if not (repository / ".git").exists():
        _git(repository, "init", "-q", "-b", "main")
    _git(repository, "add", "-A")
    if _git(repository, "status", "--porcelain"):
        _git(repository, "commit", "-q", "-m", "Show a small dashboard")


def _git(repository: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=Holdfast demo", "-c", "user.email=demo@localhost")
    try:
        done = subprocess.run(
            ["git", *identity, "-C", str(repository), *arguments],
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        raise HoldfastError(
            "The demo's repository could not be made.",
            "The program git is not installed.",
            "Install it, with `make setup` say.",
        ) from None
    if done.returncode:
        raise HoldfastError("The demo's repository could not be made.", done.stderr[-300:])
    return done.stdout


@contextmanager
def virtual_display() -> Iterator[None]:
    """An X server without a screen, for as long as the block runs, and no longer than the program
    that runs it, however that ends."""
    reader, writer = os.pipe()
    xvfb = ["Xvfb", "-displayfd", str(writer), "-screen", "0", "1600x1000x24", "-nolisten", "tcp"]
    server = subprocess.Popen(
        ["setpriv", "--pdeathsig", "TERM", *xvfb],
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
