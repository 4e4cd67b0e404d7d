"""An app that an operation works on: found, unsealed, and with what is kept about it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from holdfast.domain.app import AppConfiguration, Release
from holdfast.domain.errors import HoldfastError
from holdfast.domain.names import AppName
from holdfast.domain.stored import to_json
from holdfast.node.inventory import AppParts, parts_of
from holdfast.node.node import Node
from holdfast.node.volume import Contents, Volume


@dataclass(frozen=True, slots=True)
class OpenedApp:
    """An app whose volume is unsealed and that has a release to serve."""

    parts: AppParts
    volume: Volume
    contents: Contents
    configuration: AppConfiguration
    release: Release

    def keep(self, **changes: Any) -> AppConfiguration:
        """Change the app's configuration on its volume."""
        changed = replace(self.configuration, **changes)
        self.volume.store({"app.json": to_json(changed)})
        return changed


def open_app(node: Node, name: AppName) -> OpenedApp:
    """Raises AppNotFound, NodeSealed, or HoldfastError where no release was ever finished."""
    return open_listed(node, parts_of(node, name))


def open_listed(node: Node, parts: AppParts) -> OpenedApp:
    """The same of an app that was listed just now."""
    name = parts.name
    volume = Volume(node, name, parts.uid)
    contents = volume.contents()
    configuration, release = contents.configuration, contents.current
    if configuration is None or release is None:
        raise HoldfastError(
            f"{name} has no release.",
            "Its first deploy never came to an end.",
            f"Deploy it again, or remove it: holdfast app remove {name} --yes",
        )
    return OpenedApp(parts, volume, contents, configuration, release)
