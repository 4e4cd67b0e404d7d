"""Tells what somebody has to know who does not look at the window: once each, by the tray."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from PySide6.QtCore import QObject

from holdfast.domain.node import Snapshot
from holdfast.presenters.tray import (
    TrayMessage,
    app_messages,
    certificate_messages,
    crashes_together,
    together,
)
from holdfast.presenters.unsealing import UnsealMode
from holdfast.ui.workbench import Workbench

#: An app that crashes again and again is told of this often.
_PAUSE = timedelta(hours=1)


class Tray(Protocol):
    """Where a desktop shows messages."""

    @property
    def available(self) -> bool:
        """Whether there is one at all, right now."""

    def show(self, message: TrayMessage, opened: Callable[[], None]) -> None:
        """opened: called when somebody clicks it."""

    def hide(self) -> None:
        """Leave nothing in it."""


class Notifier(QObject):
    """raise_window: brings the window to the front."""

    def __init__(self, tray: Tray, bench: Workbench, raise_window: Callable[[], None]) -> None:
        super().__init__(bench.watch)
        self._tray = tray
        self._bench = bench
        self._raise = raise_window
        #: of certificates: kept, so that a window that is opened again does not repeat them
        self._told = bench.preferences.told(bench.node_name)
        self._when: dict[str, datetime] = {}
        self._seen: Snapshot | None = None
        bench.watch.changed.connect(self._look_at_apps)
        bench.certificates.changed.connect(self._look_at_certificates)

    def stop(self) -> None:
        self._tray.hide()

    def _look_at_certificates(self) -> None:
        found = self._bench.certificates.found
        if found is None or not self._tray.available:
            return
        messages = certificate_messages(found)
        self._show(together([each for each in messages if each.key not in self._told]))
        told = frozenset(each.key for each in messages)
        # while there is no edge, nothing is seen of any certificate
        if told != self._told and found.rows:
            self._told = told
            self._bench.preferences.keep_told(self._bench.node_name, told)

    def _look_at_apps(self) -> None:
        watch, before = self._bench.watch, self._seen
        now = watch.snapshot
        if now is None or watch.problem is not None or now == before:
            return
        self._seen = now
        by_itself = self._bench.keeper.mode is UnsealMode.BY_ITSELF
        if self._tray.available:
            messages = app_messages(before, now, by_itself)
            self._show(crashes_together([each for each in messages if self._is_time(each)]))

    def _is_time(self, message: TrayMessage) -> bool:
        now, last = self._bench.watch.now(), self._when.get(message.key)
        if last is not None and now - last < _PAUSE:
            return False
        self._when[message.key] = now
        return True

    def _show(self, messages: Iterable[TrayMessage]) -> None:
        for message in messages:
            self._tray.show(message, partial(self._open, message))

    def _open(self, message: TrayMessage) -> None:
        self._raise()
        if message.app is None:
            self._bench.navigator.place_wanted.emit(message.place)
        else:
            self._bench.navigator.app_wanted.emit(message.app)
