"""The window walked through as a user would, on a desk in memory with named faults."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot
from window_world import Opener, answered, memory, open_tab, page

from holdfast.domain.app import AppState
from holdfast.presenters.activity import Phase
from holdfast.presenters.logs import Level
from holdfast.presenters.verbs import Place, Verb
from holdfast.ui.application import Session
from holdfast.ui.palette import Palette
from holdfast.ui.rows import KEY
from holdfast.ui.screens.app import AppScreen
from holdfast.ui.screens.apps import AppsScreen
from holdfast.ui.screens.new_app import NewAppScreen
from holdfast.ui.screens.remove import RemoveScreen
from holdfast.ui.screens.volumes import VolumesScreen
from holdfast.ui.tabs.app_settings import SettingsTab
from holdfast.ui.tabs.logs import LogsTab
from holdfast.ui.tabs.overview import OverviewTab
from holdfast.ui.tabs.releases import ReleasesTab
from holdfast.ui.widgets.operation_view import OperationView


def listed(session: Session) -> list[str]:
    model = page(session, AppsScreen).list.filtered
    return [model.index(at, 0).data(KEY) for at in range(model.rowCount())]


def read_repository(session: Session, qtbot: QtBot) -> NewAppScreen:
    session.window.go_to_new_app()
    screen = page(session, NewAppScreen)
    qtbot.keyClicks(screen.repository, "git@git.example.lan:team/harbour-traffic.git")
    qtbot.keyClick(screen.repository, Qt.Key.Key_Return)
    answered(session, qtbot)
    return screen


def deployment(screen: NewAppScreen) -> OperationView:
    assert screen.progress is not None
    assert screen.progress.view is not None
    return screen.progress.view


def test_a_new_app_is_found_proposed_and_deployed(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window()
    screen = read_repository(session, qtbot)
    form = screen.found.form("x")
    assert (form.branch, form.entrypoint, form.python) == ("main", "streamlit_app.py", "3.13")
    assert (form.name, form.host_name) == ("harbour-traffic", "harbour-traffic.localhost")
    qtbot.mouseClick(screen.deploy, Qt.MouseButton.LeftButton)
    view = deployment(screen)
    qtbot.waitUntil(lambda: view.running.outcome is not None)
    assert [step.title for step in view.running.record.steps][:3] == [
        "Prepare",
        "Fetch the code",
        "Resolve dependencies",
    ]
    assert "Resolved 41 packages" in view.output.toPlainText()
    assert screen.progress is not None
    assert screen.progress.open.isVisible()
    session.window.go(Place.APPS)
    qtbot.waitUntil(lambda: "harbour-traffic" in listed(session))


def test_deploy_waits_until_the_name_is_free(open_window: Opener, qtbot: QtBot) -> None:
    screen = read_repository(open_window(), qtbot)
    name = screen.found.findChild(QLineEdit, "name")
    assert name is not None
    name.clear()
    qtbot.keyClicks(name, "sales-board")
    assert not screen.deploy.isEnabled()
    assert "in use" in name.accessibleDescription()
    qtbot.keyClicks(name, "-two")
    assert screen.deploy.isEnabled()
    assert screen.found.form("x").host_name == "sales-board-two.localhost"


def test_another_branch_is_read_anew(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window()
    screen = read_repository(session, qtbot)
    screen.found.choose_branch("main")
    screen.found.branch_chosen.emit("develop")
    answered(session, qtbot)
    assert screen.found.form("x").branch == "develop"


def test_an_unreadable_repository_is_told_at_the_field(open_window: Opener, qtbot: QtBot) -> None:
    screen = read_repository(open_window("no-such-repository"), qtbot)
    assert screen.problem.isVisible()
    assert not screen.found.isVisible()
    assert not screen.deploy.isEnabled()


def test_a_failed_deploy_says_why_and_can_be_retried(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window("fails-on-deploy")
    screen = read_repository(session, qtbot)
    qtbot.mouseClick(screen.deploy, Qt.MouseButton.LeftButton)
    first = deployment(screen)
    qtbot.waitUntil(lambda: first.running.record.phase is Phase.FAILED)
    assert first.running.record.problem is not None
    assert "pandas>=9" in first.running.record.problem.why
    first.copy.click()
    assert "Resolve dependencies" in QGuiApplication.clipboard().text()
    memory(session).repair("fails-on-deploy")
    first.retry.click()
    assert screen.progress is not None
    qtbot.waitUntil(screen.progress.open.isVisible)


def test_a_deploy_is_cancelled_and_leaves_nothing(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window("slow")
    screen = read_repository(session, qtbot)
    qtbot.mouseClick(screen.deploy, Qt.MouseButton.LeftButton)
    view = deployment(screen)
    qtbot.waitUntil(lambda: view.running.record.current_step == "Resolve dependencies")
    session.window.go(Place.APPS)
    qtbot.waitUntil(lambda: "harbour-traffic" in listed(session))
    session.window.activity.toggle()
    session.window.activity.views[0].cancel.click()
    qtbot.waitUntil(lambda: view.running.record.phase is Phase.CANCELLED)
    qtbot.waitUntil(lambda: "harbour-traffic" not in listed(session))


def test_closing_the_window_ends_a_running_deploy(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window("slow")
    screen = read_repository(session, qtbot)
    qtbot.mouseClick(screen.deploy, Qt.MouseButton.LeftButton)
    view = deployment(screen)
    qtbot.waitUntil(lambda: view.running.record.current_step == "Resolve dependencies")
    session.window.close()
    session.end()
    assert view.running.token.is_set


def test_the_list_follows_the_node(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window()
    desk = memory(session)
    apps = page(session, AppsScreen).list
    apps.choose("fleet-map")
    open_tab(session, qtbot, OverviewTab)
    page(session, AppScreen).verbs[Verb.STOP].click()
    qtbot.waitUntil(lambda: desk.app("sales-board").state is AppState.STOPPED)
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
    memory(session).put(replace(memory(session).app("fleet-map"), state=AppState.CRASHED))
    watch = session.watch
    qtbot.waitUntil(lambda: getattr(watch.app("fleet-map"), "state", None) is AppState.CRASHED)
    assert "Crashed" not in [row.cells[1].text for row in apps.rows.rows if row.key == "fleet-map"]
    session.window.go(Place.APPS)
    assert "Crashed" in [row.cells[1].text for row in apps.rows.rows if row.key == "fleet-map"]


def test_the_menu_of_an_app_stays_open_while_its_figures_change(
    open_window: Opener, qtbot: QtBot
) -> None:
    session = open_window()
    open_tab(session, qtbot, OverviewTab, "fleet-map")
    screen = page(session, AppScreen)
    before = screen.menu.actions()
    memory(session).put(replace(memory(session).app("fleet-map"), cpu_percent=77.0))
    qtbot.waitUntil(lambda: getattr(session.watch.app("fleet-map"), "cpu_percent", 0) == 77.0)
    assert screen.menu.actions() == before
    screen.verbs[Verb.STOP].click()
    qtbot.waitUntil(lambda: screen.menu.actions() != before)


def test_search_narrows_and_says_when_nothing_matches(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window("crowded")
    screen = page(session, AppsScreen)
    assert len(listed(session)) == 200
    qtbot.keyClicks(screen.search, "payroll")
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
    memory(session).repair("offline")
    screen.instead.acted.emit()
    qtbot.waitUntil(lambda: len(listed(session)) == 7)
    assert screen.stack.currentWidget() is screen.list


def test_a_lost_node_keeps_the_list_and_says_so(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window()
    memory(session).break_off("offline")
    screen = page(session, AppsScreen)
    qtbot.waitUntil(screen.notice.isVisible)
    assert len(listed(session)) == 7


def test_a_sealed_node_is_unsealed(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window("sealed")
    screen = page(session, AppsScreen)
    assert screen.notice.isVisible()
    screen.notice.acted.emit()
    qtbot.waitUntil(lambda: not screen.notice.isVisible())


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
    deploying = replace(memory(session).app("sales-board"), state=AppState.DEPLOYING)
    memory(session).put(deploying)
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
    qtbot.waitUntil(lambda: memory(session).app("sales-board").release == "r2")


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


def test_removal_asks_for_the_name_and_hands_out_a_receipt(
    open_window: Opener, qtbot: QtBot, tmp_path: Path
) -> None:
    session = open_window()
    session.window.go_to_removal("sales-board")
    screen = page(session, RemoveScreen)
    qtbot.keyClicks(screen.typed, "sales-boar")
    assert not screen.remove.isEnabled()
    qtbot.keyClicks(screen.typed, "d")
    screen.remove.click()
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
    qtbot.keyClicks(screen.typed, "sales-board")
    screen.remove.click()
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
    memory(session).repair("offline")
    session.watch.start()
    qtbot.waitUntil(lambda: len(screen.list.rows.rows) == 7)


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


def test_an_app_that_goes_away_takes_its_page_along(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window()
    open_tab(session, qtbot, OverviewTab)
    screen = page(session, AppScreen)
    session.runner.start(session.bench.desk.remove(screen.name))
    qtbot.waitUntil(lambda: not screen.tabs.isEnabled())
    assert not any(made.isVisible() for made in screen.verbs.values())
