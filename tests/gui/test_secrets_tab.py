"""The Secrets tab: dots until held, mistakes while typing, and nothing saved unseen."""

from __future__ import annotations

from pathlib import Path

import pytest
import sample
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot
from window_world import Opener, answered, memory, open_tab

from holdfast.domain.names import AppName
from holdfast.presenters.secrets import DOTS
from holdfast.presenters.verbs import Verb
from holdfast.ui.application import Session
from holdfast.ui.screens.app import AppScreen
from holdfast.ui.screens.recovery_kit import KitScreen
from holdfast.ui.tabs.secrets import SecretsTab

APP = "sales-board"
MARK = "a-long-walk-home"


def kept(session: Session) -> str:
    return memory(session).kept_secrets.document(APP).reveal().decode()


def everything_said(root: QWidget) -> str:
    """All that a reader of the screen, of titles and of tooltips is told."""
    said = [root.window().windowTitle()]
    for each in (root, *root.findChildren(QWidget)):
        said += [each.accessibleName(), each.accessibleDescription(), each.toolTip()]
        said += [each.text()] if isinstance(each, QLabel | QLineEdit) else []
    return "\n".join(said)


def test_values_are_dots_until_held(open_window: Opener, qtbot: QtBot) -> None:
    tab = open_tab(open_window(), qtbot, SecretsTab)
    names = [row.cells[0].text for row in tab.table.list.rows.rows]
    assert names[0] == "mail.server"
    assert {"WAREHOUSE_URL", "mail.password", "SENTRY_DSN"} <= set(names)
    assert MARK not in str(tab.table.list.rows.rows)
    tab.table.list.choose("mail.password")
    assert tab.table.value.painted == DOTS
    button = tab.table.hold.button
    qtbot.mousePress(button, Qt.MouseButton.LeftButton)
    assert tab.table.value.painted == MARK
    assert MARK not in everything_said(tab.window())
    qtbot.mouseRelease(button, Qt.MouseButton.LeftButton)
    assert tab.table.value.painted == DOTS
    button.setFocus()
    qtbot.keyPress(button, Qt.Key.Key_Space)
    assert tab.table.value.painted == MARK
    # whoever looks elsewhere holds nothing any more
    button.clearFocus()
    assert tab.table.value.painted == DOTS


