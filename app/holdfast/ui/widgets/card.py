"""One promise of an app as a card: its state, one sentence, and the evidence on demand."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from holdfast.domain.requests import Promise
from holdfast.presenters.app_page import Card
from holdfast.presenters.states import BROKEN
from holdfast.ui.theme import Theme
from holdfast.ui.widgets.buttons import button
from holdfast.ui.widgets.text import WIDE, StateLabel, label, restyle


class PromiseCard(QFrame):
    """evidence_wanted: its Promise."""

    evidence_wanted = Signal(object)

    def __init__(self, theme: Theme, card: Card) -> None:
        super().__init__()
        self.setProperty("surface", "card")
        self._promise: Promise = card.promise
        self._state = StateLabel(theme, card.look)
        self._sentence = label("", wrap=True)
        self._sentence.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._evidence = button(
            "Show evidence", lambda: self.evidence_wanted.emit(self._promise), "link"
        )
        self._evidence.setAccessibleName(f"Evidence: {card.title}")
        head = QHBoxLayout()
        head.addWidget(label(card.title, "head"), 1)
        head.addWidget(self._state)
        column = QVBoxLayout(self)
        column.setContentsMargins(WIDE, 12, WIDE, 8)
        column.setSpacing(6)
        column.addLayout(head)
        column.addWidget(self._sentence, 1)
        foot = QHBoxLayout()
        foot.setContentsMargins(0, 0, 0, 0)
        foot.addWidget(self._evidence)
        foot.addStretch()
        column.addLayout(foot)
        self.show_card(card)

    def show_card(self, card: Card) -> None:
        self._state.show_look(card.look)
        self._sentence.setText(card.sentence)
        keeps_room = self._evidence.sizePolicy()
        keeps_room.setRetainSizeWhenHidden(True)
        self._evidence.setSizePolicy(keeps_room)
        self._evidence.setVisible(bool(card.evidence))
        restyle(self, "broken", card.look is BROKEN)
        self.setAccessibleName(f"{card.title}: {card.look.word}. {card.sentence}")
