"""The embedded node's engine: a private dockerd from the distribution's own packages."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import docker
import requests
from docker.errors import DockerException

from holdfast.adapters.other_engines import find_other_engine
from holdfast.domain.container import EngineLocation, EngineState
from holdfast.domain.errors import HoldfastError

DEFAULT_DATA_ROOT = Path("/var/lib/holdfast")
START_SECONDS = 60.0
_PROGRAMS = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_LOG_LINES = 5


class EmbeddedEngine:
    """Starts, stops and describes the one dockerd of ours on this machine.

    home: where everything of Holdfast lies (HOLDFAST_HOME), or None for the usual places.
    resources: the project's folder of that name.
    explain: receives one sentence before a password may be asked for.
    """

    def __init__(
        self,
        home: Path | None,
        resources: Path,
        *,
        environment: Mapping[str, str] = os.environ,
        explain: Callable[[str], None] = lambda sentence: None,
    ) -> None:
        # short, because the path of a unix socket ends at 107 bytes; outside of
        # XDG_RUNTIME_DIR, because that goes when its user logs out and the apps stay
        suffix = f"-{hashlib.sha256(bytes(home.resolve())).hexdigest()[:8]}" if home else ""
        self._run_root = Path(f"/run/holdfast-engine{suffix}")
        self._script = resources / "host" / "engine"
        self._environment = environment
        self._explain = explain
        data_root = home.resolve() / "engine" if home else DEFAULT_DATA_ROOT
        self.location = EngineLocation(
            socket=Path(f"/run/holdfast-{os.getuid()}{suffix}/docker.sock"),
            data_root=data_root,
            # dockerd's own containerd keeps its data there (moby: libcontainerd/supervisor)
            containerd_root=data_root / "docker" / "containerd" / "daemon",
        )

    @property
    def log(self) -> Path:
        return self.location.data_root / "engine.log"

    def state(self) -> EngineState:
        if self._answers():
            return "running"
        return "starting" if self._process() else "stopped"

    def start(self) -> EngineLocation:
        """Start it, or find it running; return when it answers. Raises HoldfastError."""
        if self._answers():
            return self.location
        self._refuse_beside_another()
        self._require_host()
        self._as_root("start", str(os.getuid()), str(os.getgid()))
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if not self._process() or time.monotonic() > deadline:
                raise HoldfastError(
                    "The embedded engine did not start.",
                    f"Its log ends with: {self._log_tail()}",
                    f"The whole log is in {self.log}.",
                )
            time.sleep(0.05)
        return self.location

    def stop(self) -> None:
        """End the engine and all its containers and undo what it changed on this machine."""
        if self._run_root.exists() or self.location.socket.exists():
            self._as_root("stop")

    def remove(self) -> None:
        """Stop it and delete its data root."""
        if self._run_root.exists() or self.location.data_root.exists():
            self._as_root("remove")

    def _answers(self) -> bool:
        """Whether the engine behind our socket is ours and answers."""
        if not self._process() or not self.location.socket.exists():
            return False
        try:
            client = docker.APIClient(
                base_url=f"unix://{self.location.socket}", version="auto", timeout=5
            )
        except DockerException:
            return False
        try:
            return bool(client.ping())
        except (DockerException, requests.RequestException):
            return False
        finally:
            client.close()

    def _process(self) -> int | None:
        """The engine's pid. Its number alone proves nothing: the file outlives a kill -9."""
        try:
            pid, started = (self._run_root / "engine.pid").read_text().split()
            status = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
        except (OSError, ValueError):
            return None
        # proc(5): the fields after the name are state, ppid, …, and the 20th is starttime
        return int(pid) if status[0] != "Z" and status[19] == started else None

    def _refuse_beside_another(self) -> None:
        marks = (str(self.location.socket), f"{self._run_root}/")
        if other := find_other_engine(marks, self._environment):
            raise HoldfastError(
                "Another container engine runs on this machine.",
                f"Found {other}. Two engines would share one bridge and one set of firewall "
                "rules, and break each other's networks.",
                "Use it with --use-engine, or stop it first.",
            )

    def _require_host(self) -> None:
        missing = [name for name in ("dockerd", "containerd", "iptables") if not _which(name)]
        if missing:
            raise HoldfastError(
                "The embedded engine is not installed.",
                f"Not found: {', '.join(missing)}.",
                f"Run {self._script.parent / 'install-packages'}.",
            )
        if not Path("/dev/fuse").exists():
            raise HoldfastError(
                "This machine cannot open encrypted volumes.",
                "There is no /dev/fuse.",
                "Load its kernel module: sudo modprobe fuse.",
            )

    def _as_root(self, verb: str, *more: str) -> None:
        where = self.location
        arguments = [where.data_root, self._run_root, where.socket, *more]
        command = ["bash", "-s", "--", verb, *map(str, arguments)]
        if os.geteuid() != 0:
            reason = f"Root is needed to {verb} the embedded engine: it mounts and makes networks."
            self._explain(reason)
            command = ["sudo", f"--prompt={reason} Password: ", "--", *command]
        with self._script.open() as script:
            done = subprocess.run(
                command,
                stdin=script,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
                check=False,
            )
        if done.returncode != 0:
            raise HoldfastError(
                f"Could not {verb} the embedded engine.",
                done.stderr.strip()[-500:] or f"It ended with status {done.returncode}.",
                "Ask for it in a terminal, where sudo can ask for your password."
                if os.geteuid() != 0
                else f"Its log is in {self.log}.",
            )

    def _log_tail(self) -> str:
        try:
            lines = self.log.read_text(errors="replace").splitlines()
        except OSError as error:
            return str(error)
        return " | ".join(lines[-_LOG_LINES:]) or "nothing"


def _which(program: str) -> str | None:
    return shutil.which(program, path=_PROGRAMS)
