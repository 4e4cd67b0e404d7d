"""What the tests of the window reach: its desk in memory, its pages, and the tabs of an app."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from memory_desk import MemoryDesk
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from holdfast.ui.application import Session
from holdfast.ui.rows import KEY
from holdfast.ui.screens.app import AppScreen
from holdfast.ui.screens.apps import AppsScreen
from holdfast.ui.tabs.access import AccessTab
from holdfast.ui.tabs.app_settings import SettingsTab
from holdfast.ui.tabs.certificate import CertificateTab
from holdfast.ui.tabs.figures import FiguresTab
from holdfast.ui.tabs.logs import LogsTab
from holdfast.ui.tabs.overview import OverviewTab
from holdfast.ui.tabs.proof import ProofTab
from holdfast.ui.tabs.releases import ReleasesTab
from holdfast.ui.tabs.secrets import SecretsTab
from holdfast.ui.tabs.telemetry import TelemetryTab
from holdfast.ui.tabs.volume import VolumeTab

#: what the fixture `open_window` is
Opener = Callable[..., Session]
Part = TypeVar("Part")
TABS = (
    OverviewTab,
    LogsTab,
    ReleasesTab,
    SecretsTab,
    AccessTab,
    VolumeTab,
    CertificateTab,
    FiguresTab,
    TelemetryTab,
    ProofTab,
    SettingsTab,
)


def memory(session: Session) -> MemoryDesk:
    desk = session.bench.desk
    assert isinstance(desk, MemoryDesk)
    return desk


def page(session: Session, kind: type[Part]) -> Part:
    found = session.window.page
    assert isinstance(found, kind)
    return found


def listed(session: Session) -> list[str]:
    """The apps of the list, as they are shown."""
    model = page(session, AppsScreen).list.filtered
    return [model.index(at, 0).data(KEY) for at in range(model.rowCount())]


def words(widget: QWidget) -> str:
    """What is read in it, a line each label."""
    shown = (each for each in widget.findChildren(QLabel) if each.isVisible())
    return "\n".join(each.text() for each in shown)


def answered(session: Session, qtbot: QtBot) -> None:
    """Nothing is asked any more: what a page shows is what it will show."""
    qtbot.waitUntil(lambda: not session.runner.asking)


def open_tab(session: Session, qtbot: QtBot, kind: type[Part], app: str = "sales-board") -> Part:
    session.window.go_to_app(app)
    screen = page(session, AppScreen)
    screen.show_tab(TABS.index(kind))
    answered(session, qtbot)
    tab = screen.current
    assert isinstance(tab, kind)
    return tab
