"""The recovery kit in the window: the sidebar asks for it until it is confirmed."""

from __future__ import annotations

from pathlib import Path

import pytest
import sample
from PySide6.QtCore import Qt
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot
from window_world import Opener, memory, page

from holdfast.presenters.kit_page import kit_page
from holdfast.presenters.recovery_kit import READING
from holdfast.presenters.verbs import Place
from holdfast.ui.application import Session
from holdfast.ui.screens.recovery_kit import KitScreen
from holdfast.ui.screens.revoke import RevokeScreen
from holdfast.ui.sidebar import Sidebar
from holdfast.ui.widgets.operation_view import OperationView

WRONG = sample.KIT_IDENTITY.replace("SJZGF", "SJZGG", 1)


def kit_screen(session: Session, qtbot: QtBot) -> KitScreen:
    session.window.go(Place.KIT)
    settled(session, qtbot)
    return page(session, KitScreen)


def settled(session: Session, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not session.runner.asking and not session.runner.shown)
    qtbot.waitUntil(lambda: not session.runner.asking and session.bench.kit.status is not None)


def nagged(sidebar: Sidebar) -> str:
    return sidebar.place_button(Place.KIT).accessibleName()


def click(screen: KitScreen, session: Session, qtbot: QtBot, what: str) -> None:
    qtbot.mouseClick(getattr(screen, what), Qt.MouseButton.LeftButton)
    settled(session, qtbot)


def test_it_is_made_shown_given_back_and_forgotten(
    open_window: Opener, qtbot: QtBot, tmp_path: Path
) -> None:
    session = open_window("no-kit")
    screen = kit_screen(session, qtbot)
    assert nagged(session.window.sidebar) == "No recovery kit"
    assert not screen.sheet.isVisible()
    click(screen, session, qtbot, "make")
    assert nagged(session.window.sidebar) == "Confirm the kit"
    assert screen.sheet.toPlainText() == kit_page(sample.kit())
    file = tmp_path / "kit.txt"
    file.write_text("older")
    screen.save_page(file)
    assert file.read_text() == kit_page(sample.kit())
    assert file.stat().st_mode & 0o777 == 0o600
    qtbot.keyClicks(screen.identity, WRONG)
    click(screen, session, qtbot, "use")
    assert "checksum" in screen.field.said
    assert nagged(session.window.sidebar) == "Confirm the kit"
    screen.identity.clear()
    qtbot.keyClicks(screen.identity, sample.KIT_IDENTITY)
    click(screen, session, qtbot, "use")
    assert nagged(session.window.sidebar) == "Recovery kit"
    assert "opens 7 apps" in screen.field.said
    assert screen.identity.text() == ""
    assert screen.sheet.toPlainText() == ""
    assert not screen.make.isVisible()


def test_its_page_is_printed(open_window: Opener, qtbot: QtBot, tmp_path: Path) -> None:
    session = open_window("no-kit")
    screen = kit_screen(session, qtbot)
    click(screen, session, qtbot, "make")
    printer = QPrinter()
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "kit.pdf"))
    screen.print_page(printer)
    assert (tmp_path / "kit.pdf").read_bytes().startswith(b"%PDF")


