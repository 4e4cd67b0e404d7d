"""A new app in the window: found, proposed, deployed, retried, cancelled."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot
from window_world import Opener, answered, listed, memory, page, words

from holdfast.presenters.activity import Phase
from holdfast.presenters.verbs import Place
from holdfast.ui.application import Session
from holdfast.ui.screens.new_app import NewAppScreen
from holdfast.ui.screens.recovery_kit import KitScreen
from holdfast.ui.widgets.choice import Choice
from holdfast.ui.widgets.operation_view import OperationView


def read_repository(
    session: Session, qtbot: QtBot, address: str = "git@git.example.lan:team/harbour-traffic.git"
) -> NewAppScreen:
    session.window.go_to_new_app()
    screen = page(session, NewAppScreen)
    qtbot.keyClicks(screen.repository, address)
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
    choose_ref(screen, "develop")
    answered(session, qtbot)
    assert screen.found.form("x").branch == "develop"


def test_a_tag_is_offered_and_deployed_and_the_app_stays_at_it(
    open_window: Opener, qtbot: QtBot
) -> None:
    session = open_window()
    screen = read_repository(session, qtbot)
    choose_ref(screen, "v1.4")
    answered(session, qtbot)
    form = screen.found.form("x")
    assert (form.branch, form.pin) == ("", "v1.4")
    assert "stays at it, whatever is pushed" in words(screen.found)
    name_file(screen, qtbot, "tools/report.py")
    screen.repository.setFocus()
    answered(session, qtbot)
    assert screen.found.form("x").pin == "v1.4"
    qtbot.mouseClick(screen.deploy, Qt.MouseButton.LeftButton)
    asked = memory(session).asked[-1]
    assert (asked.branch, asked.pin) == (None, "v1.4")


@pytest.mark.parametrize(
    ("page", "shown", "pin"),
    [
        ("/tree/v1.4", "v1.4", "v1.4"),
        ("/releases/tag/v1.4", "v1.4", "v1.4"),
        (f"/commit/{'0d41c9e2' * 5}", "0d41c9e", "0d41c9e2" * 5),
    ],
)
def test_a_pasted_page_of_a_tag_or_a_commit_chooses_it(
    open_window: Opener, qtbot: QtBot, page: str, shown: str, pin: str
) -> None:
    session = open_window()
    screen = read_repository(session, qtbot, f"https://git.example.lan/team/sales{page}")
    choice = screen.found.findChild(Choice, "ref")
    assert choice is not None and choice.currentText() == shown
    qtbot.mouseClick(screen.deploy, Qt.MouseButton.LeftButton)
    asked = memory(session).asked[-1]
    assert (asked.repository, asked.branch, asked.pin) == (
        "https://git.example.lan/team/sales",
        None,
        pin,
    )


def choose_ref(screen: NewAppScreen, name: str) -> None:
    """As somebody does who types what it begins with."""
    choice = screen.found.findChild(Choice, "ref")
    assert choice is not None
    choice.setFocus()
    QTest.keyClicks(choice, name)


def name_file(screen: NewAppScreen, qtbot: QtBot, path: str) -> None:
    field = screen.found.findChild(QLineEdit, "entrypoint")
    assert field is not None
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, path)


def test_what_is_shown_goes_with_the_chosen_entrypoint(open_window: Opener, qtbot: QtBot) -> None:
    screen = read_repository(open_window(), qtbot)
    assert "requirements.txt" in words(screen.found)
    name_file(screen, qtbot, "admin/app.py")
    assert "admin/pyproject.toml: the first found" in words(screen.found)
    assert screen.found.form("x").python == "3.11"
    assert screen.deploy.isEnabled()


def test_secrets_that_are_missing_are_told_before_a_deploy(
    open_window: Opener, qtbot: QtBot
) -> None:
    screen = read_repository(open_window(), qtbot)
    told = words(screen.found)
    assert "HARBOUR_TOKEN, ledger.password: the code reads them" in told
    assert "packages.example.lan" not in told
    name_file(screen, qtbot, "admin/app.py")
    assert "packages.example.lan" in words(screen.found)


def test_a_pasted_page_of_a_file_proposes_it(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window()
    session.window.go_to_new_app("https://github.com/o/r/blob/main/tools/report.py")
    answered(session, qtbot)
    screen = page(session, NewAppScreen)
    assert screen.found.form("x").entrypoint == "tools/report.py"
    assert screen.deploy.isEnabled()


def test_a_file_is_named_where_no_app_was_found(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window("no-app")
    screen = read_repository(session, qtbot)
    assert not screen.deploy.isEnabled()
    assert "None was found. Name the file" in words(screen.found)
    name_file(screen, qtbot, "nowhere.py")
    screen.repository.setFocus()
    answered(session, qtbot)
    assert not screen.deploy.isEnabled()
    assert "has no file nowhere.py" in words(screen.found)
    name_file(screen, qtbot, "tools/report.py")
    assert not screen.deploy.isEnabled()
    screen.repository.setFocus()
    answered(session, qtbot)
    assert screen.found.form("x").entrypoint == "tools/report.py"
    assert "tools/pyproject.toml" in words(screen.found)
    assert screen.deploy.isEnabled()


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
    memory(session).node.repair("fails-on-deploy")
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


def test_before_the_first_app_comes_the_recovery_kit(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window("empty", "no-kit")
    qtbot.waitUntil(lambda: session.bench.kit.status is not None)
    session.window.go_to_new_app()
    screen = page(session, NewAppScreen)
    assert screen.kit_first.isVisible()
    assert not screen.repository.isVisible()
    qtbot.mouseClick(screen.kit_first.make, Qt.MouseButton.LeftButton)
    kit = page(session, KitScreen)
    qtbot.mouseClick(kit.make, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(kit.sheet.toPlainText()))
    answered(session, qtbot)
    session.window.go_to_new_app()
    assert screen.repository.isVisible()
    assert not screen.kit_first.isVisible()


def test_a_first_app_is_deployed_without_a_kit_where_that_is_wanted(
    open_window: Opener, qtbot: QtBot
) -> None:
    session = open_window("empty", "no-kit")
    qtbot.waitUntil(lambda: session.bench.kit.status is not None)
    session.window.go_to_new_app()
    screen = page(session, NewAppScreen)
    qtbot.mouseClick(screen.kit_first.go_on, Qt.MouseButton.LeftButton)
    assert screen.repository.isVisible()
    screen = read_repository(session, qtbot)
    assert screen.deploy.isEnabled()


def test_a_node_with_apps_asks_for_no_kit_first(open_window: Opener, qtbot: QtBot) -> None:
    screen = read_repository(open_window("no-kit"), qtbot)
    assert not screen.kit_first.isVisible()
    assert screen.deploy.isEnabled()
