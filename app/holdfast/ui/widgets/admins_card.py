"""A card with the admins of a node, and a button to revoke each but oneself."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout

from holdfast.domain.recovery_kit import KitAdmin
from holdfast.presenters.revocation import ADMINS, REVOKE, admin_note
from holdfast.ui.widgets.card_rows import CardRows
from holdfast.ui.widgets.text import WIDE, ElidedLabel, label


class AdminsCard(QFrame):
    """revoke_wanted: a KitAdmin. rows: with buttons by recipient."""

    revoke_wanted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("surface", "card")
        column = QVBoxLayout(self)
        column.setContentsMargins(WIDE, WIDE, WIDE, WIDE)
        column.setSpacing(12)
        column.addWidget(label(ADMINS, "head"))
        self.rows = CardRows(0, 1)
        column.addLayout(self.rows)
        self._shown: tuple[KitAdmin, ...] = ()

    def show_admins(self, admins: Sequence[KitAdmin]) -> None:
        if tuple(admins) == self._shown:
            return
        self._shown = tuple(admins)
        self.rows.clear()
        for admin in admins:
            parts = (
                label(admin.name),
                ElidedLabel(admin.recipient, "muted"),
                label(admin_note(admin), "muted"),
            )
            if admin.here:
                self.rows.add(parts)
            else:
                wanted = partial(self.revoke_wanted.emit, admin)
                self.rows.add_with_button(parts, admin.recipient, REVOKE, admin.name, wanted)
