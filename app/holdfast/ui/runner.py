"""Runs operations on background threads, one lane per target, and reports to the window."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Thread
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from holdfast.domain.operation import CancelToken, Operation, Outcome, drive
from holdfast.presenters.activity import Record
from holdfast.ui.bridge import Bell, Mailbox

#: So many targets work at once; questions are short and never wait for a deploy.
_LANES = 6
_QUESTIONS = 4


class RunningOperation(QObject):
    """An operation under way, or ended.

    updated: a batch of Updates. changed: the record has news. finished: its Outcome.
    recorded: whether a user will look at its steps and its output; a follower's would be copied
    for nobody.
    """

    updated = Signal(list)
    changed = Signal()
    finished = Signal(object)

    def __init__(
        self,
        operation: Operation[Any],
        ring: Callable[[], None],
        parent: QObject,
        recorded: bool = True,
    ) -> None:
        super().__init__(parent)
        self.operation = operation
        self._recorded = recorded
        self.token = CancelToken()
        self.mailbox = Mailbox(ring)
        self.record = Record(operation, time.monotonic())
        self.outcome: Outcome[Any] | None = None

    def cancel(self) -> None:
        if self.outcome is None:
            self.record.cancelling()
            self.changed.emit()
            self.token.cancel()

    def deliver(self) -> bool:
        """Hand on what has arrived; whether the operation is over."""
        batch = self.mailbox.take()
        if batch:
            if self._recorded:
                self.record.add(batch)
            self.updated.emit([update for _, update in batch])
            self.changed.emit()
        return self.mailbox.is_empty and self.mailbox.ended is not None

    def conclude(self) -> None:
        assert self.mailbox.ended is not None
        stamp, outcome = self.mailbox.ended
        self.outcome = outcome
        self.record.finish(stamp, outcome)
        self.changed.emit()
        self.finished.emit(outcome)


def _work(operation: Operation[Any], token: CancelToken, mailbox: Mailbox) -> None:
    """What a worker does; it knows no Qt object."""
    mailbox.close(drive(operation, token, mailbox.post))


class OperationRunner(QObject):
    """started: a RunningOperation that the user should see (not questions, not followers)."""

    started = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bell = Bell(self)
        self._bell.rung.connect(self._deliver)
        self._ring = self._bell.ringer()
        self._operations = ThreadPoolExecutor(_LANES, thread_name_prefix="operation")
        self._questions = ThreadPoolExecutor(_QUESTIONS, thread_name_prefix="question")
        self._followers: list[Thread] = []
        self._lanes: dict[str, deque[RunningOperation]] = {}
        self._active: list[RunningOperation] = []
        self._asking: list[RunningOperation] = []
        self._open = True
        self._due: deque[RunningOperation] = deque()
        self._next = QTimer(self, singleShot=True, interval=0)
        self._next.timeout.connect(self._deliver_next)

    @property
    def asking(self) -> bool:
        """Whether some page still waits for an answer."""
        return bool(self._asking)

    @property
    def shown(self) -> tuple[RunningOperation, ...]:
        """Operations of the user's that have not ended, waiting ones included."""
        return tuple(running for lane in self._lanes.values() for running in lane)

    def start(self, operation: Operation[Any]) -> RunningOperation:
        """Run one of the user's verbs; operations on one target run one after another."""
        running = RunningOperation(operation, self._ring, self)
        lane = self._lanes.setdefault(operation.target, deque())
        lane.append(running)
        if len(lane) == 1:
            self._submit(running)
        self.started.emit(running)
        return running

    def ask(
        self, operation: Operation[Any], answered: Callable[[Outcome[Any]], None]
    ) -> RunningOperation:
        """Read something for a page, outside the lanes and the activity."""
        running = self._begin(operation)
        running.finished.connect(answered)
        running.finished.connect(partial(self._answered, running))
        self._asking.append(running)
        self._questions.submit(_work, operation, running.token, running.mailbox)
        return running

    def follow(self, operation: Operation[Any]) -> RunningOperation:
        """Run a follower on a thread of its own until it ends or is cancelled."""
        running = self._begin(operation)
        thread = Thread(
            target=_work,
            args=(operation, running.token, running.mailbox),
            name=f"follower {operation.title}",
        )
        self._followers = [each for each in self._followers if each.is_alive()] + [thread]
        thread.start()
        return running

    def cancel_waiting(self, running: RunningOperation) -> None:
        """Cancel an operation; one that still waits in its lane ends at once."""
        lane = self._lanes.get(running.operation.target, deque())
        running.cancel()
        if running in lane and running is not lane[0]:
            lane.remove(running)
            running.mailbox.close(Outcome(cancelled=True))
            running.conclude()

    def shut_down(self) -> None:
        """Cancel everything and wait for every thread; further calls do nothing."""
        if not self._open:
            return
        self._open = False
        for running in (*self.shown, *self._active):
            running.token.cancel()
        self._operations.shutdown(wait=True, cancel_futures=True)
        self._questions.shutdown(wait=True, cancel_futures=True)
        for thread in self._followers:
            thread.join()
        self._bell.close()
        self._next.stop()
        self._active.clear()
        self._lanes.clear()

    def _answered(self, running: RunningOperation, outcome: Outcome[Any]) -> None:
        self._asking.remove(running)

    def _begin(self, operation: Operation[Any]) -> RunningOperation:
        running = RunningOperation(operation, self._ring, self, recorded=False)
        running.record.begin(time.monotonic())
        self._active.append(running)
        return running

    def _submit(self, running: RunningOperation) -> None:
        running.record.begin(time.monotonic())
        self._active.append(running)
        self._operations.submit(_work, running.operation, running.token, running.mailbox)

    def _deliver(self) -> None:
        self._due = deque(dict.fromkeys((*self._due, *self._active)))
        self._deliver_next()

    def _deliver_next(self) -> None:
        """One operation's news in a turn: the window paints and listens between two of them."""
        while self._due:
            running = self._due.popleft()
            if running not in self._active or not running.mailbox.has_news:
                continue
            if running.deliver():
                self._finish(running)
            elif not running.mailbox.is_empty:
                self._bell.again()
            if self._due:
                self._next.start()
            return

    def _finish(self, running: RunningOperation) -> None:
        if running not in self._active:
            return
        self._active.remove(running)
        lane = self._lanes.get(running.operation.target)
        in_lane = lane is not None and bool(lane) and lane[0] is running
        if lane is not None and in_lane:
            lane.popleft()
            if lane:
                self._submit(lane[0])
            else:
                del self._lanes[running.operation.target]
        running.conclude()
        if not in_lane:
            running.deleteLater()
