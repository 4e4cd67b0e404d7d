"""A card with the admins of a node, and a button to revoke each but oneself."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QPushButton, QVBoxLayout

from holdfast.domain.recovery_kit import KitAdmin
from holdfast.presenters.revocation import ADMINS, REVOKE, admin_note
from holdfast.ui.widgets.buttons import button
from holdfast.ui.widgets.text import GAP, WIDE, ElidedLabel, label


class AdminsCard(QFrame):
    """revoke_wanted: a KitAdmin. buttons: those shown, by recipient."""

    revoke_wanted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("surface", "card")
        column = QVBoxLayout(self)
        column.setContentsMargins(WIDE, WIDE, WIDE, WIDE)
        column.setSpacing(12)
        column.addWidget(label(ADMINS, "head"))
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(WIDE)
        self._grid.setVerticalSpacing(GAP)
        self._grid.setColumnStretch(1, 1)
        column.addLayout(self._grid)
        self._shown: tuple[KitAdmin, ...] = ()
        self.buttons: dict[str, QPushButton] = {}

    def show_admins(self, admins: Sequence[KitAdmin]) -> None:
        if tuple(admins) == self._shown:
            return
        self._shown = tuple(admins)
        self.buttons = {}
        while (item := self._grid.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        for line, admin in enumerate(admins):
            self._grid.addWidget(label(admin.name), line, 0)
            self._grid.addWidget(ElidedLabel(admin.recipient, "muted"), line, 1)
            self._grid.addWidget(label(admin_note(admin), "muted"), line, 2)
            if not admin.here:
                self._add_button(admin, line)

    def _add_button(self, admin: KitAdmin, line: int) -> None:
        made = button(REVOKE, lambda: self.revoke_wanted.emit(admin))
        made.setAccessibleName(f"Revoke {admin.name}")
        self.buttons[admin.recipient] = made
        self._grid.addWidget(made, line, 3, Qt.AlignmentFlag.AlignRight)
