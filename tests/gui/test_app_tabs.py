"""An app's page in the window: its overview, log, releases and settings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot
from window_world import Opener, answered, memory, open_tab, page

from holdfast.domain.app import AppState
from holdfast.presenters.logs import Level
from holdfast.presenters.verbs import Verb
from holdfast.ui.screens.app import AppScreen
from holdfast.ui.tabs.app_settings import SettingsTab
from holdfast.ui.tabs.logs import LogsTab
from holdfast.ui.tabs.overview import OverviewTab
from holdfast.ui.tabs.releases import ReleasesTab
from holdfast.ui.tabs.volume import VolumeTab


def test_the_menu_of_an_app_stays_open_while_its_figures_change(
    open_window: Opener, qtbot: QtBot
) -> None:
    session = open_window()
    open_tab(session, qtbot, OverviewTab, "fleet-map")
    screen = page(session, AppScreen)
    before = screen.menu.actions()
    memory(session).node.put(replace(memory(session).node.known("fleet-map"), cpu_percent=77.0))
    qtbot.waitUntil(lambda: getattr(session.watch.app("fleet-map"), "cpu_percent", 0) == 77.0)
    assert screen.menu.actions() == before
    screen.verbs[Verb.STOP].click()
    qtbot.waitUntil(lambda: screen.menu.actions() != before)


def test_overview_shows_only_what_was_checked(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window("broken-promise")
    tab = open_tab(session, qtbot, OverviewTab)
    said = [card.accessibleName() for card in tab.cards.values()]
    assert said[0].startswith("Isolation: Kept. No capabilities")
    assert said[1].startswith("At rest: Broken. Not so: files encrypted on disk")
    tab = open_tab(session, qtbot, OverviewTab, "energy-model")
    said = [card.accessibleName() for card in tab.cards.values()]
    assert all("Not checked" in sentence for sentence in said)


def test_a_redeploy_leaves_what_was_checked_of_the_release_before(
    open_window: Opener, qtbot: QtBot
) -> None:
    session = open_window()
    tab = open_tab(session, qtbot, OverviewTab)
    deploying = replace(memory(session).node.known("sales-board"), state=AppState.DEPLOYING)
    memory(session).node.put(deploying)
    qtbot.waitUntil(lambda: session.watch.app("sales-board") == deploying)
    answered(session, qtbot)
    said = [card.accessibleName() for card in tab.cards.values()]
    assert said[0].startswith("Isolation: Kept.")


def test_overview_shows_certificate_usage_and_the_last_lines(
    open_window: Opener, qtbot: QtBot
) -> None:
    session = open_window()
    tab = open_tab(session, qtbot, OverviewTab)
    screen = page(session, AppScreen)
    assert screen.lock.accessibleName() == "Certificate: 61 d left"
    assert tab.cpu.accessibleName() == "CPU: 2 % of one core"
    qtbot.waitUntil(lambda: "session 3 closed" in tab.log.view.toPlainText())
    assert tab.log.view.document().blockCount() == 8
    tab.log.all_wanted.emit()
    assert isinstance(screen.current, LogsTab)
    stopped = open_tab(session, qtbot, OverviewTab, "energy-model")
    assert not page(session, AppScreen).lock.isVisible()
    assert not stopped.cpu.isVisible()


def test_a_log_is_followed_again_once_its_app_is_unsealed(
    open_window: Opener, qtbot: QtBot
) -> None:
    session = open_window("sealed")
    tab = open_tab(session, qtbot, LogsTab)
    assert tab.view.toPlainText() == ""
    session.bench.actions.unseal()
    qtbot.waitUntil(lambda: "session 3 closed" in tab.view.toPlainText())


def test_logs_follow_search_filter_and_save(
    open_window: Opener, qtbot: QtBot, tmp_path: Path
) -> None:
    session = open_window()
    tab = open_tab(session, qtbot, LogsTab)
    qtbot.waitUntil(lambda: "session 3 closed" in tab.view.toPlainText())
    tab.level.setCurrentIndex(tab.level.findData(Level.ERROR))
    errors = tab.view.toPlainText().splitlines()
    assert errors[0].endswith("ERROR could not draw the map")
    assert "    st.map(frame[columns])" in errors
    assert len(errors) == 5
    qtbot.keyClicks(tab.search, "latitude")
    assert tab.view.toPlainText() == "KeyError: 'latitude'"
    tab.save(tmp_path / "app.log")
    assert (tmp_path / "app.log").read_text().count("\n") == 16


def test_a_log_that_cannot_be_read_is_not_said_to_be_empty(
    open_window: Opener, qtbot: QtBot
) -> None:
    session = open_window("sealed")
    tab = open_tab(session, qtbot, LogsTab)
    qtbot.waitUntil(lambda: tab.nothing.isVisible() and tab.nothing.text() == "")
    said = [each.text() for each in tab.findChildren(QLabel)]
    assert "The volume of sales-board is sealed." in said


def test_a_release_is_rolled_back(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window()
    tab = open_tab(session, qtbot, ReleasesTab)
    tab.list.choose("r0")
    assert not tab.roll_back.isEnabled()
    tab.list.choose("r2")
    tab.roll_back.click()
    qtbot.waitUntil(lambda: memory(session).node.known("sales-board").release == "r2")


def test_new_limits_redeploy_with_everything_else_as_it_was(
    open_window: Opener, qtbot: QtBot
) -> None:
    session = open_window()
    tab = open_tab(session, qtbot, SettingsTab)
    assert not tab.apply.isEnabled()
    tab.memory.setValue(2048)
    tab.apply.click()
    asked = memory(session).asked
    qtbot.waitUntil(lambda: bool(asked))
    assert asked[0].memory_bytes == 2 << 30
    assert asked[0].repository == "https://git.example.lan/team/sales-board"
    assert (asked[0].name, asked[0].cpus, asked[0].replace) == ("sales-board", 1.0, True)


def test_a_volume_gets_another_key_also_while_it_is_sealed(
    open_window: Opener, qtbot: QtBot
) -> None:
    for fault in ((), ("sealed",)):
        session = open_window(*fault)
        tab = open_tab(session, qtbot, VolumeTab)
        assert any("shuts nobody out" in each.text() for each in tab.findChildren(QLabel))
        assert not tab.key.told.isVisible()
        tab.key.change.click()
        qtbot.waitUntil(tab.key.told.isVisible)
        assert tab.key.change.isEnabled()
        session.window.close()


def test_a_key_that_cannot_be_changed_says_why(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window("locked-keychain")
    tab = open_tab(session, qtbot, VolumeTab)
    tab.key.change.click()
    qtbot.waitUntil(tab.key.change.isEnabled)
    said = [each.text() for each in tab.findChildren(QLabel) if each.isVisible()]
    assert "GNOME Keyring is locked." in said
    assert not tab.key.told.isVisible()


def test_settings_that_are_not_known_are_not_shown(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window("sealed")
    tab = open_tab(session, qtbot, SettingsTab)
    assert not tab.memory.isVisible()
    assert not tab.apply.isVisible()


def test_releases_that_cannot_be_read_say_why(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window("sealed")
    tab = open_tab(session, qtbot, ReleasesTab)
    said = [each.text() for each in tab.instead.findChildren(QLabel)]
    assert "The volume of sales-board is sealed." in said


def test_an_app_that_goes_away_takes_its_page_along(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window()
    open_tab(session, qtbot, OverviewTab)
    screen = page(session, AppScreen)
    session.runner.start(session.bench.desk.remove(screen.name))
    qtbot.waitUntil(lambda: not screen.tabs.isEnabled())
    assert not any(made.isVisible() for made in screen.verbs.values())
