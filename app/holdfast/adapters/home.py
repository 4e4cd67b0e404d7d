"""What Holdfast remembers of its node between two runs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from holdfast.adapters.folders import Folders
from holdfast.domain.errors import HoldfastError
from holdfast.domain.stored import Damaged, from_json, to_json


@dataclass(frozen=True, slots=True)
class NodeSettings:
    """engine: the path of the socket of one that Holdfast was told to use; None: its own."""

    engine: str | None = None


class Home(Folders):
    """Its folders, and the file about the node in one of them."""

    def node(self) -> NodeSettings:
        try:
            return from_json(NodeSettings, self._node_file.read_bytes())
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
        self._node_file.write_text(to_json(settings))

    def forget(self) -> None:
        self._node_file.unlink(missing_ok=True)

    @property
    def _node_file(self) -> Path:
        return self.folder / "node.json"
