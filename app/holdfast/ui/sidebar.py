"""The column on the left: the node with its seal state, and where one can go."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QPushButton, QVBoxLayout

from holdfast.domain.recovery_kit import KitState
from holdfast.presenters.certificates_page import troubled as troubled_certificates
from holdfast.presenters.certificates_page import troubled_words
from holdfast.presenters.node_panel import can_seal, can_unseal, node_line, node_look, troubled
from holdfast.presenters.recovery_kit import LOOKS as KIT_LOOKS
from holdfast.presenters.states import CONNECTING, Look, Shape, Tone
from holdfast.presenters.verbs import Place
from holdfast.ui import icons
from holdfast.ui.widgets.buttons import button
from holdfast.ui.widgets.seal_button import SealButton
from holdfast.ui.widgets.text import ElidedLabel, StateLabel
from holdfast.ui.workbench import Workbench

WIDTH = 208
NAV = (
    (Place.APPS, icons.APPS, "Ctrl+1"),
    (Place.REPOSITORIES, icons.REPOSITORIES, "Ctrl+2"),
    (Place.CERTIFICATES, icons.CERTIFICATES, "Ctrl+3"),
    (Place.VOLUMES, icons.VOLUMES, "Ctrl+4"),
    (Place.SETTINGS, icons.SETTINGS, "Ctrl+5"),
    (Place.KIT, icons.KIT, "Ctrl+6"),
)


class Sidebar(QFrame):
    """chosen: a Place."""

    chosen = Signal(object)

    def __init__(self, bench: Workbench) -> None:
        super().__init__()
        self._bench = bench
        self.setProperty("surface", "sidebar")
        self.setFixedWidth(WIDTH)
        self._state = StateLabel(bench.theme, CONNECTING)
        self._trouble = StateLabel(bench.theme, Look("", Shape.TRIANGLE, Tone.BAD), "")
        self._trouble.hide()
        self._certificates = StateLabel(bench.theme, Look("", Shape.DIAMOND, Tone.WARN), "")
        self._certificates.hide()
        self._kit = StateLabel(bench.theme, KIT_LOOKS[KitState.MISSING], "")
        self._kit.hide()
        self.unseal = button("Unseal", bench.actions.unseal)
        self.seal = SealButton()
        self.seal.confirmed.connect(bench.actions.seal)
        self._buttons: dict[Place, QPushButton] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 20, 12, 12)
        column.setSpacing(4)
        name = ElidedLabel(bench.node_name, "head")
        name.setContentsMargins(8, 0, 0, 0)
        state = QHBoxLayout()
        state.setContentsMargins(8, 0, 0, 0)
        state.addWidget(self._state)
        state.addStretch()
        column.addWidget(name)
        column.addLayout(state)
        column.addSpacing(4)
        column.addWidget(self.unseal)
        column.addWidget(self.seal)
        column.addSpacing(16)
        self._add_places(column)
        bench.watch.changed.connect(self._refresh)
        bench.kit.changed.connect(self._refresh_kit)
        bench.certificates.changed.connect(self._refresh_certificates)
        self._refresh()

    def show_place(self, place: Place | None) -> None:
        """Mark where the window is."""
        for each, made in self._buttons.items():
            made.setChecked(each is place)

    def place_button(self, place: Place) -> QPushButton:
        return self._buttons[place]

    def _add_places(self, column: QVBoxLayout) -> None:
        group = QButtonGroup(self)
        group.setExclusive(False)
        for place, icon, keys in NAV:
            made = button(f"  {place.value}", kind="nav")
            made.setAccessibleName(place.value)
            made.setToolTip(keys)
            made.setCheckable(True)
            made.clicked.connect(lambda _=False, to=place: self._go(to))
            self._bench.icons.put(made, icon, "text")
            self._buttons[place] = made
            if place is Place.SETTINGS:
                column.addStretch()
            mark = {
                Place.APPS: self._trouble,
                Place.CERTIFICATES: self._certificates,
                Place.KIT: self._kit,
            }.get(place)
            if mark is not None:
                row = QHBoxLayout(made)
                row.setContentsMargins(0, 0, 12, 0)
                row.addStretch()
                row.addWidget(mark)
            column.addWidget(made)

    def _go(self, place: Place) -> None:
        self.show_place(place)
        self.chosen.emit(place)

    def _refresh(self) -> None:
        watch = self._bench.watch
        seen = (watch.snapshot, watch.problem, watch.stopped)
        self._state.show_look(node_look(*seen), node_line(*seen))
        self.unseal.setVisible(watch.problem is None and can_unseal(watch.snapshot))
        self.seal.setVisible(watch.problem is None and can_seal(watch.snapshot))
        count = troubled(watch.snapshot)
        self._trouble.setVisible(count > 0)
        self._trouble.show_look(Look(str(count), Shape.TRIANGLE, Tone.BAD))
        self._trouble.setToolTip(f"{count} of the apps crashed or failed")

    def _refresh_certificates(self) -> None:
        found = self._bench.certificates.found
        number, look = troubled_certificates(found)
        self._certificates.setVisible(number > 0)
        self._certificates.show_look(look)
        self._certificates.setToolTip(troubled_words(found))

    def _refresh_kit(self) -> None:
        status = self._bench.kit.status
        if status is not None:
            look = KIT_LOOKS[status.state]
            self._kit.show_look(look, "")
            self._kit.show()
            self._buttons[Place.KIT].setText(f"  {look.word}")
            self._buttons[Place.KIT].setAccessibleName(look.word)
