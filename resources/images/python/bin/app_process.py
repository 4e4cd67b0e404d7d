"""One life of the app: its process group, its two streams, and why it ended."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from app_log import AppLog, Copier
from launch_plan import Plan

GRACE_SECONDS = 1.0
_DRAIN_SECONDS = 1.0


class StartError(Exception):
    """The command could not be run; the text says why."""


class AppProcess:
    """The app, started; raises StartError. Its end writes SIGCHLD to who waits for signals."""

    def __init__(self, plan: Plan, environment: Mapping[str, str], log: AppLog) -> None:
        try:
            self._process = subprocess.Popen(
                plan.command,
                cwd=plan.folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except (OSError, ValueError, IndexError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is malformed"
            raise StartError(f"Its start command cannot be run: {why}.") from None
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._copiers = (
            Copier("out", self._process.stdout, log),
            Copier("err", self._process.stderr, log),
        )

    def poll(self) -> int | None:
        return self._process.poll()

    def end(self) -> None:
        """Ask it to end; whatever is left of its group after the grace is killed."""
        self._signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(GRACE_SECONDS)
        self._signal(signal.SIGKILL)
        self._process.wait()
        for copier in self._copiers:
            copier.finish(_DRAIN_SECONDS)

    def exception(self) -> str | None:
        """The last exception it printed."""
        return self._copiers[1].exception or self._copiers[0].exception

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)


def exit_word(code: int) -> int | str:
    """The exit code, or the name of the signal."""
    if code >= 0:
        return code
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"


def why_ended(code: int, *, was_ready: bool, memory_kills: int, exception: str | None) -> str:
    if memory_kills and code:
        return "It was killed because it used more memory than its limit."
    if code == -signal.SIGKILL:
        return "It was killed (SIGKILL): most likely the memory ran out."
    when = "" if was_ready else " before it was ready"
    if code < 0:
        return f"It was ended by {exit_word(code)}{when}."
    if exception and code:
        return f"It raised an exception{when}: {exception}"
    return f"It ended{when}, with exit code {code}."


def memory_kills(cgroup: Path) -> int:
    """How often the kernel killed in this container for want of memory (cgroup v2, then v1)."""
    for name in ("memory.events", "memory/memory.oom_control"):
        with suppress(OSError):
            for line in (cgroup / name).read_text().splitlines():
                words = line.split()
                if len(words) == 2 and words[0] == "oom_kill":
                    return int(words[1])
    return 0
