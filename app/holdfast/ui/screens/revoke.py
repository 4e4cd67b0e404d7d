"""Revoking an admin: what will happen, their name typed, then the steps as they go."""

from __future__ import annotations

from holdfast.domain.operation import Outcome
from holdfast.domain.recovery_kit import KitAdmin, Revoked
from holdfast.presenters.revocation import NEW_KIT, confirmation, what_will_happen
from holdfast.presenters.verbs import Place
from holdfast.ui.widgets.confirmed_verb import ConfirmedVerb
from holdfast.ui.widgets.notice import NoticeBar
from holdfast.ui.widgets.page import Page
from holdfast.ui.workbench import Workbench


class RevokeScreen(Page):
    """What comes of it, the new kit and what is left to do, is on the recovery kit's page."""

    def __init__(self, bench: Workbench, admin: KitAdmin) -> None:
        asked = confirmation(admin)
        super().__init__(asked.act)
        self._bench = bench
        self.verb = ConfirmedVerb(bench, asked, lambda: bench.kit.revoke(admin))
        self.verb.happens.show_parts(what_will_happen(admin))
        self.verb.kept.connect(self._go_back)
        self.verb.ended.connect(self._ended)
        self.new_kit = NoticeBar()
        self.new_kit.acted.connect(self._go_back)
        bench.kit.made.connect(self._tell_of_kit)
        self.lead_back(bench.icons, self._go_back)
        self.body.addWidget(self.new_kit)
        self.body.addWidget(self.verb, 1)

    def enter(self) -> None:
        self.verb.typed.setFocus()

    def _tell_of_kit(self) -> None:
        self.new_kit.show_notice(NEW_KIT)

    def _ended(self, outcome: Outcome[Revoked]) -> None:
        if outcome.result is not None:
            self._go_back()

    def _go_back(self) -> None:
        self._bench.navigator.place_wanted.emit(Place.KIT)