def test_the_palette_and_the_menu_lead_there(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window()
    session.bench.actions.perform(Verb.SECRETS, AppName(APP))
    assert isinstance(session.window.page, AppScreen)
    assert isinstance(session.window.page.current, SecretsTab)
    answered(session, qtbot)


def test_it_says_what_is_missing_and_what_is_no_variable(open_window: Opener, qtbot: QtBot) -> None:
    tab = open_tab(open_window("committed-secret"), qtbot, SecretsTab)
    said = {row.cells[0].text: row for row in tab.table.list.rows.rows}
    assert said["mail.server"].cells[1].text == "Missing"
    assert said["mail.server"].cells[0].detail == "report/send.py line 21"
    assert said["SENTRY_DSN"].cells[1].text == "Optional"
    assert said["WAREHOUSE_URL"].cells[3].text == "Yes"
    assert said["REGIONS"].cells[3].detail.startswith("Only texts")
    assert ".streamlit/secrets.toml" in everything_said(tab)


@pytest.mark.parametrize("fault", ["locked-keychain", "no-keychain"])
def test_a_keychain_that_gives_nothing_says_why_and_is_asked_again(
    open_window: Opener, qtbot: QtBot, fault: str
) -> None:
    session = open_window(fault)
    tab = open_tab(session, qtbot, SecretsTab)
    said = everything_said(tab._refused)
    words = {"locked-keychain": ("is locked", "Unlock it"), "no-keychain": ("no keychain", "again")}
    assert all(each in said for each in words[fault])
    assert not tab.save.isVisible()
    memory(session).node.repair(fault)
    tab._refused.acted.emit()
    qtbot.waitUntil(tab.table.list.isVisible)


def test_a_workstation_that_was_not_let_in_is_led_to_the_kit(
    open_window: Opener, qtbot: QtBot
) -> None:
    session = open_window("foreign-kit")
    tab = open_tab(session, qtbot, SecretsTab)
    assert "Open with the recovery kit" in everything_said(tab._refused)
    tab._refused.acted.emit()
    assert isinstance(session.window.page, KitScreen)


def test_a_mistake_stands_at_its_place_while_typing(open_window: Opener, qtbot: QtBot) -> None:
    tab = open_tab(open_window(), qtbot, SecretsTab)
    qtbot.mouseClick(tab.as_text, Qt.MouseButton.LeftButton)
    qtbot.keyClicks(tab.editor, 'token = "half')
    assert "Line 14, column 14" in tab._mistake.text()
    assert "half" not in tab._mistake.text()
    assert tab.editor.extraSelections()[1].cursor.blockNumber() == 13
    assert not tab.save.isEnabled()
    qtbot.keyClicks(tab.editor, '"')
    assert not tab._mistake.isVisible()
    assert tab.editor.extraSelections() == []
    assert tab.save.isEnabled()


def test_a_change_is_shown_by_its_names_before_it_is_saved(
    open_window: Opener, qtbot: QtBot
) -> None:
    session = open_window()
    tab = open_tab(session, qtbot, SecretsTab)
    tab.editor.load(sample.SECRETS.replace("50", "60") + 'server = "smtp"\n')
    qtbot.mouseClick(tab.save, Qt.MouseButton.LeftButton)
    rows = [(row.key, row.cells[1].text) for row in tab.review.list.rows.rows]
    assert rows == [("mail.server", "Added"), ("PAGE_SIZE", "Changed")]
    assert kept(session) == sample.SECRETS
    tab.review.list.choose("PAGE_SIZE")
    assert [tab.review._before.painted, tab.review._after.painted] == [DOTS, DOTS]
    tab.review._hold.held.emit(True)
    assert [tab.review._before.painted, tab.review._after.painted] == ["50", "60"]
    assert tab.review.save.text() == "Save"
    assert not tab.review.later.isVisible()
    qtbot.mouseClick(tab.review.save, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "60" in kept(session))
    qtbot.waitUntil(tab.undo.isEnabled)
    qtbot.mouseClick(tab.undo, Qt.MouseButton.LeftButton)
    assert [row.key for row in tab.review.list.rows.rows] == ["PAGE_SIZE", "mail.server"]
    qtbot.mouseClick(tab.review.save, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: kept(session) == sample.SECRETS)


def test_an_app_that_would_be_started_again_is_asked_about(
    open_window: Opener, qtbot: QtBot
) -> None:
    tab = open_tab(open_window("flask"), qtbot, SecretsTab)
    tab.editor.load("A = 1\n")
    qtbot.mouseClick(tab.save, Qt.MouseButton.LeftButton)
    assert tab.review.save.text() == f"Save and restart {APP}"
    with qtbot.waitSignal(tab.review.confirmed) as confirmed:
        qtbot.mouseClick(tab.review.later, Qt.MouseButton.LeftButton)
    assert confirmed.args == [True]


def test_a_file_and_the_clipboard_are_joined_to_the_text_and_not_saved(
    open_window: Opener, qtbot: QtBot, tmp_path: Path
) -> None:
    session = open_window()
    tab = open_tab(session, qtbot, SecretsTab)
    (tmp_path / ".env").write_text("export TOKEN='x y'\n")
    tab.bring_file(tmp_path / ".env")
    assert 'TOKEN = "x y"' in tab.editor.text()
    QGuiApplication.clipboard().setText("[mail]\nserver = 'smtp'\n")
    tab.bring_clipboard()
    assert "server = 'smtp'" in tab.editor.text()
    QGuiApplication.clipboard().setText(f"what {MARK}")
    tab.bring_clipboard()
    assert tab._problem.isVisible()
    assert MARK not in everything_said(tab)
    tab.bring_file(tmp_path / "absent.toml")
    assert "absent.toml" in everything_said(tab._problem)
    (tmp_path / "latin.toml").write_bytes(b"a = '\xff'")
    tab.bring_file(tmp_path / "latin.toml")
    assert kept(session) == sample.SECRETS


def test_what_is_not_saved_is_there_when_the_page_is_opened_again(
    open_window: Opener, qtbot: QtBot
) -> None:
    session = open_window()
    tab = open_tab(session, qtbot, SecretsTab)
    tab.editor.load("A = 1\n")
    open_tab(session, qtbot, SecretsTab, "fleet-map")
    tab = open_tab(session, qtbot, SecretsTab)
    assert tab.editor.text() == "A = 1\n"
    assert tab.save.isEnabled()
    assert "A = 1" not in repr(session.bench)