def test_another_workstation_is_let_in(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window("foreign-kit")
    screen = kit_screen(session, qtbot)
    assert nagged(session.window.sidebar) == "Open with the kit"
    assert not screen.use.isEnabled()
    qtbot.keyClicks(screen.identity, sample.KIT_IDENTITY)
    click(screen, session, qtbot, "use")
    assert nagged(session.window.sidebar) == "Recovery kit"


def test_a_confirmed_one_is_checked_and_shown_again(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window()
    screen = kit_screen(session, qtbot)
    qtbot.keyClicks(screen.identity, sample.KIT_IDENTITY)
    click(screen, session, qtbot, "show_page")
    assert screen.sheet.toPlainText() == kit_page(sample.kit())
    click(screen, session, qtbot, "use")
    assert "whole" in screen.field.said


def test_an_admin_is_revoked_by_name_and_the_new_kit_is_shown(
    open_window: Opener, qtbot: QtBot
) -> None:
    session = open_window()
    screen = kit_screen(session, qtbot)
    here, bo = sample.ADMINS
    assert list(screen.admins.rows.buttons) == [bo.recipient]
    qtbot.mouseClick(screen.admins.rows.buttons[bo.recipient], Qt.MouseButton.LeftButton)
    question = page(session, RevokeScreen)
    qtbot.keyClicks(question.verb.typed, here.name)
    assert not question.verb.confirm.isEnabled()
    question.verb.typed.clear()
    qtbot.keyClicks(question.verb.typed, bo.name)
    qtbot.mouseClick(question.verb.confirm, Qt.MouseButton.LeftButton)
    settled(session, qtbot)
    qtbot.waitUntil(lambda: session.window.page is screen)
    assert screen.sheet.toPlainText() == kit_page(sample.kit())
    assert screen.tasks.isVisible()
    assert screen.admins.rows.buttons == {}
    assert "bo on lab-laptop was revoked" in screen.field.said
    assert nagged(session.window.sidebar) == "Confirm the kit"


def test_a_revocation_that_is_left_alone_is_told_all_the_same(
    open_window: Opener, qtbot: QtBot
) -> None:
    session = open_window("slow")
    screen = kit_screen(session, qtbot)
    bo = sample.ADMINS[1]
    qtbot.mouseClick(screen.admins.rows.buttons[bo.recipient], Qt.MouseButton.LeftButton)
    question = page(session, RevokeScreen)
    qtbot.keyClicks(question.verb.typed, bo.name)
    qtbot.mouseClick(question.verb.confirm, Qt.MouseButton.LeftButton)
    # as soon as it counts: the copies may take hours
    qtbot.waitUntil(question.new_kit.isVisible)
    assert screen.sheet.toPlainText() == kit_page(sample.kit())
    assert not screen.tasks.isVisibleTo(screen)
    qtbot.waitUntil(lambda: nagged(session.window.sidebar) == "Confirm the kit")
    session.window.go(Place.APPS)
    memory(session).go_on()
    settled(session, qtbot)
    session.window.go(Place.KIT)
    assert screen.sheet.toPlainText() == kit_page(sample.kit())
    assert screen.tasks.isVisible()


def test_one_that_failed_and_is_tried_again_is_told_as_well(
    open_window: Opener, qtbot: QtBot
) -> None:
    session = open_window("full-disk")
    screen = kit_screen(session, qtbot)
    bo = sample.ADMINS[1]
    qtbot.mouseClick(screen.admins.rows.buttons[bo.recipient], Qt.MouseButton.LeftButton)
    question = page(session, RevokeScreen)
    qtbot.keyClicks(question.verb.typed, bo.name)
    qtbot.mouseClick(question.verb.confirm, Qt.MouseButton.LeftButton)
    view = question.findChild(OperationView)
    assert view is not None
    qtbot.waitUntil(view.retry.isVisible)
    memory(session).node.repair("full-disk")
    screen.sheet.clear()
    qtbot.mouseClick(view.retry, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: session.window.page is screen)
    assert screen.sheet.toPlainText() == kit_page(sample.kit())
    assert screen.tasks.isVisible()


@pytest.mark.parametrize("fault", ["no-kit", "foreign-kit"])
def test_what_is_typed_is_never_shown_or_told(
    open_window: Opener, qtbot: QtBot, fault: str
) -> None:
    session = open_window(fault)
    screen = kit_screen(session, qtbot)
    screen.identity.setText(sample.KIT_IDENTITY)
    assert sample.KIT_IDENTITY not in screen.identity.displayText()
    told = (screen.identity.accessibleName(), screen.identity.accessibleDescription())
    assert sample.KIT_IDENTITY not in "".join((*told, screen.identity.toolTip()))


def test_a_node_that_does_not_answer_is_told_alone(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window("offline")
    session.window.go(Place.KIT)
    qtbot.waitUntil(lambda: session.bench.kit.problem is not None)
    screen = session.window.page
    assert isinstance(screen, KitScreen)
    shown = [text.text() for text in screen.findChildren(QLabel) if text.isVisible()]
    assert "The node does not answer." in shown
    assert READING.title not in shown
