"""The card about an app's branch, and what differs between two releases."""

from __future__ import annotations

from memory_desk import MemoryDesk
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from window_world import Opener, memory, open_tab, page

from holdfast.domain.app import FollowMode
from holdfast.domain.following import BranchLook, BranchState
from holdfast.domain.names import AppName
from holdfast.ui.application import Session
from holdfast.ui.screens.app import AppScreen
from holdfast.ui.tabs.releases import ReleasesTab

BOARD = AppName("sales-board")


def opened(session: Session, qtbot: QtBot) -> tuple[MemoryDesk, ReleasesTab]:
    tab = open_tab(session, qtbot, ReleasesTab, BOARD)
    qtbot.waitUntil(lambda: tab.branch.mode.isEnabled())
    return memory(session), tab


def press(qtbot: QtBot, part: object) -> None:
    qtbot.mouseClick(part, Qt.MouseButton.LeftButton)


def test_a_push_is_seen_told_and_made_live(open_window: Opener, qtbot: QtBot) -> None:
    desk, tab = opened(open_window(), qtbot)
    card = tab.branch
    press(qtbot, card.check)
    qtbot.waitUntil(lambda: not card.update_now.isEnabled())
    assert not card.told.isVisible()
    desk.following.pushed[BOARD] = "f" * 40
    press(qtbot, card.check)
    qtbot.waitUntil(card.update_now.isEnabled)
    assert card.told.text().startswith("main has a newer commit, fffffff.")
    press(qtbot, card.update_now)
    qtbot.waitUntil(lambda: desk.node.known(BOARD).commit.message == "Push a change")  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: not card.update_now.isEnabled())
    row = tab.list.filtered.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert "updated live" in str(row)


def test_a_push_is_told_above_the_other_tabs(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window()
    desk, tab = opened(session, qtbot)
    screen = page(session, AppScreen)
    desk.following.pushed[BOARD] = "f" * 40
    press(qtbot, tab.branch.check)
    qtbot.waitUntil(tab.branch.told.isVisible)
    assert not screen.push.isVisible()
    screen.show_tab(0)
    assert screen.push.isVisible()
    screen.push.acted.emit()
    qtbot.waitUntil(lambda: not screen.push.isVisible())
    assert BOARD not in desk.following.pushed


def test_how_it_is_followed_is_chosen_in_place(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window()
    desk, tab = opened(session, qtbot)
    card = tab.branch
    assert FollowMode(card.mode.currentData()) is FollowMode.TELL
    card.mode.setCurrentIndex(card.mode.findData(FollowMode.AUTO))
    card.mode.activated.emit(card.mode.currentIndex())
    qtbot.waitUntil(lambda: desk.following.of(BOARD, None).mode is FollowMode.AUTO)
    qtbot.waitUntil(lambda: not session.runner.shown)
    card.branch.setFocus()
    card.branch.selectAll()
    qtbot.keyClicks(card.branch, "no such..branch")
    qtbot.keyClick(card.branch, Qt.Key.Key_Return)
    assert "Git admits no blanks" in card.branch.accessibleDescription()
    card.branch.selectAll()
    qtbot.keyClicks(card.branch, "next")
    qtbot.keyClick(card.branch, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: desk.following.of(BOARD, None).branch == "next")
    assert card.branch.accessibleDescription() == ""


def test_what_is_the_matter_is_told_with_the_next_step(open_window: Opener, qtbot: QtBot) -> None:
    desk, tab = opened(open_window(), qtbot)
    away = "git.example.lan does not answer."
    desk.following.looks[BOARD] = BranchLook(BranchState.UNREACHABLE, told=away, next="Next.")
    press(qtbot, tab.branch.check)
    qtbot.waitUntil(tab.branch.told.isVisible)
    assert tab.branch.told.text() == f"{away}\nNext."
    assert tab.branch.told.property("role") == "warn"
    assert not tab.branch.instead.isVisible()


def test_the_branch_that_takes_the_place_of_one_that_is_gone_is_followed(
    open_window: Opener, qtbot: QtBot
) -> None:
    desk, tab = opened(open_window(), qtbot)
    gone = BranchLook(BranchState.GONE, "main", told="main is gone.", instead="trunk")
    desk.following.looks[BOARD] = gone
    press(qtbot, tab.branch.check)
    qtbot.waitUntil(tab.branch.instead.isVisible)
    assert tab.branch.told.text() == "main is gone."
    assert not tab.branch.update_now.isEnabled()
    assert tab.branch.instead.text() == tab.branch.instead.accessibleName() == "Follow trunk"
    del desk.following.looks[BOARD]
    press(qtbot, tab.branch.instead)
    qtbot.waitUntil(lambda: tab.branch.branch.text() == "trunk")
    assert not tab.branch.instead.isVisible()


def test_it_is_pinned_to_a_tag_and_unpinned(open_window: Opener, qtbot: QtBot) -> None:
    desk, tab = opened(open_window(), qtbot)
    card = tab.branch
    press(qtbot, card.pin)
    assert card.pin_line.wanted.hasFocus()
    qtbot.keyClicks(card.pin_line.wanted, "no such..tag")
    press(qtbot, card.pin_line.pin)
    assert "Git admits no blanks" in card.pin_line.wanted.accessibleDescription()
    card.pin_line.wanted.setText("v1.2")
    press(qtbot, card.pin_line.pin)
    qtbot.waitUntil(lambda: card.pin.text() == card.pin.accessibleName() == "Unpin")
    assert not card.pin_line.isVisible()
    assert card.state.text().startswith("Pinned to v1.2 (")
    assert card.update_now.toolTip() == "It is pinned to the commit that serves."
    press(qtbot, card.pin)
    qtbot.waitUntil(lambda: card.pin.text() == "Pin…")
    assert desk.following.of(BOARD, None).pin is None


def test_two_releases_are_compared(open_window: Opener, qtbot: QtBot) -> None:
    _, tab = opened(open_window(), qtbot)
    qtbot.waitUntil(lambda: tab.list.filtered.rowCount() == 4)
    tab.list.setCurrentIndex(tab.list.filtered.index(2, 0))
    press(qtbot, tab.compare)
    qtbot.waitUntil(tab.differences.isVisible)
    head, *lines = tab.differences.toPlainText().splitlines()
    assert head.endswith("3 files changed.")
    assert lines == ["+ report/send.py", "~ streamlit_app.py", "− old/totals.py"]
    assert "by ada on desk-4, in 6.5 s\nPrepare 0.8 s · Fetch the code 1.9 s" in tab.details.text()
    tab.list.setCurrentIndex(tab.list.filtered.index(0, 0))
    assert not tab.compare.isEnabled()
