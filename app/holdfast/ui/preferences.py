"""What the window remembers between two starts: its theme, its place on the screen, how nodes are
unsealed, by which OAuth app one signs in to GitHub, and what was told by the tray."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings

from holdfast.presenters.unsealing import UnsealMode
from holdfast.ui.theme import Mode


class Preferences:
    """Kept in an ini file; what cannot be read counts as never set."""

    def __init__(self, file: Path | None) -> None:
        self._settings = (
            QSettings(str(file), QSettings.Format.IniFormat) if file is not None else None
        )

    @property
    def mode(self) -> Mode:
        kept = self._settings.value("theme") if self._settings else None
        return Mode(kept) if kept in list(Mode) else Mode.SYSTEM

    @mode.setter
    def mode(self, mode: Mode) -> None:
        if self._settings:
            self._settings.setValue("theme", mode.value)

    def unseal_mode(self, node: str) -> UnsealMode:
        kept = self._settings.value(f"unseal/{node}") if self._settings else None
        return UnsealMode(kept) if kept in list(UnsealMode) else UnsealMode.BY_ITSELF

    def keep_unseal_mode(self, node: str, mode: UnsealMode) -> None:
        if self._settings:
            self._settings.setValue(f"unseal/{node}", mode.value)

    @property
    def github_client(self) -> str:
        """The client ID of the OAuth app by which one signed in to GitHub last."""
        kept = self._settings.value("github/client") if self._settings else None
        return kept if isinstance(kept, str) else ""

    @github_client.setter
    def github_client(self, client_id: str) -> None:
        if self._settings:
            self._settings.setValue("github/client", client_id)

    def told(self, node: str) -> frozenset[str]:
        """The keys of what was told by the tray."""
        kept = self._settings.value(f"told/{node}") if self._settings else None
        return frozenset(kept.split("\n")) if isinstance(kept, str) and kept else frozenset()

    def keep_told(self, node: str, keys: frozenset[str]) -> None:
        if self._settings:
            self._settings.setValue(f"told/{node}", "\n".join(sorted(keys)))

    @property
    def geometry(self) -> QByteArray | None:
        kept = self._settings.value("geometry") if self._settings else None
        return kept if isinstance(kept, QByteArray) else None

    @geometry.setter
    def geometry(self, geometry: QByteArray) -> None:
        if self._settings:
            self._settings.setValue("geometry", geometry)

    def save(self) -> None:
        """Write to the file now; Qt does it by itself a little later."""
        if self._settings:
            self._settings.sync()
