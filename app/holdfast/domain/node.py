"""What a node looks like at one moment: its seal state and one line per app."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from holdfast.domain.app import AppState, Commit
from holdfast.domain.names import AppName, HostName

#: Where visitors reach an edge that has not been started yet, unless the port is in use.
FIRST_EDGE_PORT = 8443


class NodeState(StrEnum):
    STOPPED = "stopped"
    STARTING = "starting"
    SEALED = "sealed"
    UNSEALING = "unsealing"
    UNSEALED = "unsealed"
    PARTLY = "partly"


@dataclass(frozen=True, slots=True)
class AppSummary:
    """One app in a list. What a sealed volume hides is None.

    memory_bytes: RAM of the app's containers without inactive file cache.
    cpu_percent: of one core, since the snapshot before; None in the first.
    activity: what runs on it now and since when, if anything ("deploy").
    sealed_on_purpose: whether it stays sealed until somebody unseals it.
    certificate_ends: of the certificate that its visitors get now; None where none is served.
    """

    name: AppName
    state: AppState
    host_name: HostName | None
    url: str | None
    address: str | None
    release: str | None
    commit: Commit | None
    memory_bytes: int | None
    memory_limit: int | None
    cpu_percent: float | None
    restarts: int
    started: datetime | None
    activity: str | None = None
    certificate_ends: datetime | None = None
    sealed_on_purpose: bool = False


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The whole node as of one listing. Apps come sorted by name."""

    state: NodeState
    apps: tuple[AppSummary, ...]
    edge_address: str | None
    """IP:PORT where visitors reach the edge, None while it does not run."""


@dataclass(frozen=True, slots=True)
class NodeStatus:
    """What `holdfast node status` says. Paths are absolute on the engine's host.

    has_kit: whether the node has a recovery kit; None where it does not run.
    """

    state: NodeState
    engine_version: str | None
    socket: str
    data_root: str | None
    containerd_root: str | None
    image: str | None
    apps: int
    has_kit: bool | None = None


@dataclass(frozen=True, slots=True)
class VolumeFacts:
    """An app's encrypted volume. Sizes in bytes; those of the plain view are None when sealed."""

    app: AppName
    cipher: str
    sealed: bool
    cipher_bytes: int | None
    contents: tuple[tuple[str, int], ...]
    """What is in it, as (name, bytes): code, environments, data, logs."""


@dataclass(frozen=True, slots=True)
class VolumeCheck:
    """What a check of an app's encrypted files found. damaged: their paths; summary: a sentence."""

    app: AppName
    sound: bool
    damaged: tuple[str, ...]
    summary: str


@dataclass(frozen=True, slots=True)
class Precondition:
    """Something that Holdfast needs of this machine. remedy: a command or a sentence, or ""."""

    name: str
    state: Literal["ok", "missing", "warning"]
    reason: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Item:
    """Something of an app's that exists somewhere: kind is container, volume, network, image,
    host folder, certificate, keychain item, key file, repository credential or route."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class Removal:
    """The receipt of a removal: what went, and what a second search still found.

    key_destroyed: when the volume's key was; None where there was none. by_hand: what Holdfast
    could not take away, and where a person does it; one sentence each.
    """

    app: AppName
    removed: tuple[Item, ...]
    left: tuple[Item, ...]
    finished: datetime
    key_destroyed: datetime | None = None
    by_hand: tuple[str, ...] = ()
