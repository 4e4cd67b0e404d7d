"""The one list model, and the list that keeps the reader's place."""

from __future__ import annotations

import random
from dataclasses import replace

from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from holdfast.presenters.rows import Cell, Column, Row
from holdfast.ui.rows import KEY, FilteredRows, RowsModel
from holdfast.ui.theme import Mode, Theme
from holdfast.ui.widgets.list_view import ListView

COLUMNS = (Column("Name", 100, 1), Column("Size", 60, numeric=True))


def row(key: str, size: int = 0) -> Row:
    return Row(key, (Cell(key, order=key), Cell(f"{size} MiB", order=size)), search=key)


def test_the_model_is_sound_under_random_changes(qtmodeltester: ModelTester) -> None:
    model = RowsModel(COLUMNS)
    qtmodeltester.check(model)
    dice = random.Random(1)
    for _ in range(300):
        keys = dice.sample("abcdefghij", dice.randint(0, 10))
        rows = tuple(row(key, dice.randint(0, 2)) for key in keys)
        model.show(rows)
        assert model.rows == rows


def test_only_what_changed_is_told(qapp: QApplication) -> None:
    model = RowsModel(COLUMNS)
    model.show([row("a"), row("b"), row("c")])
    told: list[int] = []
    model.dataChanged.connect(lambda first, last: told.append(first.row()))
    model.show([row("a"), row("b", 7), row("c")])
    assert told == [1]


def test_neighbours_that_changed_are_told_at_once(qapp: QApplication) -> None:
    model = RowsModel(COLUMNS)
    model.show([row(key) for key in "abcdef"])
    told: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda first, last: told.append((first.row(), last.row())))
    model.show([row(key, 0 if key == "c" else 1) for key in "abcdef"])
    assert told == [(0, 1), (3, 5)]


def test_columns_that_are_as_they_were_are_not_told(qapp: QApplication) -> None:
    model = RowsModel(COLUMNS)
    model.show([row("a"), row("b")])
    told: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda first, last: told.append((first.column(), last.column())))
    model.show([row("a", 7), row("b", 9)])
    assert told == [(1, 1)]
    strong = Row("a", (Cell("a", order="a", strong=True), row("a", 7).cells[1]), "a")
    model.show([strong, row("b", 8)])
    assert told[1:] == [(0, 1)]


def test_what_rows_are_found_by_follows_them_whichever_column_changed(qapp: QApplication) -> None:
    model = RowsModel(COLUMNS)
    filtered = FilteredRows(model)
    model.show([row("a"), row("b")])
    filtered.look_for("large")
    assert filtered.rowCount() == 0
    model.show([row("a"), replace(row("b", 900), search="b large")])
    assert filtered.rowCount() == 1
    model.show([replace(row("a"), search="a large"), row("b", 900)])
    assert [filtered.index(0, 0).data(KEY), filtered.rowCount()] == ["a", 1]


def shown(view: ListView) -> list[str]:
    model = view.filtered
    return [model.index(at, 0).data(KEY) for at in range(model.rowCount())]


def test_numbers_sort_as_numbers(qapp: QApplication, qtbot: QtBot) -> None:
    view = ListView(Theme(qapp), COLUMNS, "Sizes")
    qtbot.addWidget(view)
    view.show_rows([row("a", 9), row("b", 100), row("c", 20)])
    view.sort_by(1)
    assert shown(view) == ["a", "c", "b"]
    view.sort_by(1, descending=True)
    assert shown(view) == ["b", "c", "a"]


def test_selection_and_place_live_through_updates(qapp: QApplication, qtbot: QtBot) -> None:
    view = ListView(Theme(qapp), COLUMNS, "Many")
    qtbot.addWidget(view)
    view.resize(300, 200)
    view.show()
    keys = [f"app-{at:03}" for at in range(500)]
    view.show_rows([row(key) for key in keys])
    view.choose("app-250")
    view.verticalScrollBar().setValue(3_000)
    view.show_rows([row(key, 1) for key in keys if key != "app-100"])
    assert view.current_key == "app-250"
    assert view.verticalScrollBar().value() == 3_000


def test_the_filter_hides_what_does_not_match(qapp: QApplication, qtbot: QtBot) -> None:
    view = ListView(Theme(qapp), COLUMNS, "Names")
    qtbot.addWidget(view)
    view.show_rows([row("sales"), row("map"), row("payroll")])
    view.filtered.look_for("  PAY ")
    assert shown(view) == ["payroll"]
    view.filtered.look_for("")
    assert shown(view) == ["sales", "map", "payroll"]


def test_addresses_that_differ_at_their_ends_alone_do_not_look_alike(
    qapp: QApplication, qtbot: QtBot
) -> None:
    def looks(address: str, column: Column) -> QImage:
        view = ListView(Theme(qapp, Mode.LIGHT), (column,), "Repositories")
        qtbot.addWidget(view)
        view.resize(160, 120)
        view.show_rows((Row("it", (Cell(address),)),))
        return view.grab().toImage()

    here, there = (f"https://git.example.lan/team/{name}" for name in ("sales", "notes"))
    assert looks(here, Column("Address", 120)) == looks(there, Column("Address", 120))
    told_apart = Column("Address", 120, addresses=True)
    assert looks(here, told_apart) != looks(there, told_apart)
