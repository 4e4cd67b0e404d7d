"""An engine of this machine that somebody else runs: used, and never started or stopped."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import docker
import requests
from docker.errors import DockerException

from holdfast.domain.container import EngineLocation, EngineState
from holdfast.domain.errors import HoldfastError, NodeUnreachable


class ExistingEngine:
    """An EngineHost for `--use-engine`."""

    def __init__(self, location: EngineLocation) -> None:
        self.location = location

    @classmethod
    def at(cls, socket: Path) -> ExistingEngine:
        """The engine behind a socket, asked for its data root if it answers."""
        try:
            with _asking(socket) as client:
                root = Path(client.info()["DockerRootDir"])
        except (DockerException, requests.RequestException):
            root = Path("/var/lib/docker")
        # a distribution's engine uses the system's containerd
        return cls(EngineLocation(socket, root, Path("/var/lib/containerd")))

    def state(self) -> EngineState:
        try:
            with _asking(self.location.socket) as client:
                return "running" if client.ping() else "stopped"
        except (DockerException, requests.RequestException):
            return "stopped"

    def start(self) -> EngineLocation:
        if self.state() != "running":
            raise NodeUnreachable(
                "The engine that Holdfast was told to use does not answer.",
                f"Nothing answers at {self.location.socket}.",
                "Start it, or start an engine of Holdfast's own: holdfast node start",
            )
        return self.location

    def stop(self) -> None:
        raise HoldfastError(
            "Holdfast did not start this engine, and does not stop it.",
            f"It serves others too, at {self.location.socket}.",
            "Stop the apps with: holdfast app stop NAME",
        )

    def remove(self) -> None:
        """Nothing of the engine itself is Holdfast's."""


@contextmanager
def _asking(socket: Path) -> Iterator[docker.APIClient]:
    client = docker.APIClient(f"unix://{socket}", version="auto", timeout=5)
    try:
        yield client
    finally:
        client.close()
