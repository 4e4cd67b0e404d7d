"""The view of a log: long ones come in bit by bit, and the reader's place is kept."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from holdfast.presenters.logs import KEPT
from holdfast.ui.theme import Theme
from holdfast.ui.widgets.log_view import LogView

LINES = [f"INFO line {at}" for at in range(KEPT)]


@pytest.fixture
def view(qapp: QApplication, qtbot: QtBot) -> Iterator[LogView]:
    made = LogView(Theme(qapp), "Log")
    qtbot.addWidget(made)
    made.resize(600, 300)
    made.show()
    yield made


def blocks(view: LogView) -> int:
    return view.document().blockCount()


def test_a_long_log_is_begun_at_once_and_continued_bit_by_bit(view: LogView, qtbot: QtBot) -> None:
    view.add(LINES)
    assert 0 < blocks(view) < KEPT
    qtbot.waitUntil(lambda: blocks(view) == KEPT, timeout=60_000)
    assert view.document().lastBlock().text() == LINES[-1]
    bar = view.verticalScrollBar()
    assert bar.value() == bar.maximum()
    view.add(["INFO one more"])
    assert blocks(view) == KEPT
    assert view.document().firstBlock().text() == LINES[1]
    view.add(f"INFO {at} more" for at in range(2, 202))
    assert blocks(view) == KEPT
    assert view.document().firstBlock().text() == LINES[201]
    assert view.document().lastBlock().text() == "INFO 201 more"
    assert bar.value() == bar.maximum()
    # and not so that the text runs away under somebody who reads further up
    bar.setValue(5_000)
    read = view.firstVisibleBlock().text()
    view.add(f"INFO {at} more" for at in range(202, 302))
    assert blocks(view) == KEPT
    assert view.firstVisibleBlock().text() == read


def test_a_view_that_becomes_lower_still_shows_the_end(view: LogView, qtbot: QtBot) -> None:
    view.add(LINES[:100])
    bar = view.verticalScrollBar()
    assert bar.value() == bar.maximum()
    view.resize(600, 150)
    assert bar.value() == bar.maximum()
    bar.setValue(10)
    view.resize(600, 120)
    assert bar.value() == 10


def test_a_stamped_traceback_has_one_colour(view: LogView) -> None:
    stamp = "2026-11-24T10:00:00.000Z err "
    view.add([f"{stamp}Traceback (most recent call last):", f"{stamp}  File x", f"{stamp}INFO on"])
    block, drawn = view.document().firstBlock(), []
    while block.isValid():
        drawn.append([f.format.foreground().color().name() for f in block.layout().formats()])
        block = block.next()
    assert drawn[0] == drawn[1] != []
    assert drawn[2] == []


def test_what_is_replaced_does_not_come_in_afterwards(view: LogView, qtbot: QtBot) -> None:
    view.add(LINES)
    view.replace(["ERROR alone"])
    view.add(["ERROR next"])
    qtbot.wait(50)
    assert view.toPlainText() == "ERROR alone\nERROR next"


def test_the_place_of_a_reader_is_kept_while_lines_come(view: LogView, qtbot: QtBot) -> None:
    view.add(LINES[:200])
    view.verticalScrollBar().setValue(20)
    view.add(LINES[200:220])
    assert view.verticalScrollBar().value() == 20
    view.to_end()
    view.add(LINES[220:230])
    assert view.verticalScrollBar().value() == view.verticalScrollBar().maximum()
    view.follows = False
    view.add(LINES[230:240])
    assert view.verticalScrollBar().value() < view.verticalScrollBar().maximum()
