"""What every tab of an app's page can be asked."""

from __future__ import annotations

from PySide6.QtWidgets import QLineEdit, QWidget


class Tab(QWidget):
    def enter(self) -> None:
        """The tab is on show: follow what it follows. Called again when the app has changed."""

    def leave(self) -> None:
        """It is no longer on show."""

    def reload(self) -> None:
        """Read anew what the tab reads by itself (F5)."""

    def search_field(self) -> QLineEdit | None:
        """Where Ctrl+F leads."""
        return None
