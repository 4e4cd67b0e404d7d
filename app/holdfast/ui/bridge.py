"""Where threads meet the window: mailboxes that workers fill, and the bell that wakes Qt.

Workers touch plain Python alone: the garbage collector of a worker thread may delete a QObject.
"""

from __future__ import annotations

import gc
import socket
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from threading import Lock
from typing import Any

from PySide6.QtCore import QObject, QSocketNotifier, QTimer, Signal

from holdfast.domain.operation import Fact, Line, Outcome, Update

#: At most this often is the window disturbed, and with at most so many updates at once.
FLUSH_MS = 40
BATCH = 400
#: More unread lines than anybody can look at are dropped, the oldest first.
MOST_UNREAD = 20_000
_COLLECT_MS = 10_000


class Mailbox:
    """Updates of one operation on their way to the window. A newer fact replaces an unread one.

    ring: called with the first of what nobody has taken, and at the end.
    """

    def __init__(self, ring: Callable[[], None]) -> None:
        self._ring = ring
        self._lock = Lock()
        self._updates: deque[tuple[float, Update]] = deque()
        self._fact: tuple[float, Update] | None = None
        self._ended: tuple[float, Outcome[Any]] | None = None

    def post(self, update: Update) -> None:
        entry = (time.monotonic(), update)
        with self._lock:
            first = self.is_empty
            if isinstance(update, Fact):
                self._fact = entry
            else:
                self._updates.append(entry)
                if len(self._updates) > MOST_UNREAD and isinstance(self._updates[0][1], Line):
                    self._updates.popleft()
        # whoever has taken a part of what was there comes again for the rest
        if first:
            self._ring()

    def close(self, outcome: Outcome[Any]) -> None:
        with self._lock:
            self._ended = (time.monotonic(), outcome)
        self._ring()

    def take(self) -> list[tuple[float, Update]]:
        """The oldest updates, at most BATCH of them, and the newest fact."""
        with self._lock:
            batch = [self._updates.popleft() for _ in range(min(BATCH, len(self._updates)))]
            if self._fact is not None:
                batch.append(self._fact)
                self._fact = None
        return batch

    @property
    def is_empty(self) -> bool:
        return not self._updates and self._fact is None

    @property
    def has_news(self) -> bool:
        return not self.is_empty or self._ended is not None

    @property
    def ended(self) -> tuple[float, Outcome[Any]] | None:
        """When and how the operation ended; read it once the mailbox is empty."""
        return self._ended


class Bell(QObject):
    """ring() may be called from any thread; `rung` follows on the window's, at most every 40 ms."""

    rung = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ear, self._clapper = socket.socketpair()
        self._ear.setblocking(False)
        self._clapper.setblocking(False)
        self._notifier = QSocketNotifier(self._ear.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._hear)
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._announce)
        self._last = 0.0

    def ringer(self) -> Callable[[], None]:
        """A function for workers, free of Qt."""
        clapper = self._clapper

        def ring() -> None:
            # a full buffer means that the bell is ringing already
            with suppress(BlockingIOError):
                clapper.send(b"\0")

        return ring

    def again(self) -> None:
        """Ring once more after the pause: something was left over."""
        if not self._timer.isActive():
            self._timer.start(FLUSH_MS)

    def close(self) -> None:
        self._notifier.setEnabled(False)
        self._timer.stop()
        self._ear.close()
        self._clapper.close()

    def _hear(self) -> None:
        with suppress(BlockingIOError):
            self._ear.recv(4096)
        if not self._timer.isActive():
            since = (time.monotonic() - self._last) * 1000
            self._timer.start(max(0, int(FLUSH_MS - since)))

    def _announce(self) -> None:
        self._last = time.monotonic()
        self.rung.emit()


class GarbageCollection(QObject):
    """Collects cycles on the window's thread alone, so that no worker ever deletes a QObject.

    What there is at the start, modules above all, is frozen, and again after the first collection,
    when the node's side is loaded: to look through it again and again would hold the window up
    for 40 ms each time.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        gc.freeze()
        self._loaded = False
        timer = QTimer(self, interval=_COLLECT_MS)
        timer.timeout.connect(self.collect)
        timer.start()

    def collect(self) -> None:
        gc.collect()
        if not self._loaded:
            self._loaded = True
            gc.freeze()

    def stop(self) -> None:
        gc.unfreeze()
        gc.enable()
