"""The real window on a busy node in memory: 200 apps change state while a log streams.

Prints how long the longest stalls of its thread were: {"seconds": …, "worked": …}.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

from memory_desk import MemoryDesk
from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer

from holdfast.domain.app import AppState
from holdfast.domain.names import AppName
from holdfast.domain.node import AppSummary
from holdfast.domain.operation import CancelToken, Line, Operation, Steps
from holdfast.ui.application import Session, WindowSettings, make_application
from holdfast.ui.bridge import GarbageCollection
from holdfast.ui.screens.app import AppScreen

_LINES_A_SECOND = 5_000
_CHANGES_A_SECOND = 10
_LIST_MS, _PAGE_MS, _LOG_MS = 5_000, 1_000, 12_000
_TICK_MS = 5
_STATES = (AppState.RUNNING, AppState.STARTING, AppState.CRASHED, AppState.STOPPED)


class BusyDesk(MemoryDesk):
    """Every app changes its state once a second, a tenth of them at a time."""

    def __init__(self) -> None:
        super().__init__("crowded")
        self._quiet = threading.Event()
        self._thread = threading.Thread(target=self._stir)
        self._thread.start()

    def end(self) -> None:
        self._quiet.set()
        self._thread.join()

    def follow_logs(self, app: AppName, lines: int) -> Operation[None]:
        def body(cancel: CancelToken) -> Steps[None]:
            for beat in _beats(100, self._quiet):
                if cancel.is_set:
                    return
                for at in range(_LINES_A_SECOND // 100):
                    yield Line(
                        f"2026-11-24 00:31:09 INFO {app}: line {at} of beat {beat} {'·' * 60}"
                    )

        return Operation(f"Follow the log of {app}", app, body)

    def _stir(self) -> None:
        for beat in _beats(_CHANGES_A_SECOND, self._quiet):
            with self.node.changed:
                for name in sorted(self.node.apps)[beat % _CHANGES_A_SECOND :: _CHANGES_A_SECOND]:
                    self.node.apps[name] = _turned(self.node.apps[name])
                self.node.tell()


def _turned(app: AppSummary) -> AppSummary:
    known = app.state in _STATES
    return replace(app, state=_STATES[(_STATES.index(app.state) + 1) % 4] if known else _STATES[0])


def _beats(a_second: int, quiet: threading.Event) -> Iterator[int]:
    """Numbers, so many a second: a late one does not delay the next."""
    began, beat = time.monotonic(), 0
    while not quiet.wait(max(0.0, began + beat / a_second - time.monotonic())):
        yield beat
        beat += 1


class Stalls(QObject):
    """Between two turns of the event loop, in seconds. longest: by the clock; worked: the longest
    that the thread itself had the processor for, which others on the machine cannot prolong."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.longest = self.worked = 0.0
        self._before = (time.perf_counter(), time.thread_time())
        timer = QTimer(self, interval=_TICK_MS, timerType=Qt.TimerType.PreciseTimer)
        timer.timeout.connect(self._tick)
        timer.start()

    def _tick(self) -> None:
        now = (time.perf_counter(), time.thread_time())
        self.longest = max(self.longest, now[0] - self._before[0] - _TICK_MS / 1000)
        self.worked = max(self.worked, now[1] - self._before[1])
        self._before = now


def main() -> None:
    application = make_application()
    garbage = GarbageCollection(application)
    desk = BusyDesk()
    session = Session(application, desk, WindowSettings("workshop"))
    session.window.show()
    try:
        _pause(1_000)
        stalls = Stalls(application)
        _pause(_LIST_MS)
        session.window.go_to_app("sales-board")
        page = session.window.page
        assert isinstance(page, AppScreen)
        # whoever opens its log sees the page first
        _pause(_PAGE_MS)
        page.show_tab(1)
        _pause(_LOG_MS)
    finally:
        desk.end()
        session.end()
        garbage.stop()
    print(json.dumps({"seconds": stalls.longest, "worked": stalls.worked}))


def _pause(milliseconds: int) -> None:
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


if __name__ == "__main__":
    main()
