"""What is told by the tray to somebody who does not look at the window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtWidgets import QSystemTrayIcon
from pytestqt.qtbot import QtBot
from window_world import Opener, answered, memory, page

from holdfast.domain.app import AppState
from holdfast.presenters.tray import TrayMessage
from holdfast.presenters.unsealing import UnsealMode
from holdfast.ui.application import Session
from holdfast.ui.screens.app import AppScreen
from holdfast.ui.screens.apps import AppsScreen
from holdfast.ui.screens.certificates import CertificatesScreen
from holdfast.ui.tray import SystemTray


class PaperTray:
    """Keeps what it was told."""

    def __init__(self, available: bool = True) -> None:
        self.available = available
        self.messages: list[TrayMessage] = []
        self.opened: Callable[[], None] = lambda: None
        self.hidden = False

    def show(self, message: TrayMessage, opened: Callable[[], None]) -> None:
        self.messages.append(message)
        self.opened = opened

    def hide(self) -> None:
        self.hidden = True

    @property
    def titles(self) -> list[str]:
        return [each.title for each in self.messages]


def seen_in(session: Session, qtbot: QtBot, state: AppState, name: str) -> None:
    def is_seen() -> bool:
        app = session.watch.app(name)
        return app is not None and app.state is state

    qtbot.waitUntil(is_seen)


def look(session: Session, qtbot: QtBot) -> None:
    answered(session, qtbot)
    session.bench.certificates.read()
    answered(session, qtbot)


def test_a_failed_renewal_is_told_once_also_by_the_next_window(
    open_window: Opener, qtbot: QtBot, tmp_path: Path
) -> None:
    tray, kept = PaperTray(), tmp_path / "window.ini"
    session = open_window("stuck-renewal", tray=tray, preferences=kept)
    look(session, qtbot)
    [message] = tray.messages
    assert message.title == "9 warnings about certificates"
    assert message.text.startswith("sales-board.localhost (visitors) could not be renewed\n")
    assert message.severe
    assert "\nand 6 more\nThe last renewal failed" in message.text
    look(session, qtbot)
    assert tray.messages == [message]
    tray.opened()
    assert isinstance(session.window.page, CertificatesScreen)
    desk = memory(session)
    session.bench.preferences.save()
    other = PaperTray()
    again = open_window(tray=other, preferences=kept, desk=desk)
    look(again, qtbot)
    assert other.messages == []


def test_what_is_well_or_is_not_known_is_not_told(open_window: Opener, qtbot: QtBot) -> None:
    tray = PaperTray()
    look(open_window(tray=tray), qtbot)
    look(open_window("offline", tray=tray), qtbot)
    assert tray.messages == []


def test_an_app_that_crashes_is_told_once_in_an_hour(open_window: Opener, qtbot: QtBot) -> None:
    tray = PaperTray()
    session = open_window(tray=tray)
    answered(session, qtbot)
    well = memory(session).node.known("fleet-map")
    for state in (AppState.CRASHED, AppState.RUNNING, AppState.CRASHED):
        memory(session).node.put(replace(well, state=state))
        seen_in(session, qtbot, state, "fleet-map")
    assert tray.titles == ["fleet-map has crashed"]
    tray.opened()
    assert page(session, AppScreen).name == "fleet-map"


def test_apps_that_crash_at_once_are_told_as_one(open_window: Opener, qtbot: QtBot) -> None:
    tray = PaperTray()
    session = open_window(tray=tray)
    answered(session, qtbot)
    node = memory(session).node
    running = [app for app in node.snapshot().apps if app.state is AppState.RUNNING][:2]
    with node.changed:
        for app in running:
            node.put(replace(app, state=AppState.CRASHED))
    seen_in(session, qtbot, AppState.CRASHED, running[0].name)
    assert tray.titles == ["2 apps have crashed"]
    tray.opened()
    assert isinstance(session.window.page, AppsScreen)


@pytest.mark.parametrize(
    ("mode", "on_purpose", "told"),
    [
        (UnsealMode.ASK, False, ["7 apps are sealed"]),
        (UnsealMode.ASK, True, []),
        (UnsealMode.BY_ITSELF, False, []),
    ],
)
def test_apps_that_are_sealed_are_told_where_somebody_has_to_unseal_them(
    open_window: Opener, qtbot: QtBot, mode: UnsealMode, on_purpose: bool, told: list[str]
) -> None:
    tray = PaperTray()
    # while its keychain is locked nothing is unsealed
    session = open_window("locked-keychain", tray=tray, unseal=mode)
    answered(session, qtbot)
    memory(session).node.seal(on_purpose=on_purpose)
    seen_in(session, qtbot, AppState.SEALED, "fleet-map")
    assert tray.titles == told


def test_without_a_tray_nothing_is_told_and_nothing_counts_as_told(
    open_window: Opener, qtbot: QtBot
) -> None:
    tray = PaperTray(available=False)
    session = open_window("stuck-renewal", tray=tray)
    look(session, qtbot)
    assert tray.messages == []
    tray.available = True
    look(session, qtbot)
    assert tray.messages
    session.end()
    assert tray.hidden


def test_the_desktops_own_tray_leads_from_a_message_to_its_page(open_window: Opener) -> None:
    tray = SystemTray(open_window().bench.icons)
    # off screen there is none
    assert not tray.available
    opened: list[str] = []
    tray.hide()
    for title in ("first", "second"):
        tray.show(TrayMessage(title, title, "text"), partial(opened.append, title))
    [icon] = tray.findChildren(QSystemTrayIcon)
    assert not icon.icon().isNull()
    icon.messageClicked.emit()
    assert opened == ["second"]
    tray.hide()
    assert not icon.isVisible()
