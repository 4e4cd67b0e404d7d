"""Does a connected desktop's duties for the node while the window is open."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject, QTimer, Signal

from holdfast.domain.keeping import UNSEALING, Kept, News, NewsKind
from holdfast.domain.operation import Fact, Outcome, Update
from holdfast.presenters.desk import Desk
from holdfast.presenters.problem import Problem, explain
from holdfast.presenters.unsealing import UnsealMode
from holdfast.ui.preferences import Preferences
from holdfast.ui.runner import OperationRunner, RunningOperation

_AGAIN_MS = 5_000


class NodeKeeper(QObject):
    """mode: whether a sealed node is one of its concerns. latest: the newest of each duty.
    changed: either is another."""

    changed = Signal()

    def __init__(
        self,
        desk: Desk,
        runner: OperationRunner,
        preferences: Preferences,
        node_name: str,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._desk = desk
        self._runner = runner
        self._preferences = preferences
        self._node_name = node_name
        self._running: RunningOperation | None = None
        self.mode = preferences.unseal_mode(node_name)
        self.latest: Mapping[str, News] = {}
        self._again = QTimer(self, singleShot=True, interval=_AGAIN_MS)
        self._again.timeout.connect(self.start)

    @property
    def unseal_problem(self) -> Problem | None:
        """Why nothing was unsealed by itself."""
        news = self.latest.get(UNSEALING)
        failed = news is not None and news.kind is NewsKind.FAILED
        return explain(news.error) if failed and news and news.error else None

    def start(self) -> None:
        if self._running is None:
            unseal = self.mode is UnsealMode.BY_ITSELF
            self._running = self._runner.follow(self._desk.keep(unseal))
            self._running.updated.connect(self._read)
            self._running.finished.connect(self._ended)

    def stop(self) -> None:
        self._again.stop()

    def choose(self, mode: UnsealMode) -> None:
        if mode is self.mode:
            return
        self.mode = mode
        self._preferences.keep_unseal_mode(self._node_name, mode)
        self.latest = {}
        if self._running is not None:
            # it begins anew when it has ended what it was doing
            self._running.cancel()
        self.changed.emit()

    def _read(self, updates: list[Update]) -> None:
        for update in updates:
            if isinstance(update, Fact) and isinstance(update.value, Kept):
                self.latest = update.value.latest
        self.changed.emit()

    def _ended(self, outcome: Outcome[None]) -> None:
        self._running = None
        if outcome.cancelled:
            self.start()
        else:
            self._again.start()
