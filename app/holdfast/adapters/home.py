"""Where Holdfast keeps its own few files on this machine, and what it remembers of its node."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import platformdirs

from holdfast.domain.errors import HoldfastError
from holdfast.domain.stored import Damaged, Stored


class NodeSettings(Stored, frozen=True, kw_only=True):
    """engine: the path of the socket of one that Holdfast was told to use; None: its own."""

    engine: str | None = None


class Home:
    """HOLDFAST_HOME, or the platform's folder for a user's data. Nothing in it is secret."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        given = environment.get("HOLDFAST_HOME")
        self.given = Path(given).absolute() if given else None
        self.folder = self.given or Path(platformdirs.user_data_dir("holdfast"))

    @property
    def ca_file(self) -> Path:
        return self.folder / "visitors-ca.pem"

    @property
    def preferences(self) -> Path:
        return self.folder / "window.ini"

    def node(self) -> NodeSettings:
        try:
            return NodeSettings.from_json(self._node_file.read_bytes())
        except FileNotFoundError:
            return NodeSettings()
        except Damaged as damage:
            raise HoldfastError(
                "Holdfast's settings cannot be read.",
                f"{self._node_file} is damaged: {damage}",
                "Delete that file: it only names the engine in use.",
            ) from None

    def remember(self, settings: NodeSettings) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._node_file.write_text(settings.to_json())

    def forget(self) -> None:
        self._node_file.unlink(missing_ok=True)

    @property
    def _node_file(self) -> Path:
        return self.folder / "node.json"
