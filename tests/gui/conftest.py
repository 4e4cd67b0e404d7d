"""A window on a desk in memory, off screen, with every thread joined at the end."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from memory_desk import MemoryDesk
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from window_world import Opener

from holdfast.presenters.unsealing import UnsealMode
from holdfast.ui.application import Session, WindowSettings
from holdfast.ui.notifier import Tray
from holdfast.ui.runner import OperationRunner
from holdfast.ui.theme import Mode


@pytest.fixture(autouse=True)
def _garbage_on_this_thread() -> Iterator[None]:
    """As the window itself does: a worker's collector must not delete a QObject."""
    gc.disable()
    yield
    gc.enable()


@pytest.fixture
def runner(qapp: QApplication) -> Iterator[OperationRunner]:
    made = OperationRunner()
    yield made
    made.shut_down()


@pytest.fixture
def open_window(qapp: QApplication, qtbot: QtBot) -> Iterator[Opener]:
    """Call it with the names of faults; the node has answered when it returns."""
    opened: list[Session] = []

    def make(
        *faults: str,
        size: tuple[int, int] = (1280, 800),
        unseal: UnsealMode = UnsealMode.ASK,
        tray: Tray | None = None,
        preferences: Path | None = None,
        desk: MemoryDesk | None = None,
    ) -> Session:
        settings = WindowSettings("workshop", "/home/ada/demo", preferences)
        session = Session(qapp, desk or MemoryDesk(*faults), settings, tray)
        opened.append(session)
        session.theme.choose(Mode.LIGHT)
        session.keeper.choose(unseal)
        session.window.resize(*size)
        session.window.show()
        session.window.setFocus(Qt.FocusReason.OtherFocusReason)
        qtbot.waitUntil(lambda: bool(session.watch.snapshot or session.watch.problem))
        return session

    yield make
    for session in opened:
        session.end()
        session.window.close()
        session.window.deleteLater()
    qapp.processEvents()
