"""Tells when a process's first window was painted and, a while later, how much it holds in RAM."""

from __future__ import annotations

import json
import time
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QMainWindow

_SETTLED_MS = 2_000
_KIBIBYTE = 1024


class FirstPaint(QObject):
    """Watches an application whose event loop has not begun; ends it when all is told.

    painted: seconds of the monotonic clock, which all processes share.
    """

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)
        self._application = application
        self._painted = 0.0
        application.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  Qt's spelling
        if event.type() is QEvent.Type.Paint and isinstance(watched, QMainWindow):
            self._application.removeEventFilter(self)
            # what was painted is on the screen once this turn of the loop is over
            QTimer.singleShot(0, self._note)
        return False

    def _note(self) -> None:
        self._painted = time.monotonic()
        QTimer.singleShot(_SETTLED_MS, self._tell)

    def _tell(self) -> None:
        told = {"painted": self._painted, "resident": _resident_bytes()}
        print(json.dumps(told), flush=True)
        self._application.quit()


def _resident_bytes() -> int:
    status = Path("/proc/self/status").read_text().splitlines()
    [line] = [line for line in status if line.startswith("VmRSS:")]
    return int(line.split()[1]) * _KIBIBYTE
