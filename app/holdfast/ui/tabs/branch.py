"""The branch that an app follows: what happens with new commits, and what the last look found."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout

from holdfast.domain.app import FollowMode
from holdfast.domain.errors import UsageError
from holdfast.domain.repository import parse_branch
from holdfast.presenters.following import (
    ABOUT,
    FOLLOW_WORDS,
    PIN,
    branch_words,
    instead_word,
    pin_word,
    push_notice,
)
from holdfast.ui.app_reader import AppReader
from holdfast.ui.runner import RunningOperation
from holdfast.ui.tabs.pin import PinLine
from holdfast.ui.widgets.buttons import button, reword
from holdfast.ui.widgets.choice import Choice
from holdfast.ui.widgets.fields import Field
from holdfast.ui.widgets.notice import NoticeBar
from holdfast.ui.widgets.text import GAP, WIDE, ElidedLabel, label, restyle, selectable
from holdfast.ui.workbench import Workbench

#: Milliseconds: how often the last look, which the keeper took, is read again.
_READ_AGAIN = 10_000


class BranchCard(QFrame):
    def __init__(self, bench: Workbench, reader: AppReader) -> None:
        super().__init__()
        self.setProperty("surface", "card")
        self._bench = bench
        self._reader = reader
        self.mode = Choice()
        for mode, words in FOLLOW_WORDS.items():
            self.mode.addItem(words, mode)
        self.branch = QLineEdit()
        self._branch_field = Field("Branch", self.branch)
        self.state = ElidedLabel(role="muted")
        self.state.setToolTip(ABOUT)
        self.told = selectable(label("", wrap=True))
        self.instead = button("", self._follow_instead)
        self.pin_line = PinLine()
        self.pin = button(PIN, self._pin)
        self.check = button("Check now", self._check)
        self.update_now = button("Update now", self._update, "primary")
        self._lay_out()
        self.mode.activated.connect(self._choose_mode)
        self.branch.editingFinished.connect(self._choose_branch)
        self.pin_line.given.connect(self._pin_to)
        reader.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        followed = self._reader.known.followed
        words = branch_words(followed, self._bench.watch.now())
        for part in (self.mode, self.branch, self.pin, self.check):
            part.setEnabled(followed is not None)
        if followed is not None:
            self.mode.setCurrentIndex(self.mode.findData(followed.mode))
            if not self.branch.hasFocus():
                self.branch.setText(followed.branch)
        reword(self.pin, pin_word(followed))
        self.state.show_text(words.state)
        self.told.setText(words.told)
        self.told.setVisible(bool(words.told))
        reword(self.instead, instead_word(words.instead))
        self.instead.setToolTip(words.instead)
        self.instead.setVisible(bool(words.instead))
        restyle(self.told, "role", "warn" if words.shout else "")
        self.update_now.setEnabled(not words.update)
        self.update_now.setToolTip(words.update)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(WIDE)
        row.addWidget(Field("New commits", self.mode))
        row.addWidget(self._branch_field, 1)
        bar = QHBoxLayout()
        bar.setSpacing(GAP)
        bar.addWidget(self.state, 1)
        bar.addWidget(self.instead)
        bar.addWidget(self.pin)
        bar.addWidget(self.check)
        bar.addWidget(self.update_now)
        column = QVBoxLayout(self)
        column.setContentsMargins(WIDE, 12, WIDE, 12)
        column.setSpacing(12)
        column.addLayout(row)
        column.addWidget(self.told)
        column.addWidget(self.pin_line)
        column.addLayout(bar)

    def _check(self) -> None:
        self._reader.read_branch(look=True)

    def _update(self) -> None:
        self._bench.actions.update(self._reader.name)

    def _pin(self) -> None:
        followed = self._reader.known.followed
        if followed is not None and followed.pin is not None:
            self._then_read(self._bench.actions.unpin(self._reader.name))
        elif self.pin_line.isHidden():
            self.pin_line.ask()
        else:
            self.pin_line.hide()

    def _pin_to(self, wanted: str) -> None:
        self._then_read(self._bench.actions.pin(self._reader.name, wanted or None))

    def _choose_mode(self) -> None:
        followed = self._reader.known.followed
        chosen = FollowMode(self.mode.currentData())
        if followed is not None and chosen is not followed.mode:
            self._follow(chosen, None)

    def _choose_branch(self) -> None:
        followed = self._reader.known.followed
        try:
            chosen = parse_branch(self.branch.text())
        except UsageError as error:
            self._branch_field.refuse(error.why)
            return
        self._branch_field.refuse("")
        if followed is not None and chosen != followed.branch:
            self._follow(None, chosen)

    def _follow_instead(self) -> None:
        followed = self._reader.known.followed
        if followed is not None and followed.look.instead:
            self._follow(None, followed.look.instead)

    def _follow(self, mode: FollowMode | None, branch: str | None) -> None:
        self._then_read(self._bench.actions.follow(self._reader.name, mode, branch))

    def _then_read(self, running: RunningOperation) -> None:
        running.finished.connect(lambda _: self._reader.read_branch())


class PushNotice(NoticeBar):
    """Above all tabs but the card's own: a commit waits to be made live."""

    def __init__(self, bench: Workbench, reader: AppReader) -> None:
        super().__init__()
        self._reader = reader
        self._wanted = True
        self.acted.connect(lambda: bench.actions.update(reader.name))
        reader.changed.connect(self.refresh)
        self._again = QTimer(self, interval=_READ_AGAIN)
        self._again.timeout.connect(self._read_again)
        self._again.start()

    def show_on(self, wanted: bool) -> None:
        """Whether the tab that is shown does not tell it itself."""
        self._wanted = wanted
        self.refresh()

    def refresh(self) -> None:
        self.show_notice(push_notice(self._reader.known.followed) if self._wanted else None)

    def _read_again(self) -> None:
        if self.window().isVisible():
            self._reader.read_branch()
