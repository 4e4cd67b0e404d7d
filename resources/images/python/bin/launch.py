"""Keeps one app running in its container: launch.py FOLDER, with FOLDER/launch.json in it."""

from __future__ import annotations

import argparse
import json
import os
import select
import signal
import socket
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from app_log import AppLog, now
from app_process import AppProcess, StartError, exit_word, memory_kills, why_ended
from app_secrets import SecretsMask
from launch_plan import Plan, PlanError, child_environment, read_plan, read_secrets
from readiness import ReadinessWatch

FIRST_PAUSE, LONGEST_PAUSE, STEADY_SECONDS = 1.0, 60.0, 60.0
#: How often a running app's mount is looked at, and the longest pause while it is gone.
_LOOK_SECONDS, _LONGEST_ABSENCE = 2.0, 10.0


class Stop(Exception):
    """SIGTERM arrived."""


class Bell:
    """What wakes the launcher: signals, and threads that ring."""

    def __init__(self) -> None:
        self._heard, self._rung = socket.socketpair()
        self._heard.setblocking(False)
        self._rung.setblocking(False)
        signal.set_wakeup_fd(self._rung.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
            signal.signal(number, lambda *_: None)

    def ring(self) -> None:
        with suppress(BlockingIOError):
            self._rung.send(b"\0")

    def wait(self, seconds: float) -> None:
        """Until something happens; raises Stop."""
        if not select.select([self._heard], [], [], max(seconds, 0))[0]:
            return
        numbers = self._heard.recv(4096)
        if signal.SIGTERM in numbers or signal.SIGINT in numbers:
            raise Stop

    def sleep(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self.wait(left)


@dataclass
class Status:
    """What is known about the app, for whoever asks; kept in the launch folder and in the logs."""

    launch_folder: Path
    logs: Path
    state: str = "starting"
    restarts: int = 0
    exit: int | str | None = None
    reason: str = ""

    def show(self, state: str) -> None:
        self.state = state
        known = {"state": state, "restarts": self.restarts, "exit": self.exit}
        text = json.dumps(known | {"reason": self.reason, "since": now()})
        ready = self.launch_folder / "ready"
        if state != "ready":
            ready.unlink(missing_ok=True)
        for folder in (self.launch_folder, self.logs):
            # the mount of the logs may be gone or full
            with suppress(OSError):
                # a release that starts beside this one shares the folder of the logs
                new = folder / f".status-{os.getpid()}-{id(self)}"
                new.write_text(text)
                new.replace(folder / "status.json")
        if state == "ready":
            ready.touch()


class Launcher:
    def __init__(self, launch_folder: Path, site: Path, cgroup: Path, bell: Bell) -> None:
        plan = read_plan(launch_folder)
        self._folder = launch_folder
        self._site = site
        self._cgroup = cgroup
        self._bell = bell
        self._log = AppLog(plan.logs, bell.ring, SecretsMask(plan.secrets))
        self._status = Status(launch_folder, plan.logs)
        self._pause = FIRST_PAUSE

    def run(self) -> None:
        """Until SIGTERM."""
        while True:
            try:
                self._wait_for_volume()
                reason = self._live()
                self._log.say(f"ERROR: {reason} It starts again in {self._pause:g} s.")
                self._status.reason = reason
                self._status.show("crashed")
                self._bell.sleep(self._pause)
                self._pause = min(self._pause * 2, LONGEST_PAUSE)
                self._status.restarts += 1
            except Stop:
                self._status.show("stopping")
                self._log.say("It was stopped, as asked.")
                return

    def _wait_for_volume(self) -> None:
        pause = FIRST_PAUSE
        while not self._log.returned():
            if self._status.state != "crashed":
                self._status.reason = "Its volume is not there."
                self._status.show("crashed")
            self._bell.sleep(pause)
            pause = min(pause * 2, _LONGEST_ABSENCE)

    def _live(self) -> str:
        """One life of the app, to its end; returns why it ended."""
        self._status.show("starting")
        try:
            plan = read_plan(self._folder)
            secrets = read_secrets(plan.secrets)
        except PlanError as error:
            return f"It cannot be started: {error}."
        kills = memory_kills(self._cgroup)
        environment = child_environment(plan, secrets, os.environ, self._site)
        try:
            process = AppProcess(plan, environment, self._log)
        except StartError as error:
            return str(error)
        watch = ReadinessWatch(plan.framework, plan.port, self._bell.ring)
        try:
            reason = self._accompany(process, watch, plan)
        except Stop:
            self._status.show("stopping")
            raise
        finally:
            watch.give_up()
            process.end()
        code = process.poll()
        if reason is None and code is not None:
            self._status.exit = exit_word(code)
            reason = why_ended(
                code,
                was_ready=watch.ready.is_set(),
                memory_kills=memory_kills(self._cgroup) - kills,
                exception=process.exception(),
            )
        return self._log.hide(reason or "")

    def _accompany(self, process: AppProcess, watch: ReadinessWatch, plan: Plan) -> str | None:
        """Until it ends by itself (None), or has to be ended (why)."""
        began = time.monotonic()
        device = self._log.device()
        ready_since: float | None = None
        while process.poll() is None:
            if ready_since is None and watch.ready.is_set():
                ready_since = time.monotonic()
                self._log.say(f"It is ready after {ready_since - began:.1f} s.")
                self._status.show("ready")
            if self._log.away or device is None or self._log.device() != device:
                self._log.leave()
                self._status.exit = None
                return "Its volume was taken away."
            elapsed = time.monotonic() - (ready_since or began)
            if ready_since is None and elapsed > plan.ready_seconds:
                self._status.exit = None
                return f"{watch.trouble} within {plan.ready_seconds:g} seconds."
            if ready_since is not None and elapsed > STEADY_SECONDS:
                self._pause = FIRST_PAUSE
            left = plan.ready_seconds - elapsed if ready_since is None else _LOOK_SECONDS
            self._bell.wait(min(left + 0.01, _LOOK_SECONDS))
        return None


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--go-seconds", type=float, default=10.0)
    parser.add_argument("--site", type=Path, default=Path("/usr/lib/holdfast/site"))
    parser.add_argument("--cgroup", type=Path, default=Path("/sys/fs/cgroup"))
    given = parser.parse_args()
    bell = Bell()
    deadline = time.monotonic() + given.go_seconds
    try:
        while not (given.folder / "go").exists():
            # one that was begun ahead has its code still on its way
            if time.monotonic() > deadline and not (given.folder / "ahead").exists():
                print("Nobody started this app: Holdfast alone can.", file=sys.stderr)
                return 1
            bell.sleep(0.05)
        launcher = Launcher(given.folder, given.site, given.cgroup, bell)
    except Stop:
        return 0
    except PlanError as error:
        print(error, file=sys.stderr)
        return 1
    launcher.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
