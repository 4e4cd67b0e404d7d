"""The window walked through as a user would, on a desk in memory with named faults."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot
from window_world import Opener, listed, memory, open_tab, page

from holdfast.domain.app import AppState
from holdfast.presenters.verbs import Place, Verb
from holdfast.ui.palette import Palette
from holdfast.ui.screens.app import AppScreen
from holdfast.ui.screens.apps import AppsScreen
from holdfast.ui.screens.new_app import NewAppScreen
from holdfast.ui.screens.remove import RemoveScreen
from holdfast.ui.screens.volumes import VolumesScreen
from holdfast.ui.tabs.overview import OverviewTab
from holdfast.ui.theme import LIGHT


def test_the_desktop_lists_the_window_by_an_icon_of_its_own(open_window: Opener) -> None:
    window = open_window().window
    image = window.windowIcon().pixmap(36, 36).toImage()
    assert image.pixelColor(18, 2).name() == LIGHT.accent
    assert image.pixelColor(0, 0).alpha() == 0


def test_the_list_follows_the_node(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window()
    desk = memory(session)
    apps = page(session, AppsScreen).list
    apps.choose("fleet-map")
    open_tab(session, qtbot, OverviewTab)
    page(session, AppScreen).verbs[Verb.STOP].click()
    qtbot.waitUntil(lambda: desk.node.known("sales-board").state is AppState.STOPPED)
    session.window.go(Place.APPS)
    qtbot.waitUntil(
        lambda: any(
            row.key == "sales-board" and row.cells[1].text == "Stopped" for row in apps.rows.rows
        )
    )
    assert apps.current_key == "fleet-map"


def test_a_list_that_nobody_sees_is_drawn_when_it_is_gone_to(
    open_window: Opener, qtbot: QtBot
) -> None:
    session = open_window()
    apps = page(session, AppsScreen).list
    session.window.go(Place.SETTINGS)
    node = memory(session).node
    node.put(replace(node.known("fleet-map"), state=AppState.CRASHED))
    watch = session.watch
    qtbot.waitUntil(lambda: getattr(watch.app("fleet-map"), "state", None) is AppState.CRASHED)
    assert "Crashed" not in [row.cells[1].text for row in apps.rows.rows if row.key == "fleet-map"]
    session.window.go(Place.APPS)
    assert "Crashed" in [row.cells[1].text for row in apps.rows.rows if row.key == "fleet-map"]


def test_a_window_that_nobody_sees_wants_nothing_measured(
    open_window: Opener, qtbot: QtBot
) -> None:
    session = open_window()
    looked_at = session.watch.looked_at
    assert looked_at.is_set()
    session.window.showMinimized()
    qtbot.waitUntil(lambda: not looked_at.is_set())
    session.window.showNormal()
    qtbot.waitUntil(looked_at.is_set)
    session.window.hide()
    qtbot.waitUntil(lambda: not looked_at.is_set())
    # nor is anything drawn that may be old
    app = session.watch.app("sales-board")
    assert app is not None
    full = replace(app, memory_bytes=app.memory_limit)
    memory(session).node.put(full)
    qtbot.waitUntil(lambda: session.watch.app("sales-board") == full)
    assert 1.0 not in session.watch.usage.memory(full, session.watch.now())


def test_search_narrows_and_says_when_nothing_matches(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window("crowded")
    screen = page(session, AppsScreen)
    assert len(listed(session)) == 200
    assert not screen.search.isClearButtonEnabled()
    qtbot.keyClicks(screen.search, "payroll")
    assert screen.search.isClearButtonEnabled()
    assert listed(session) == ["payroll-forecast"]
    qtbot.keyClicks(screen.search, "zzz")
    assert screen.stack.currentWidget() is screen.instead
    screen.instead.acted.emit()
    assert len(listed(session)) == 200


def test_an_empty_node_offers_the_first_app(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window("empty")
    screen = page(session, AppsScreen)
    assert screen.stack.currentWidget() is screen.empty
    qtbot.keyClicks(screen.empty.field, "https://git.example.lan/team/first")
    qtbot.keyClick(screen.empty.field, Qt.Key.Key_Return)
    assert page(session, NewAppScreen).repository.text() == "https://git.example.lan/team/first"


def test_an_empty_node_offers_the_demo(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window("empty")
    page(session, AppsScreen).empty.demo.click()
    qtbot.waitUntil(lambda: isinstance(session.window.page, NewAppScreen))
    assert page(session, NewAppScreen).repository.text() == "/home/ada/demo"


def test_a_node_that_does_not_run_is_started_and_stays_sealed(
    open_window: Opener, qtbot: QtBot
) -> None:
    session = open_window("stopped")
    screen = page(session, AppsScreen)
    qtbot.waitUntil(lambda: session.watch.stopped)
    said = [each.text() for each in screen.instead.findChildren(QLabel)]
    assert "The node is not running" in said
    screen.instead.acted.emit()
    qtbot.waitUntil(lambda: len(listed(session)) == 7)
    assert screen.notice.isVisible()
    assert {row.cells[1].text for row in screen.list.rows.rows} == {"Sealed"}


def test_a_node_that_does_not_answer_is_tried_again(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window("offline")
    screen = page(session, AppsScreen)
    assert screen.stack.currentWidget() is screen.instead
    memory(session).node.repair("offline")
    screen.instead.acted.emit()
    qtbot.waitUntil(lambda: len(listed(session)) == 7)
    assert screen.stack.currentWidget() is screen.list


def test_a_lost_node_keeps_the_list_and_says_so(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window()
    memory(session).node.break_off("offline")
    screen = page(session, AppsScreen)
    qtbot.waitUntil(screen.notice.isVisible)
    assert len(listed(session)) == 7


def test_a_sealed_node_is_unsealed(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window("sealed")
    screen = page(session, AppsScreen)
    assert screen.notice.isVisible()
    screen.notice.acted.emit()
    qtbot.waitUntil(lambda: not screen.notice.isVisible())


def test_removal_asks_for_the_name_and_hands_out_a_receipt(
    open_window: Opener, qtbot: QtBot, tmp_path: Path
) -> None:
    session = open_window()
    session.window.go_to_removal("sales-board")
    screen = page(session, RemoveScreen)
    qtbot.keyClicks(screen.verb.typed, "sales-boar")
    assert not screen.verb.confirm.isEnabled()
    qtbot.keyClicks(screen.verb.typed, "d")
    screen.verb.confirm.click()
    qtbot.waitUntil(lambda: screen.receipt is not None)
    assert len(screen.list.rows.rows) == 9
    screen.save(tmp_path / "receipt.txt")
    assert "found 0 left" in (tmp_path / "receipt.txt").read_text()
    assert screen.key_sentence.isVisible()
    assert screen.key_sentence.text().startswith("Key destroyed at ")
    session.window.go_back()
    qtbot.waitUntil(lambda: "sales-board" not in listed(session))


def test_what_a_removal_left_comes_first(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window("leftovers")
    session.window.go_to_removal("sales-board")
    screen = page(session, RemoveScreen)
    qtbot.keyClicks(screen.verb.typed, "sales-board")
    screen.verb.confirm.click()
    qtbot.waitUntil(lambda: screen.receipt is not None)
    assert screen.list.rows.rows[0].cells[0].text == "Left: volume"


def test_the_volumes_of_all_apps_are_listed(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window()
    session.window.go(Place.VOLUMES)
    screen = page(session, VolumesScreen)
    qtbot.waitUntil(lambda: len(screen.list.rows.rows) == 7)
    qtbot.keyClicks(screen.search, "zebra")
    assert screen.instead.isVisible()
    qtbot.mouseClick(screen.instead.findChildren(QPushButton)[0], Qt.MouseButton.LeftButton)
    assert screen.list.isVisible()


def test_volumes_that_cannot_be_read_are_not_said_to_be_missing(
    open_window: Opener, qtbot: QtBot
) -> None:
    session = open_window("offline")
    session.window.go(Place.VOLUMES)
    screen = page(session, VolumesScreen)
    said = [each.text() for each in screen.instead.findChildren(QLabel)]
    assert "The node does not answer." in said
    memory(session).node.repair("offline")
    session.watch.start()
    qtbot.waitUntil(lambda: len(screen.list.rows.rows) == 7)


def test_the_palette_leads_to_an_app(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window()
    session.window.open_palette()
    palette = session.window.findChild(Palette)
    assert palette is not None
    qtbot.keyClicks(palette.field, "go fleet")
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert page(session, AppScreen).name == "fleet-map"


def test_the_palette_says_when_nothing_matches(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window()
    session.window.open_palette()
    palette = session.window.findChild(Palette)
    assert palette is not None
    qtbot.keyClicks(palette.field, "zebra")
    assert palette.nothing.isVisible()
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert palette.isVisible()


def test_a_long_name_has_the_room_that_its_address_would_take(open_window: Opener) -> None:
    session = open_window(size=(1024, 640))
    name = "annual-report-of-the-northern-region"
    session.window.go_to_app(name)
    screen = page(session, AppScreen)
    assert screen.title.text() == name or screen.address.width() == 0
    session.window.resize(2000, 640)
    assert (screen.title.text(), screen.address.text()) == (name, f"{name}.localhost:8443")
