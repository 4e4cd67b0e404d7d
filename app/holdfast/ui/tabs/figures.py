"""Holdfast's own figures of an app: plotted while somebody looks, handed out, and deleted."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QStackedWidget, QVBoxLayout

from holdfast.domain.figures import AppFigures, FiguresChanged
from holdfast.domain.operation import Fact, Operation, Outcome, Update
from holdfast.presenters import figures as words
from holdfast.presenters.notices import Notice
from holdfast.presenters.problem import explain
from holdfast.ui import icons
from holdfast.ui.app_reader import AppReader
from holdfast.ui.runner import RunningOperation
from holdfast.ui.widgets.buttons import button
from holdfast.ui.widgets.choice import Choice
from holdfast.ui.widgets.notice import NoticeBar, Placeholder, ProblemBox
from holdfast.ui.widgets.page import scrolling
from holdfast.ui.widgets.tab import Tab
from holdfast.ui.widgets.text import GAP, WIDE, label
from holdfast.ui.workbench import Workbench

if TYPE_CHECKING:
    from holdfast.ui.widgets.plots import PlotGrid


class FiguresTab(Tab):
    """Follows only while it is on show. figures: as they were last told."""

    def __init__(self, bench: Workbench, reader: AppReader) -> None:
        super().__init__()
        self._bench = bench
        self._reader = reader
        self._running: RunningOperation | None = None
        self._entered = False
        self.figures: AppFigures | None = None
        self._asked: Operation[FiguresChanged] | None = None
        self.reach = Choice()
        self.reach.setAccessibleName("Shown")
        for text, reach in words.REACHES:
            self.reach.addItem(f"Last {text}", reach)
        self.summary, self.held = label("", "muted"), label("", "muted", wrap=True)
        self.export = button("Export", self._export)
        self.delete = button("Delete", self._ask_delete)
        self.end = button("Stop keeping", self._ask_end)
        self.confirm, self._problem = NoticeBar(), ProblemBox(can_retry=True)
        self.nothing = Placeholder()
        self.plots: PlotGrid | None = None
        self._stack = QStackedWidget()
        self._stack.addWidget(self.nothing)
        self._lay_out()
        self.nothing.acted.connect(self._begin)
        self.confirm.acted.connect(self._confirmed)
        self._problem.retry.connect(self.reload)
        self.reach.currentIndexChanged.connect(self.refresh)
        self.refresh()

    @property
    def is_following(self) -> bool:
        return self._running is not None

    def enter(self) -> None:
        self._entered = True
        if self._running is None:
            self._problem.show_problem(None)
            self._running = self._bench.runner.follow(
                self._bench.desk.follow_figures(self._reader.name)
            )
            self._running.updated.connect(self._read)
            self._running.finished.connect(self._ended)

    def leave(self) -> None:
        self._entered = False
        self._stop()

    def reload(self) -> None:
        self._stop()
        self.enter()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._entered:
            self.enter()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nothing is measured for a window that nobody sees."""
        super().hideEvent(event)
        self._stop()

    def save(self, file: Path) -> None:
        if self.figures is not None:
            text = words.as_text(self.figures, table=file.suffix != ".json")
            try:
                file.write_text(text, encoding="utf-8")
            except OSError as error:
                self._problem.show_problem(explain(words.not_saved(file, error)))

    def refresh(self) -> None:
        figures = self.figures
        kept = figures is not None and figures.kept
        for part in (self.reach, self.summary, self.export, self.delete, self.end, self.held):
            part.setVisible(kept)
        if figures is None or not figures.kept:
            self._tell(words.READING if figures is None else words.OFF)
            return
        self.held.setText(
            " ".join(
                (
                    words.held_sentence(figures),
                    words.HOW,
                    words.APART,
                    words.VISITORS,
                    words.NEVER,
                )
            )
        )
        now = self._bench.watch.now()
        releases = self._reader.known.releases or ()
        shown = words.plots(figures, self.reach.currentData(), now, releases)
        self.summary.setText(shown.summary if shown else "")
        if shown is None:
            self._tell(words.NONE_YET)
            return
        if self.plots is None:
            # what draws them takes as much memory as half of the window
            made: PlotGrid = import_module("holdfast.ui.widgets.plots").PlotGrid(self._bench.theme)
            self.plots = made
            self._stack.addWidget(scrolling(made, "Figures"))
        self.plots.show_plots(shown)
        self._stack.setCurrentIndex(1)

    def _tell(self, notice: Notice) -> None:
        self.nothing.show_notice(notice)
        self._stack.setCurrentIndex(0)

    def _read(self, updates: list[Update]) -> None:
        facts = [update.value for update in updates if isinstance(update, Fact)]
        if facts:
            self.figures = facts[-1]
            self.refresh()

    def _ended(self, outcome: Outcome[None]) -> None:
        self._running = None
        if outcome.error is not None:
            self.figures = None
            self._problem.show_problem(explain(outcome.error))
            self.refresh()
            self._tell(words.UNKNOWN)

    def _stop(self) -> None:
        if self._running is not None:
            self._running.updated.disconnect(self._read)
            self._running.finished.disconnect(self._ended)
            self._running.cancel()
            self._running = None

    def _begin(self) -> None:
        if self.figures is not None and not self.figures.kept:
            self._change(self._bench.desk.keep_figures(self._reader.name, True))

    def _ask_delete(self) -> None:
        self._ask(words.ASK_DELETE, self._bench.desk.delete_figures(self._reader.name))

    def _ask_end(self) -> None:
        self._ask(words.ASK_OFF, self._bench.desk.keep_figures(self._reader.name, False))

    def _ask(self, question: Notice, operation: Operation[FiguresChanged]) -> None:
        self._asked = operation
        self.confirm.show_notice(question)

    def _confirmed(self) -> None:
        asked, self._asked = self._asked, None
        self.confirm.show_notice(None)
        if asked is not None:
            self._change(asked)

    def _change(self, operation: Operation[FiguresChanged]) -> None:
        self._problem.show_problem(None)
        self._stop()
        self._bench.runner.start(operation).finished.connect(self._changed)

    def _changed(self, outcome: Outcome[FiguresChanged]) -> None:
        if outcome.result is not None:
            self.figures = outcome.result.figures
            self.refresh()
        if self._entered:
            self.enter()
        if outcome.error is not None:
            self._problem.show_problem(explain(outcome.error))

    def _export(self) -> None:
        kinds = "Table (*.csv);;JSON (*.json)"
        name = f"{self._reader.name}-figures.csv"
        chosen, _ = QFileDialog.getSaveFileName(self, "Export the figures", name, kinds)
        if chosen:
            self.save(Path(chosen))

    def _lay_out(self) -> None:
        bar = QHBoxLayout()
        bar.setSpacing(GAP)
        bar.addWidget(self.reach)
        bar.addWidget(self.summary)
        bar.addStretch()
        for part in (self.export, self.delete, self.end):
            bar.addWidget(part)
        self._bench.icons.put(self.export, icons.DOWNLOAD, "text")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(WIDE)
        column.addLayout(bar)
        column.addWidget(self.confirm)
        column.addWidget(self._problem)
        column.addWidget(self._stack, 1)
        column.addWidget(self.held)
