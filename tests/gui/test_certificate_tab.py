"""The tab of an app's certificates: each in full, where it comes from, and none while it rests."""

from __future__ import annotations

from pytestqt.qtbot import QtBot
from window_world import Opener, answered, open_tab, page, words

from holdfast.ui.screens.app import AppScreen
from holdfast.ui.tabs.certificate import CertificateTab

HOST = "sales-board.localhost"


def test_what_visitors_get_is_shown_first_and_every_other_can_be_chosen(
    open_window: Opener, qtbot: QtBot
) -> None:
    session = open_window()
    tab = open_tab(session, qtbot, CertificateTab)
    assert [tab.which.itemText(at) for at in range(tab.which.count())] == [
        f"{HOST} · Visitors",
        "r0.sales-board.holdfast.internal · App's sidecar",
    ]
    assert f"visitors/{HOST}" == tab.which.currentData()
    assert "Served right now" in words(tab.details)
    assert tab.details.source.isVisible()
    tab.which.setCurrentIndex(1)
    chosen = tab.details.chosen
    assert chosen is not None and "r0.sales-board" in chosen.subject
    # a look at all of them leaves what was chosen
    tab.reload()
    answered(session, qtbot)
    assert tab.which.currentIndex() == 1


def test_an_app_without_one_says_when_it_gets_one(open_window: Opener, qtbot: QtBot) -> None:
    tab = open_tab(open_window(), qtbot, CertificateTab, "payroll-forecast")
    assert "The app has no certificate now" in words(tab)
    assert not tab.details.isVisible()


def test_all_tabs_are_seen_in_a_small_window(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window(size=(1024, 640))
    open_tab(session, qtbot, CertificateTab)
    tabs = page(session, AppScreen).tabs
    assert tabs.tabRect(tabs.count() - 1).right() <= tabs.width()
