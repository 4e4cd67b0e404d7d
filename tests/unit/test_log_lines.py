"""The lines of a log: each has a level, and is shown or not by it."""

from __future__ import annotations

import pytest

from holdfast.presenters.logs import Level, LogBook, level_of


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("2026 ERROR x", Level.ERROR),
        ("Traceback (most recent call last):", Level.ERROR),
        ("KeyError: 'x'", Level.ERROR),
        ("json.JSONException: x", Level.ERROR),
        ("CRITICAL x", Level.ERROR),
        ("FATAL x", Level.ERROR),
        ("WARNING: late", Level.WARNING),
        ("[WARN] late", Level.WARNING),
        ("app.py:3: UserWarning: old", Level.WARNING),
        ("DEBUG tick", Level.DEBUG),
        ("TRACE tick", Level.DEBUG),
        ("an error of mine is no level", Level.INFO),
        ("UNWARNED, Error: and TRACEROUTE are none", Level.INFO),
    ],
)
def test_levels(text: str, level: Level) -> None:
    assert level_of(text) == level


@pytest.mark.parametrize("stamp", ["", "2026-11-24T10:00:00.000Z err "])
def test_an_indented_line_has_the_level_of_the_one_before_it(stamp: str) -> None:
    assert level_of(f"{stamp}  in line 3", Level.ERROR) == Level.ERROR
    assert level_of(f"{stamp}  in line 3") == Level.INFO
    assert level_of(f"{stamp}done", Level.ERROR) == Level.INFO


def test_the_filter_applies_to_lines_that_come_later() -> None:
    book = LogBook()
    book.add(["INFO a", "ERROR b"])
    assert [line.text for line in book.filter("", Level.ERROR)] == ["ERROR b"]
    assert [line.text for line in book.add(["INFO c", "ERROR d", "  in d"])] == [
        "ERROR d",
        "  in d",
    ]
    assert book.text() == "INFO a\nERROR b\nINFO c\nERROR d\n  in d\n"
