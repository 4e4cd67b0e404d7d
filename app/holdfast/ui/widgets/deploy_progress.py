"""A deploy as it goes, ending with an Open button on the app's address."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from holdfast.domain.operation import Outcome
from holdfast.domain.requests import Deployed
from holdfast.presenters.states import Look, Shape, Tone
from holdfast.ui import icons
from holdfast.ui.runner import RunningOperation
from holdfast.ui.widgets.buttons import button
from holdfast.ui.widgets.operation_view import OperationView
from holdfast.ui.widgets.text import GAP, WIDE, StateLabel, frame, label, selectable
from holdfast.ui.workbench import Workbench

_SERVING = Look("Serving", Shape.DISC, Tone.GOOD)


class DeployProgress(QWidget):
    """another: the user wants to deploy one more."""

    another = Signal()

    def __init__(self, bench: Workbench, running: RunningOperation) -> None:
        super().__init__()
        self._bench = bench
        self._deployed: Deployed | None = None
        self.result = self._make_result()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(WIDE)
        self._column.addWidget(self.result)
        self.view: OperationView | None = None
        self._show(running)

    def _make_result(self) -> QWidget:
        made = frame("card")
        row = QHBoxLayout(made)
        row.setContentsMargins(WIDE, 12, WIDE, 12)
        row.setSpacing(GAP)
        self._title = StateLabel(self._bench.theme, _SERVING)
        self._address = selectable(label())
        self.open = button("Open", self._open, "primary")
        self._bench.icons.put(self.open, icons.OPEN, "on_accent")
        self._page = button("Show the app's page", self._show_page)
        row.addWidget(self._title)
        row.addWidget(self._address, 1)
        row.addWidget(button("Deploy another", self.another.emit, "flat"))
        row.addWidget(self._page)
        row.addWidget(self.open)
        made.hide()
        return made

    def _show(self, running: RunningOperation) -> None:
        if self.view is not None:
            self._column.removeWidget(self.view)
            self.view.deleteLater()
        self.view = OperationView(running, self._bench.runner, self._bench.theme, compact=False)
        self.view.retried.connect(self._show)
        self._column.addWidget(self.view, 1)
        running.finished.connect(self._ended)

    def _ended(self, outcome: Outcome[Deployed]) -> None:
        if isinstance(outcome.result, Deployed):
            self._deployed = outcome.result
            self._address.setText(outcome.result.url)
            self.open.setAccessibleName(f"Open {outcome.result.name}")
            self.result.show()

    def _open(self) -> None:
        if self._deployed is not None:
            self._bench.actions.open_address(self._deployed.url)

    def _show_page(self) -> None:
        if self._deployed is not None:
            self._bench.navigator.app_wanted.emit(self._deployed.name)
