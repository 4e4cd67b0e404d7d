"""What stands where something is missing or wrong: a headline, a sentence, a button."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from holdfast.presenters.notices import Notice
from holdfast.presenters.problem import Problem
from holdfast.ui.widgets.buttons import button, reword
from holdfast.ui.widgets.text import GAP, WIDE, label, restyle, selectable

#: Pixels: the width of a text that is read, not scanned.
_READABLE = 480


class NoticeBar(QFrame):
    """A bar above a page. acted: its button was pressed."""

    acted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("surface", "notice")
        self._title, self._text = label("", "head"), label("", wrap=True)
        self._button = button("", self.acted.emit)
        row = QHBoxLayout(self)
        row.setContentsMargins(WIDE, 12, WIDE, 12)
        row.setSpacing(WIDE)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._title)
        words.addWidget(self._text)
        row.addLayout(words, 1)
        row.addWidget(self._button, 0, Qt.AlignmentFlag.AlignVCenter)
        self.hide()

    def show_notice(self, notice: Notice | None, bad: bool = False) -> None:
        self.setVisible(notice is not None)
        if notice is not None:
            restyle(self, "surface", "problem" if bad else "notice")
            self._title.setText(notice.title)
            self._text.setText(notice.text)
            reword(self._button, notice.action)
            self._button.setVisible(bool(notice.action))


class ProblemBox(QFrame):
    """What happened, why, what to do; Copy details, and Try again where that makes sense."""

    retry = Signal()

    def __init__(self, can_retry: bool = False, can_copy: bool = True) -> None:
        super().__init__()
        self.setProperty("surface", "problem")
        self._problem: Problem | None = None
        self._what = label("", "head", wrap=True)
        self._why, self._next = label("", wrap=True), label("", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(WIDE, 12, WIDE, 12)
        column.setSpacing(4)
        for part in (self._what, self._why, self._next):
            column.addWidget(selectable(part))
        buttons = QHBoxLayout()
        buttons.setSpacing(GAP)
        buttons.setContentsMargins(0, GAP, 0, 0)
        if can_retry:
            buttons.addWidget(button("Try again", self.retry.emit))
        if can_copy:
            buttons.addWidget(button("Copy details", self._copy))
        buttons.addStretch()
        if can_retry or can_copy:
            column.addLayout(buttons)
        self.hide()

    def show_problem(self, problem: Problem | None) -> None:
        self._problem = problem
        self.setVisible(problem is not None)
        if problem is not None:
            for part, text in (
                (self._what, problem.what),
                (self._why, problem.why),
                (self._next, problem.next),
            ):
                part.setText(text)
                part.setVisible(bool(text))

    def _copy(self) -> None:
        if self._problem is not None:
            parts = (self._problem.what, self._problem.why, self._problem.next)
            text = "\n".join(part for part in (*parts, self._problem.details) if part)
            QGuiApplication.clipboard().setText(text)


class Placeholder(QWidget):
    """A calm page in place of an empty list. acted: its button was pressed."""

    acted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._title: QLabel = label("", "head")
        self._text: QLabel = label("", "muted", wrap=True)
        self._text.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._text.setFixedWidth(_READABLE)
        self._button = button("", self.acted.emit)
        column = QVBoxLayout(self)
        column.setSpacing(GAP)
        column.addStretch(2)
        column.addWidget(self._title, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self._text, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(GAP)
        column.addWidget(self._button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)

    def show_notice(self, notice: Notice) -> None:
        self._title.setText(notice.title)
        self._text.setText(notice.text)
        # a centred layout asks nobody how high a text of this width is
        self._text.setFixedHeight(max(0, self._text.heightForWidth(_READABLE)))
        reword(self._button, notice.action)
        self._button.setVisible(bool(notice.action))

    def take_focus(self) -> None:
        self._button.setFocus()
