"""Starts the window on a desk, ends it with every thread joined, and takes its pictures."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from holdfast.presenters.desk import Desk
from holdfast.ui.actions import Actions
from holdfast.ui.bridge import GarbageCollection
from holdfast.ui.certificate_watch import CertificateWatch
from holdfast.ui.icons import Icons
from holdfast.ui.kit_watch import KitWatch
from holdfast.ui.navigator import Navigator
from holdfast.ui.node_keeper import NodeKeeper
from holdfast.ui.notifier import Notifier, Tray
from holdfast.ui.preferences import Preferences
from holdfast.ui.runner import OperationRunner
from holdfast.ui.theme import Theme
from holdfast.ui.tray import SystemTray
from holdfast.ui.watch import NodeWatch
from holdfast.ui.window import Window
from holdfast.ui.workbench import Workbench


@dataclass(frozen=True, slots=True)
class WindowSettings:
    """node_name: how the sidebar calls the node. preferences: an ini file of the window's own.

    demo_repository: what *Try the demo app* fills in; None hides it.
    """

    node_name: str = "This machine"
    demo_repository: str | None = None
    preferences: Path | None = None


class Session(QObject):
    """A window with everything behind it. end() cancels all work and waits for it."""

    def __init__(
        self,
        application: QApplication,
        desk: Desk,
        settings: WindowSettings,
        tray: Tray | None = None,
    ) -> None:
        """tray: None for the desktop's own."""
        super().__init__()
        self.runner = OperationRunner(self)
        self.watch = NodeWatch(desk, self.runner, self)
        preferences = Preferences(settings.preferences)
        self.keeper = NodeKeeper(desk, self.runner, preferences, settings.node_name, self)
        self.theme = Theme(application, preferences.mode)
        navigator = Navigator(self)
        self.bench = Workbench(
            desk=desk,
            runner=self.runner,
            watch=self.watch,
            kit=KitWatch(desk, self.runner, self.watch),
            certificates=CertificateWatch(desk, self.runner, self.watch),
            keeper=self.keeper,
            theme=self.theme,
            icons=Icons(self.theme),
            navigator=navigator,
            actions=Actions(desk, self.runner, self.watch, navigator),
            preferences=preferences,
            node_name=settings.node_name,
            demo_repository=settings.demo_repository,
        )
        self.window = Window(self.bench)
        self.notifier = Notifier(
            tray or SystemTray(self.bench.icons), self.bench, self.window.raise_to_front
        )
        if preferences.geometry is not None:
            self.window.restoreGeometry(preferences.geometry)
        # what the node's side loads first would keep the window from being painted
        self.window.painted.connect(self.watch.start)
        self.window.painted.connect(self.keeper.start)

    def end(self) -> None:
        self.watch.stop()
        self.keeper.stop()
        self.notifier.stop()
        self.window.page.leave()
        self.runner.shut_down()


def run_window(desk: Desk, settings: WindowSettings | None = None) -> int:
    """Show the window until it is closed; the process's exit status."""
    application = make_application()
    garbage = GarbageCollection(application)
    session = Session(application, desk, settings or WindowSettings())
    session.window.show()
    status = application.exec()
    session.end()
    garbage.stop()
    return status


def make_application() -> QApplication:
    """The one QApplication of the process, made now or before."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    application = QApplication(sys.argv[:1])
    application.setApplicationName("holdfast")
    application.setApplicationDisplayName("Holdfast")
    application.setDesktopFileName("holdfast")
    return application
