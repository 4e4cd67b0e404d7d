"""A container, a network and a volume as we ask an engine for them: data, nothing run yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True)
class Bind:
    """A folder of the engine's host. propagation: rprivate, rslave or rshared.

    recursive: with what is mounted below it. Without, what a mount hides is seen instead.
    """

    source: str
    target: str
    propagation: str = "rprivate"
    read_only: bool = False
    recursive: bool = True


@dataclass(frozen=True, slots=True)
class VolumeMount:
    volume: str
    target: str
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class RamVolume:
    """A named tmpfs volume that is never swapped. It is emptied when its last container stops."""

    name: str
    labels: Mapping[str, str]
    size_bytes: int
    uid: int
    mode: str = "0700"
    executable: bool = False


@dataclass(frozen=True, slots=True)
class ContainerSpec:
    """All that the engine is asked for. The defaults are the strictest; a payload loosens them
    by name, so that every power of a container is visible where it is granted."""

    name: str
    image: str
    command: tuple[str, ...]
    labels: Mapping[str, str]
    user: str
    memory_bytes: int
    pids: int = 64
    """Its threads, and for a moment those of the engine's runtime, which starts commands and health
    checks from within this limit: with 8, one command in 80 failed on a loaded machine."""
    cpus: float | None = None
    cpu_shares: int = 512
    environment: Mapping[str, str] = field(default_factory=dict)
    binds: tuple[Bind, ...] = ()
    volumes: tuple[VolumeMount, ...] = ()
    capabilities: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    read_devices: tuple[str, ...] = ()
    """Devices that it may read, and not write."""
    security: tuple[str, ...] = ()
    """Security options beyond no-new-privileges."""
    network: str = "none"
    """A network's name, `none`, `host` (read-only probes alone) or `container:NAME`."""
    address: str | None = None
    """A fixed IPv4 address on `network`."""
    connect_retries: int | None = None
    """How often an unanswered connection is tried again, each time after twice as long; None for
    the kernel's six, which take two minutes."""
    ports: Mapping[int, tuple[str, int]] = field(default_factory=dict)
    """Container port to (host address, host port)."""
    health: tuple[str, ...] | None = None
    """A command that prints nothing; None runs `true`, so that every container has one."""
    read_only: bool = True
    host_processes: bool = False
    """It sees the processes of the engine's host: their command lines, and nothing within them."""
    log: Literal["none", "json-file"] = "none"
    """Where the engine keeps what it prints: nowhere, but for the control of a proof."""
    working_dir: str | None = None
    open_files: int = 4096


@dataclass(frozen=True, slots=True)
class ContainerFacts:
    """One container of an engine's list."""

    id: str
    name: str
    image: str
    labels: Mapping[str, str]
    state: str
    """The engine's word: created, running, paused, restarting, removing, exited or dead."""
    status: str
    """The engine's sentence, with its exit code and health: `Exited (137) 2 seconds ago`."""
    created: datetime
    networks: Mapping[str, str]
    """Network name to IPv4 address (empty while not running)."""
    ports: tuple[tuple[str, int, int], ...]
    """Published ports: (host address, host port, container port)."""


EngineState = Literal["stopped", "starting", "running"]


@dataclass(frozen=True, slots=True)
class EngineLocation:
    """Where an engine of this machine is reached and keeps its data; absolute paths."""

    socket: Path
    data_root: Path
    containerd_root: Path


@dataclass(frozen=True, slots=True)
class EngineFacts:
    """What the engine says of itself.

    products: the names under which it and its parts were sold, "Docker Desktop 4.33.0 (160616)"
    or "Podman Engine" among them. security: its security options, `name=seccomp,profile=default`.
    """

    id: str
    version: str
    api_version: str
    products: tuple[str, ...]
    data_root: str
    operating_system: str
    os_type: str
    kernel: str
    security: tuple[str, ...]
    clock: datetime


@dataclass(frozen=True, slots=True)
class Usage:
    """cpu_seconds: total since start. memory_bytes: without inactive file cache."""

    cpu_seconds: float
    memory_bytes: int
    memory_limit: int


@dataclass(frozen=True, slots=True)
class Completed:
    """A finished command in a container; output holds standard output alone."""

    exit_code: int
    output: bytes
    error: bytes

    @property
    def complaint(self) -> str:
        """The end of what it wrote to standard error, short enough for a message."""
        return self.error.decode(errors="replace").strip()[-300:]


@dataclass(frozen=True, slots=True)
class PushedFile:
    """A file that goes into a RAM volume. Its content may be secret, hence no repr."""

    path: str
    content: bytes = field(repr=False)
    mode: int = 0o400
