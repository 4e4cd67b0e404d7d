"""The ssh agent's part of a credential: whether one of its keys is used, and which."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from holdfast.presenters.connect import USE_AGENT, USE_KEY, Offer
from holdfast.ui.widgets.buttons import button
from holdfast.ui.widgets.choice import Choice
from holdfast.ui.widgets.text import GAP


class AgentRow(QWidget):
    """wanted: a key of the agent's shall be used. chosen: the fingerprint of one."""

    wanted = Signal()
    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.keys = Choice()
        self.keys.setAccessibleName("Key of the ssh agent")
        self.keys.take_what_room_there_is()
        self.use_key = button(USE_KEY, self._choose, "primary")
        self.use_agent = button(USE_AGENT, self.wanted.emit)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP)
        row.addWidget(self.keys, 1)
        row.addWidget(self.use_key)
        row.addWidget(self.use_agent)
        row.addStretch()

    def show_offer(self, offer: Offer) -> None:
        self.keys.clear()
        for fingerprint, told in offer.agent_keys:
            self.keys.addItem(told, fingerprint)
        several = bool(offer.agent_keys)
        self.keys.setVisible(several)
        self.use_key.setVisible(several)
        self.use_agent.setVisible(offer.agent)
        self.setVisible(several or offer.agent)

    def _choose(self) -> None:
        self.chosen.emit(self.keys.currentData())
