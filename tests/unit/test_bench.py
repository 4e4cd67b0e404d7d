"""The pure parts of the benchmarks: how a figure is judged and told, and in which order."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from rich.console import Console

from bench.__main__ import GROUPS, main
from bench.figures import Figure, Goal, as_json, as_table, at_least, at_most, write
from bench.side_by_side import medians

SHORT = at_most(0.4)


def figure(value: float, goal: Goal = SHORT) -> Figure:
    return Figure("cold deploy", value, "ratio", goal, "One against the other.")


@pytest.mark.parametrize(
    ("goal", "value", "holds"),
    [
        (at_most(0.4), 0.39, True),
        (at_most(0.4), 0.4, True),
        (at_most(0.4), 0.41, False),
        (at_least(20), 49, True),
        (at_least(20), 20, True),
        (at_least(20), 19.9, False),
    ],
)
def test_a_goal_may_be_reached_but_not_crossed(goal: Goal, value: float, holds: bool) -> None:
    assert figure(value, goal).holds is holds


def test_what_is_judged_is_what_is_read() -> None:
    nearly = figure(0.40004)
    assert (nearly.shown, nearly.holds) == (0.4, True)
    beyond = figure(0.4006)
    assert (beyond.shown, beyond.holds) == (0.4006, False)


def test_the_file_holds_every_figure_with_its_verdict(tmp_path: Path) -> None:
    file = tmp_path / "build" / "bench.json"
    write([figure(0.30001), figure(0.95, at_least(20))], file)
    told = json.loads(file.read_text())
    assert told == {
        "figures": [
            {
                "name": "cold deploy",
                "value": 0.3,
                "unit": "ratio",
                "goal": "at most 0.4",
                "holds": True,
                "how": "One against the other.",
            },
            {
                "name": "cold deploy",
                "value": 0.95,
                "unit": "ratio",
                "goal": "at least 20",
                "holds": False,
                "how": "One against the other.",
            },
        ]
    }


def test_what_is_no_number_is_no_figure() -> None:
    with pytest.raises(ValueError, match="JSON"):
        as_json([figure(float("nan"))])


def test_the_table_says_what_was_missed() -> None:
    console = Console(width=120)
    with console.capture() as shown:
        console.print(as_table([figure(0.3), figure(0.5)]))
    rows = shown.get().splitlines()
    assert [("holds" in row, "missed" in row) for row in rows if "cold deploy" in row] == [
        (True, False),
        (False, True),
    ]


def test_two_things_are_measured_in_turn_and_their_medians_told() -> None:
    asked: list[str] = []

    def of(name: str, *values: float) -> float:
        asked.append(name)
        return values[(len(asked) - 1) // 2]

    assert medians(3, lambda: of("a", 1, 9, 2), lambda: of("b", 5, 4, 6)) == (2, 5)
    assert asked == ["a", "b", "a", "b", "a", "b"]


def test_a_group_that_does_not_exist_is_wrong_usage(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["bench", "volume", "speed"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert "there is no group speed" in said
    assert all(name in said for name in GROUPS)
