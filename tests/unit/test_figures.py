"""What measurements come to: differences, holes, marks, plots, and what is handed out."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import memory_figures
import sample

from holdfast.domain.app import ReleaseKind
from holdfast.domain.figures import (
    FIGURES,
    AppFigures,
    Mark,
    Measured,
    marks,
    points,
)
from holdfast.domain.mark_kind import MarkKind
from holdfast.domain.names import AppName
from holdfast.presenters.figures import Line, as_text, held_sentence, newest_sentence, plots

APP = AppName("board")
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
FIRST = memory_figures.first(NOW)


def later(before: Measured, seconds: float = 60, **changes: Any) -> Measured:
    return replace(before, at=before.at + timedelta(seconds=seconds), **changes)


def test_a_point_is_what_happened_since_the_one_before() -> None:
    [point] = points(
        [FIRST, later(FIRST, cpu_seconds=27.0, requests=120, refused=7, failed=3, open=4)]
    )
    assert (point.seconds, point.cpu_percent) == (60, 25.0)
    assert (point.requests, point.requests_per_second) == (120, 2.0)
    assert (point.refused, point.failed, point.open, point.after_hole) == (7, 3, 4, False)


def test_the_network_is_plotted_in_bytes_a_second() -> None:
    traffic = later(FIRST, bytes_in=6 * 1024, bytes_out=60 * 3 << 20)
    shown = plots(AppFigures(APP, True, (FIRST, traffic)), timedelta(hours=1), traffic.at)
    assert shown is not None
    lines = {line.title: (line.values, line.unit, line.now) for line in shown.lines}
    assert lines["Received"] == ((0.1,), "KiB a second", "102 bytes a second")
    assert lines["Sent"] == ((3072.0,), "KiB a second", "3 MiB a second")


def test_visitors_who_were_not_counted_are_no_zero() -> None:
    """As measurements of before are, and the first one after an edge's start may be."""
    rows = [FIRST, later(FIRST, visitors=None)]
    rows.append(later(rows[-1], visitors=3))

    def visitors(measured: list[Measured]) -> Line:
        shown = plots(AppFigures(APP, True, tuple(measured)), timedelta(hours=1), measured[-1].at)
        assert shown is not None
        return next(line for line in shown.lines if line.title == "Visitors")

    assert visitors(rows[:2]).now == "–"
    line = visitors(rows)
    assert (line.now, [math.isnan(value) for value in line.values]) == ("3", [True, False])
    assert line.values[1] == 3
    assert "visitors not counted yet" in newest_sentence(AppFigures(APP, True, tuple(rows[:2])))
    assert "3 visitors within five minutes" in newest_sentence(AppFigures(APP, True, tuple(rows)))


def test_an_edge_that_was_begun_anew_counts_from_nothing() -> None:
    before = replace(FIRST, requests=500, bytes_out=9_000)
    [point] = points([before, later(before, requests=20, bytes_out=100)])
    assert (point.requests, point.bytes_out) == (20, 100)


def test_a_hole_is_told_and_what_was_counted_in_it_is_not_lost() -> None:
    [point] = points([FIRST, later(FIRST, 3600, requests=36)])
    assert (point.after_hole, point.requests) == (True, 36)


def test_two_desktops_may_measure_in_the_same_moment() -> None:
    assert points([FIRST, FIRST]) == ()


def test_what_happened_to_the_app_is_marked() -> None:
    released = later(FIRST, release="r8", cpu_seconds=1.0)
    restarted = later(released, restarts=1, cpu_seconds=2.0)
    started = later(restarted, cpu_seconds=0.5)
    measured = [FIRST, released, restarted, started, later(started)]
    assert marks(measured) == (
        Mark(released.at, MarkKind.RELEASE, "r8"),
        Mark(restarted.at, MarkKind.RESTART, "r8"),
        Mark(started.at, MarkKind.START, "r8"),
    )
    assert [point.cpu_percent is None for point in points(measured)] == [True, False, True, False]


def test_every_figure_that_is_kept_is_named() -> None:
    assert sorted(FIGURES) == sorted(field.name for field in fields(Measured))


def test_a_day_is_plotted_with_its_hole_and_its_marks() -> None:
    figures = AppFigures(APP, True, memory_figures.a_day(NOW))
    known = sample.releases(APP)
    newer = replace(known[0], id="r8", kept_in=None)
    live = replace(newer, kind=ReleaseKind.LIVE, created=NOW - timedelta(hours=1), kept_in="r8")
    shown = plots(figures, timedelta(hours=24), NOW, [live, newer])
    assert shown is not None
    assert [line.title for line in shown.lines] == [
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
    for line in shown.lines:
        assert len(line.at) == len(line.values)
    assert sum(map(math.isnan, shown.lines[2].values)) == 1
    # a word that has no room beside the next one is left out
    assert [word for _, word in shown.marks] == [
        newer.commit.id[:7],
        "",
        "start",
        live.commit.id[:7],
    ]
    assert "45 failed answers" in shown.summary
    quarter = plots(figures, timedelta(minutes=15), NOW)
    assert quarter is not None
    assert len(quarter.lines[0].at) == 15


def test_a_week_is_plotted_in_as_many_points_as_can_be_seen() -> None:
    rows = [FIRST]
    for minute in range(1, 7 * 24 * 60):
        rows.append(later(rows[-1], requests=60 * minute, cpu_seconds=12 + 6.0 * minute))
    shown = plots(AppFigures(APP, True, tuple(rows)), timedelta(days=7), rows[-1].at)
    assert shown is not None
    for line in shown.lines:
        assert len(line.at) <= 720
        assert not any(math.isnan(value) for value in line.values)
    assert set(shown.lines[0].values) == {10.0}
    assert set(shown.lines[2].values) == {1.0}
    assert shown.summary.startswith(f"{60 * (7 * 24 * 60 - 1)} requests")


def test_nothing_is_plotted_of_one_measurement() -> None:
    assert plots(AppFigures(APP, True, (FIRST,)), timedelta(hours=1), NOW) is None


def test_all_that_is_held_is_handed_out_as_a_table() -> None:
    figures = AppFigures(APP, True, memory_figures.a_day(NOW), 12_000)
    rows = list(csv.DictReader(io.StringIO(as_text(figures, table=True))))
    assert len(rows) == len(figures.measured)
    assert list(rows[0]) == list(FIGURES)
    assert rows[-1]["requests"] == str(figures.measured[-1].requests)
    assert held_sentence(figures).endswith("11.7 KiB.")
