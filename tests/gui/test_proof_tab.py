"""The Proof tab: made on demand, shown as it goes, kept, and honest about what it lacks."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from window_world import Opener, open_tab, words

from holdfast.ui.tabs.proof import ProofTab


def prove(tab: ProofTab) -> None:
    QTest.mouseClick(tab.prove, Qt.MouseButton.LeftButton)


def test_a_proof_is_made_and_stays(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window()
    tab = open_tab(session, qtbot, ProofTab)
    assert not any(card.isVisible() for card in tab.cards.values())
    prove(tab)
    qtbot.waitUntil(lambda: tab.prove.text() == "Prove again")
    assert "none of 6 marks was found in the clear" in tab.sentence.text()
    assert "Written to /data within sales-board" in words(tab.cards["What was planted"])
    assert "17,397 files" in words(tab.cards["What was searched"])
    assert not tab.cards["Found in the clear"].isVisible()
    # another window finds it on the app's volume
    session.window.go_to_app("fleet-map")
    tab = open_tab(session, qtbot, ProofTab)
    assert "Made just now in 21 s" in words(tab)


def test_it_is_shown_while_it_runs_wherever_one_comes_from_and_cancelled(
    open_window: Opener, qtbot: QtBot
) -> None:
    session = open_window("slow")
    prove(open_tab(session, qtbot, ProofTab))
    session.window.go_to_app("fleet-map")
    tab = open_tab(session, qtbot, ProofTab)
    assert tab.view is not None
    qtbot.waitUntil(lambda: "544 of 781 MB" in words(tab))
    assert not tab.prove.isEnabled()
    QTest.mouseClick(tab.view.cancel, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: tab.view is None)
    assert tab.prove.isEnabled()
    assert tab.prove.text() == "Prove now"


def test_what_was_found_comes_first(open_window: Opener, qtbot: QtBot) -> None:
    tab = open_tab(open_window("leaky"), qtbot, ProofTab)
    prove(tab)
    qtbot.waitUntil(lambda: tab.cards["Found in the clear"].isVisible())
    assert tab.sentence.text() == "What was planted lies in the clear in 1 place."
    assert "/var/lib/holdfast/docker/volumes/notes/_data/a" in words(tab)


def test_what_could_not_be_searched_is_told_with_its_remedy(
    open_window: Opener, qtbot: QtBot
) -> None:
    tab = open_tab(open_window("plain-swap"), qtbot, ProofTab)
    prove(tab)
    qtbot.waitUntil(lambda: "is not complete" in tab.sentence.text())
    assert "swap on /dev/sda2" in tab.sentence.text()
    assert "sudo swapoff -a" in words(tab)


def test_an_app_that_does_not_run_is_not_proved_and_it_says_why(
    open_window: Opener, qtbot: QtBot
) -> None:
    tab = open_tab(open_window(), qtbot, ProofTab, "energy-model")
    assert not tab.prove.isEnabled()
    assert "An app is proved while it runs." in words(tab)


def test_a_sealed_app_says_where_its_last_proof_lies(open_window: Opener, qtbot: QtBot) -> None:
    session = open_window("sealed")
    tab = open_tab(session, qtbot, ProofTab)
    assert "The volume is sealed" in tab.sentence.text()
    assert not tab.prove.isEnabled()
