"""The Telemetry tab: what holds and why, a question before it goes against the repository."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot
from window_world import Opener, memory, open_tab

from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken, drive
from holdfast.domain.page_sources import Allowed, PageSources
from holdfast.domain.requests import AppTelemetry
from holdfast.domain.telemetry import Telemetry
from holdfast.ui.application import Session
from holdfast.ui.tabs.telemetry import TelemetryTab

APP = AppName("sales-board")


def told(session: Session) -> AppTelemetry:
    found = drive(memory(session).telemetry(APP), CancelToken(), lambda update: None).result
    assert found is not None
    return found


def choose(tab: TelemetryTab, choice: Telemetry) -> None:
    tab.choice.setCurrentIndex(tab.choice.findData(choice))


def press(button: object) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)  # type: ignore[call-overload]


def test_a_new_app_sends_none_and_it_says_why(open_window: Opener, qtbot: QtBot) -> None:
    tab = open_tab(open_window(), qtbot, TelemetryTab)
    assert tab.choice.currentText() == "Off"
    assert tab.statistics.said == "Off now. It is set for this app."
    assert not tab.apply.isVisible()
    said = "\n".join(each.text() for each in tab.leaves.findChildren(QLabel))
    assert "scripts may not connect to data.streamlit.io and webhooks.fivetran.com;" in said
    assert "From Holdfast itself\nNothing." in said


def test_what_is_chosen_says_that_it_takes_a_restart(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window()
    tab = open_tab(session, qtbot, TelemetryTab)
    choose(tab, Telemetry.AS_REPOSITORY)
    assert tab.apply.text() == "Apply and restart sales-board"
    press(tab.apply)
    qtbot.waitUntil(lambda: told(session).choice is Telemetry.AS_REPOSITORY)
    qtbot.waitUntil(lambda: tab.statistics.said.startswith("On now. The repository says nothing"))
    assert not tab.apply.isVisible()


def test_what_the_repository_names_is_proposed(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window("maps")
    tab = open_tab(session, qtbot, TelemetryTab)
    said = [each.text() for each in tab.used.findChildren(QLabel)]
    assert said[said.index("tiles.example.org") + 1] == "app.py line 12"
    assert not tab.list_used.isVisible()
    tab.allowed.setCurrentIndex(tab.allowed.findData(Allowed.LISTED))
    tab.hosts.setText("own.example.org, tiles.example.org")
    press(tab.list_used)
    assert tab.hosts.text() == "own.example.org tiles.example.org *.cartocdn.com fonts.example.org"
    assert not tab.list_used.isVisible()
    press(tab.apply_sources)
    qtbot.waitUntil(lambda: told(session).sources.allowed is Allowed.LISTED)
    assert "*.cartocdn.com" in told(session).sources.hosts
    assert not open_tab(open_window(), qtbot, TelemetryTab).used.isVisible()


def test_against_the_repository_it_asks_first(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window("no-statistics")
    tab = open_tab(session, qtbot, TelemetryTab)
    choose(tab, Telemetry.ON)
    press(tab.apply)
    assert tab.confirm.isVisible()
    assert told(session).choice is Telemetry.OFF
    choose(tab, Telemetry.OFF)
    assert not tab.confirm.isVisible()
    choose(tab, Telemetry.ON)
    press(tab.apply)
    tab.confirm.acted.emit()
    qtbot.waitUntil(lambda: told(session).choice is Telemetry.ON)


def test_what_deletes_figures_asks_first_and_says_how_many(
    open_window: Opener, qtbot: QtBot
) -> None:
    session = open_window()
    tab = open_tab(session, qtbot, TelemetryTab)
    choose(tab, Telemetry.ON)
    press(tab.apply)
    qtbot.waitUntil(lambda: told(session).figures == 1 and tab.statistics.said.startswith("On"))
    choose(tab, Telemetry.OFF)
    press(tab.apply)
    assert tab.confirm.isVisible()
    assert told(session).figures == 1
    tab.confirm.acted.emit()
    qtbot.waitUntil(lambda: tab.receipt.text().startswith("1 measurement deleted at"))
    assert "0 left" in tab.receipt.text()
    assert told(session).figures is None
    qtbot.waitUntil(lambda: tab.statistics.said.startswith("Off"))
    # nothing is there to be asked about
    choose(tab, Telemetry.AS_REPOSITORY)
    press(tab.apply)
    assert not tab.confirm.isVisible()


def test_hosts_are_judged_while_they_are_typed(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window()
    tab = open_tab(session, qtbot, TelemetryTab)
    tab.allowed.setCurrentIndex(tab.allowed.findData(Allowed.LISTED))
    tab.hosts.setText("b@d")
    assert not tab.apply_sources.isEnabled()
    tab.hosts.setText("tiles.example.org, *.example.com")
    assert tab.apply_sources.isEnabled()
    press(tab.apply_sources)
    listed = PageSources(Allowed.LISTED, ("tiles.example.org", "*.example.com"))
    qtbot.waitUntil(lambda: told(session).sources == listed)


def test_of_a_sealed_app_it_says_why_nothing_is_shown(open_window: Opener, qtbot: QtBot) -> None:
    tab = open_tab(open_window("sealed"), qtbot, TelemetryTab)
    assert not tab.leaves.isVisible()
