"""Where Holdfast keeps its own few files on this machine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import platformdirs


class Folders:
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

    @property
    def demo_repository(self) -> Path:
        return self.folder / "demo"
