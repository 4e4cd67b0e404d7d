"""All that the command line asks of Holdfast, as protocols."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from holdfast.domain.names import AppName
from holdfast.domain.node import (
    NodeStatus,
    Precondition,
    Removal,
    Snapshot,
    VolumeCheck,
    VolumeFacts,
)
from holdfast.domain.operation import Operation
from holdfast.domain.requests import SecretsApplied
from holdfast.domain.secret import Secret
from holdfast.domain.secrets_values import SecretPath
from holdfast.presenters.desk import Desk


class ServerDesk(Desk, Protocol):
    """The window's verbs, and those that answer a script once."""

    def list(self) -> Operation[Snapshot]: ...

    def read_logs(self, app: AppName, lines: int) -> Operation[tuple[str, ...]]:
        """The last `lines` of what the app printed, the oldest first."""

    def volumes(self) -> Operation[tuple[VolumeFacts, ...]]: ...
    def verify_volume(self, app: AppName) -> Operation[VolumeCheck]: ...

    def import_secrets(
        self, app: AppName, text: bytes, merge: bool, later: bool = False
    ) -> Operation[SecretsApplied]:
        """Store a whole secrets.toml, or add what it holds to the one that is there.

        later, here and below: an app that knows its environment alone is not started again."""

    def set_secret(
        self, app: AppName, path: SecretPath, value: Secret, toml: bool, later: bool = False
    ) -> Operation[SecretsApplied]: ...
    def undo_secrets(self, app: AppName, later: bool = False) -> Operation[SecretsApplied]:
        """Return to the version before the last change."""

    def unset_secret(
        self, app: AppName, path: SecretPath, later: bool = False
    ) -> Operation[SecretsApplied]: ...


class NodeControl(Protocol):
    """The life of a node itself. Calling a verb runs nothing."""

    @property
    def is_here(self) -> bool:
        """Whether the node's engine, and with it its data, is on this machine."""

    def start(self, unseal: bool) -> Operation[NodeStatus]: ...
    def stop(self) -> Operation[None]: ...
    def status(self) -> Operation[NodeStatus]: ...
    def unseal(self, app: AppName | None = None) -> Operation[NodeStatus]: ...

    def seal(self) -> Operation[NodeStatus]: ...

    def remove(self) -> Operation[Removal | None]:
        """None where there was nothing to remove."""


class World(Protocol):
    """Where the command line gets everything from. node: a node's name, None for the usual one.

    use_engine: a Docker engine that is there already, instead of one of Holdfast's own.
    """

    def desk(self, node: str | None) -> ServerDesk: ...
    def node_control(self, node: str | None, use_engine: bool) -> NodeControl: ...
    def ram_folder(self) -> Path:
        """Where a file with secrets may lie for a while. Raises HoldfastError."""

    def doctor(self) -> Operation[tuple[Precondition, ...]]: ...

    def demo(self, use_engine: bool) -> int:
        """Run the demonstration; returns the exit status."""

    def window(self, node: str | None) -> int:
        """Show the window until it is closed; returns the exit status."""
