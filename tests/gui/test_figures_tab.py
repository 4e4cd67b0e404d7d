"""Figures: plotted while somebody looks, begun, deleted and ended from the tab."""

from __future__ import annotations

import csv
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from window_world import Opener, memory, open_tab, page

from holdfast.domain.names import AppName
from holdfast.presenters import figures as words
from holdfast.ui.application import Session
from holdfast.ui.screens.app import AppScreen
from holdfast.ui.tabs.figures import FiguresTab

APP = AppName("sales-board")


def press(button: object) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)  # type: ignore[call-overload]


def open_figures(session: Session, qtbot: QtBot) -> FiguresTab:
    tab = open_tab(session, qtbot, FiguresTab)
    qtbot.waitUntil(lambda: tab.figures is not None)
    return tab


def test_of_a_new_app_none_are_kept_until_somebody_wants_them(
    open_window: Opener, qtbot: QtBot
) -> None:
    session = open_window()
    tab = open_figures(session, qtbot)
    assert tab.nothing.isVisible()
    assert tab.plots is None
    assert not tab.end.isVisible()
    tab.nothing.acted.emit()
    # one is kept, and the one that is measured for whoever looks makes a plot
    qtbot.waitUntil(lambda: tab.plots is not None)
    assert len(memory(session).measured.kept[APP]) == 1
    assert tab.end.isVisible()


def test_a_day_is_plotted(open_window: Opener, qtbot: QtBot) -> None:
    tab = open_figures(open_window("measured"), qtbot)
    qtbot.waitUntil(lambda: tab.plots is not None)
    assert tab.plots is not None
    assert tab.plots.isVisible()
    tab.reach.setCurrentIndex(1)
    assert "failed answers" in tab.summary.text()
    said = [card.accessibleName() for card in tab.plots.cards]
    assert [name.partition(":")[0] for name in said] == [
        "Processor",
        "Memory",
        "Requests",
        "Visitors",
        "Received",
        "Sent",
        "Answers begin after",
        "Failed answers",
        "Open pages",
    ]
    for sentence in (words.HOW, words.VISITORS, words.NEVER):
        assert sentence in tab.held.text()


def test_they_are_deleted_and_ended_after_a_question(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window("measured")
    tab = open_figures(session, qtbot)
    press(tab.delete)
    assert tab.confirm.isVisible()
    assert memory(session).measured.kept[APP]
    tab.confirm.acted.emit()
    qtbot.waitUntil(lambda: memory(session).measured.kept[APP] == ())
    qtbot.waitUntil(lambda: tab.held.text().startswith("None were measured yet."))
    press(tab.end)
    tab.confirm.acted.emit()
    qtbot.waitUntil(lambda: APP not in memory(session).measured.kept)
    qtbot.waitUntil(lambda: tab.nothing.isVisible() and not tab.end.isVisible())


def test_all_that_is_kept_is_saved(open_window: Opener, qtbot: QtBot, tmp_path: Path) -> None:
    tab = open_figures(open_window("measured"), qtbot)
    tab.save(tmp_path / "figures.csv")
    with (tmp_path / "figures.csv").open() as file:
        assert len(list(csv.DictReader(file))) >= 1380
    tab.save(tmp_path / "figures.json")
    assert (tmp_path / "figures.json").read_text().startswith("{")


def test_nothing_is_measured_for_a_window_that_nobody_sees(
    open_window: Opener, qtbot: QtBot
) -> None:
    session = open_window("measured")
    tab = open_figures(session, qtbot)
    assert tab.is_following
    session.window.hide()
    assert not tab.is_following
    session.window.show()
    assert tab.is_following
    page(session, AppScreen).show_tab(0)
    assert not tab.is_following


def test_of_a_sealed_app_it_says_why_nothing_is_shown(open_window: Opener, qtbot: QtBot) -> None:
    tab = open_tab(open_window("sealed"), qtbot, FiguresTab)
    qtbot.waitUntil(lambda: not tab.is_following)
    assert tab.nothing.isVisible()
    assert tab.plots is None
