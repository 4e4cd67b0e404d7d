"""Sealed and unsealed in the window: by itself, when asked, or by the user's own click alone."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot
from window_world import Opener, page

from holdfast.presenters.notices import SEALED, SEALED_ON_PURPOSE, Notice
from holdfast.presenters.unsealing import EXPLAINED, MODES, UnsealMode
from holdfast.presenters.verbs import Place
from holdfast.ui.application import Session
from holdfast.ui.preferences import Preferences
from holdfast.ui.screens.apps import AppsScreen
from holdfast.ui.screens.settings import SettingsScreen


def states(session: Session) -> set[str]:
    return {row.cells[1].text for row in page(session, AppsScreen).list.rows.rows}


def shown(session: Session) -> Notice | None:
    bar = page(session, AppsScreen).notice
    if not bar.isVisible():
        return None
    action = bar._button.text() if bar._button.isVisible() else ""
    return Notice(bar._title.text(), bar._text.text(), action)


def test_a_sealed_node_is_unsealed_by_itself(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window("sealed", unseal=UnsealMode.BY_ITSELF)
    qtbot.waitUntil(lambda: "Running" in states(session))
    qtbot.waitUntil(lambda: shown(session) is None)


def test_why_it_was_not_unsealed_by_itself_is_said(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window("sealed", "locked-keychain", unseal=UnsealMode.BY_ITSELF)
    qtbot.waitUntil(lambda: shown(session) not in (None, SEALED))
    notice = shown(session)
    assert notice is not None
    assert (notice.title, notice.action) == ("GNOME Keyring is locked.", "Unseal")
    assert "Unlock GNOME Keyring" in notice.text
    assert states(session) == {"Sealed"}


def test_asked_it_offers_a_button_and_does_nothing_else(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window("sealed", unseal=UnsealMode.ASK)
    qtbot.waitUntil(lambda: "" in session.keeper.latest)
    assert shown(session) == SEALED
    assert states(session) == {"Sealed"}


def test_never_it_is_offered_in_the_sidebar_alone(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window("sealed", unseal=UnsealMode.NEVER)
    qtbot.waitUntil(lambda: "" in session.keeper.latest)
    notice = shown(session)
    assert notice is not None
    assert notice.action == ""
    session.window.sidebar.unseal.click()
    qtbot.waitUntil(lambda: "Running" in states(session))


def test_it_is_sealed_after_a_second_question_and_stays_so(
    open_window: Opener, qtbot: QtBot
) -> None:
    session = open_window(unseal=UnsealMode.BY_ITSELF)
    seal = session.window.sidebar.seal
    seal.ask.click()
    assert not seal.ask.isVisible()
    seal.cancel.click()
    assert "Running" in states(session)
    seal.ask.click()
    seal.now.click()
    qtbot.waitUntil(lambda: states(session) == {"Sealed"})
    qtbot.waitUntil(lambda: shown(session) == SEALED_ON_PURPOSE)
    assert not seal.isVisible()
    page(session, AppsScreen).notice.acted.emit()
    qtbot.waitUntil(lambda: "Running" in states(session))


def test_how_it_is_unsealed_is_chosen_in_the_settings(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window("sealed", unseal=UnsealMode.NEVER)
    session.window.go(Place.SETTINGS)
    screen = page(session, SettingsScreen)
    assert screen.unsealing.checkedId() == [mode for mode, _ in MODES].index(UnsealMode.NEVER)
    screen.unsealing.button(0).click()
    assert screen.explained.text() == EXPLAINED[UnsealMode.BY_ITSELF]
    session.window.go(Place.APPS)
    qtbot.waitUntil(lambda: "Running" in states(session))


def test_the_choice_is_kept_for_each_node(tmp_path: Path) -> None:
    file = tmp_path / "window.ini"
    kept = Preferences(file)
    kept.keep_unseal_mode("This machine", UnsealMode.NEVER)
    kept.save()
    assert Preferences(file).unseal_mode("This machine") is UnsealMode.NEVER
    assert Preferences(file).unseal_mode("workshop") is UnsealMode.BY_ITSELF
    file.write_text("[unseal]\nworkshop=perhaps\n")
    assert Preferences(file).unseal_mode("workshop") is UnsealMode.BY_ITSELF
