"""The further host names of an app in its settings."""

from __future__ import annotations

from pytestqt.qtbot import QtBot
from window_world import Opener, answered, memory, open_tab, words

from holdfast.domain.host_names import parse_change
from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken, drive
from holdfast.ui.tabs.app_settings import SettingsTab

APP = AppName("sales-board")
SHOP, OLD = "shop.example.org", "old.example.org"


def test_a_name_is_added_that_serves_and_one_that_redirects(
    open_window: Opener, qtbot: QtBot
) -> None:
    session = open_window()
    card = open_tab(session, qtbot, SettingsTab).names
    qtbot.waitUntil(card.add.isVisible)
    assert not card.add.isEnabled()
    card.name.setText(SHOP)
    card.add.click()
    qtbot.waitUntil(lambda: SHOP in card.rows.buttons)
    assert card.name.text() == ""
    card.way.setCurrentIndex(card.way.findData(True))
    card.name.setText(OLD)
    card.name.returnPressed.emit()
    qtbot.waitUntil(lambda: OLD in card.rows.buttons)
    kept = memory(session).host_names.of(APP, None).further
    assert [(each.host, each.redirects) for each in kept] == [(SHOP, False), (OLD, True)]
    qtbot.waitUntil(lambda: "Redirects to the main name" in words(card))
    assert card.rows.buttons[OLD].accessibleName() == f"Remove {OLD}"
    card.rows.buttons[SHOP].click()
    qtbot.waitUntil(lambda: SHOP not in card.rows.buttons)
    assert list(card.rows.buttons) == [OLD]


def test_what_cannot_be_a_name_is_said_as_it_is_typed(open_window: Opener, qtbot: QtBot) -> None:
    card = open_tab(open_window(), qtbot, SettingsTab).names
    qtbot.waitUntil(card.add.isVisible)
    card.name.setText("shop")
    assert "is not a host name" in card.named.said
    assert not card.add.isEnabled()
    card.name.setText("sales-board.localhost")
    assert "is the main name" in card.named.said
    card.name.setText("")
    assert card.named.said == ""


def test_a_name_of_another_app_is_refused_in_words(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window()
    desk = memory(session)
    drive(desk.change_names(AppName("fleet-map"), parse_change([SHOP])), CancelToken(), print)
    card = open_tab(session, qtbot, SettingsTab).names
    qtbot.waitUntil(card.add.isVisible)
    card.name.setText(SHOP)
    card.add.click()
    qtbot.waitUntil(card.isEnabled)
    answered(session, qtbot)
    qtbot.waitUntil(lambda: f"The host name {SHOP} is taken." in words(card))
    assert (card.name.text(), card.rows.buttons) == (SHOP, {})
