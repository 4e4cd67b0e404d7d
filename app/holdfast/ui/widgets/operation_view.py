"""One operation as it goes: its steps with times, its output, Cancel, Retry, Copy details."""

from __future__ import annotations

import time

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from holdfast.domain.operation import Line, Update
from holdfast.presenters.activity import PHASE_LOOKS, Phase, StepLine
from holdfast.ui.runner import OperationRunner, RunningOperation
from holdfast.ui.theme import Theme
from holdfast.ui.widgets.buttons import button
from holdfast.ui.widgets.log_view import LogView
from holdfast.ui.widgets.notice import ProblemBox
from holdfast.ui.widgets.text import GAP, MARGIN, WIDE, ElidedLabel, StateLabel, label

_TICK_MS = 200
_STEPS_WIDTH = 264


class StepList(QWidget):
    """The steps with their times, read along the lines where there are several columns."""

    def __init__(self, theme: Theme, columns: int) -> None:
        super().__init__()
        self._theme = theme
        self._columns = columns
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(GAP)
        self._grid.setVerticalSpacing(4)
        for column in range(columns):
            self._grid.setColumnStretch(column * 4 + 1, 1)
            if column:
                self._grid.setColumnMinimumWidth(column * 4 - 1, MARGIN)
        self._lines: list[tuple[StateLabel, ElidedLabel, QLabel]] = []

    def show_steps(self, steps: tuple[StepLine, ...]) -> None:
        for at, step in enumerate(steps):
            if at == len(self._lines):
                self._add_line(at)
            shape, title, took = self._lines[at]
            shape.show_look(step.look, "")
            shape.setAccessibleName(f"{step.title}: {step.look.word}")
            title.show_text(step.title)
            took.setText(step.time)

    def _add_line(self, at: int) -> None:
        parts = (
            StateLabel(self._theme, PHASE_LOOKS[Phase.WAITING], ""),
            ElidedLabel(),
            label("", "muted"),
        )
        line, column = divmod(at, self._columns)
        for place, part in enumerate(parts):
            self._grid.addWidget(part, line, column * 4 + place)
        parts[2].setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._lines.append(parts)


class OperationView(QFrame):
    """retried: a RunningOperation that replaces this one. compact: output folded away."""

    retried = Signal(object)

    def __init__(
        self, running: RunningOperation, runner: OperationRunner, theme: Theme, compact: bool
    ) -> None:
        super().__init__()
        self.setProperty("surface", "card")
        self.running = running
        self._runner = runner
        self._compact = compact
        self._title = ElidedLabel(running.record.title, "head")
        self._state = StateLabel(theme, running.record.look)
        self._status = label("", "muted")
        self._steps = StepList(theme, columns=3 if compact else 1)
        self._problem = ProblemBox(can_copy=False)
        self.output = LogView(theme, f"Output of {running.record.title}")
        self.output.setMinimumHeight(160)
        self.cancel = button("Cancel", self._stop)
        self.cancel.setAccessibleName(f"Cancel {running.record.title}")
        self.retry = button("Retry", self._start_again)
        self.copy = button("Copy details", self._copy_details)
        self._fold = button("Show output", self._toggle_output, "flat")
        self._lay_out(compact)
        self.output.setVisible(not compact)
        self.output.add(running.record.lines)
        self._tick = QTimer(self, interval=_TICK_MS)
        self._tick.timeout.connect(self._refresh)
        running.updated.connect(self._read)
        running.changed.connect(self._refresh)
        self._refresh()

    def _lay_out(self, compact: bool) -> None:
        head = QHBoxLayout()
        head.setSpacing(GAP)
        head.addWidget(self._state)
        head.addWidget(self._title, 1)
        head.addWidget(self._status)
        for each in (self._fold, self.copy, self.retry, self.cancel):
            head.addWidget(each)
        column = QVBoxLayout(self)
        margin = 12 if compact else WIDE
        column.setContentsMargins(margin, margin, margin, margin)
        column.setSpacing(12)
        column.addLayout(head)
        self._fold.setVisible(compact)
        if compact:
            column.addWidget(self._steps)
            column.addWidget(self._problem)
            column.addWidget(self.output, 1)
            return
        column.addWidget(self._problem)
        beside = QHBoxLayout()
        beside.setSpacing(MARGIN)
        self._steps.setFixedWidth(_STEPS_WIDTH)
        beside.addWidget(self._steps, 0, Qt.AlignmentFlag.AlignTop)
        beside.addWidget(self.output, 1)
        column.addLayout(beside, 1)

    def _read(self, updates: list[Update]) -> None:
        self.output.add(update.text for update in updates if isinstance(update, Line))

    def _refresh(self) -> None:
        record, now = self.running.record, time.monotonic()
        self._state.show_look(record.look)
        self._status.setText(record.status(now).partition(" · ")[2])
        self._steps.show_steps(record.step_lines(now))
        self._problem.show_problem(record.problem)
        if not self._compact:
            self.output.setVisible(not record.over or bool(record.lines))
        self.cancel.setVisible(not record.over)
        self.cancel.setEnabled(record.phase is not Phase.CANCELLING)
        failed = record.phase in (Phase.FAILED, Phase.CANCELLED)
        self.retry.setVisible(failed)
        self.copy.setVisible(record.phase is Phase.FAILED)
        if record.over:
            self._tick.stop()
        elif not self._tick.isActive():
            self._tick.start()

    def _stop(self) -> None:
        self._runner.cancel_waiting(self.running)

    def _start_again(self) -> None:
        self.retry.setEnabled(False)
        self.retried.emit(self._runner.start(self.running.operation))

    def _toggle_output(self) -> None:
        shown = self.output.isHidden()
        self.output.setVisible(shown)
        self._fold.setText("Hide output" if shown else "Show output")

    def _copy_details(self) -> None:
        QGuiApplication.clipboard().setText(self.running.record.details())
