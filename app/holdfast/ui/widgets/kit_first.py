"""Before the first app: the recovery kit, so that nothing is written that it does not open."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from holdfast.presenters.recovery_kit import FIRST, MAKE, WITHOUT
from holdfast.presenters.verbs import Place
from holdfast.ui.widgets.buttons import button
from holdfast.ui.widgets.text import GAP, WIDE, frame, label
from holdfast.ui.workbench import Workbench


class KitFirst(QWidget):
    """without: the user goes on without a kit."""

    without = Signal()

    def __init__(self, bench: Workbench) -> None:
        super().__init__()
        self.make = button(MAKE, lambda: bench.navigator.place_wanted.emit(Place.KIT), "primary")
        self.go_on = button(WITHOUT, self.without.emit)
        card = frame("card")
        card.setMaximumWidth(640)
        inside = QVBoxLayout(card)
        inside.setContentsMargins(WIDE, WIDE, WIDE, WIDE)
        inside.setSpacing(WIDE)
        inside.addWidget(label(FIRST.title, "head", wrap=True))
        inside.addWidget(label(FIRST.text, wrap=True))
        acts = QHBoxLayout()
        acts.setSpacing(GAP)
        acts.addWidget(self.make)
        acts.addWidget(self.go_on)
        acts.addStretch()
        inside.addLayout(acts)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(card)
        column.addStretch()
