"""`holdfast telemetry` on a world in memory."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from shell import Capture, Shell

APP = "fleet-map"


@pytest.fixture
def shell(capsys: Capture) -> Shell:
    return Shell(capsys)


def test_show_tells_what_holds_and_why(shell: Shell) -> None:
    told = shell.json("telemetry", "show", APP)
    assert (told["name"], told["telemetry"], told["effective"]) == (APP, "off", "off")
    assert (told["repository"], told["sources"]) == (None, {"allowed": "anywhere", "hosts": []})
    assert told["reason"]
    assert {"what": "Uploads", "where": told["leaves"][3]["where"]} in told["leaves"]
    shown = shell.text("telemetry", "show", APP)
    assert "Off now. It is set for this app." in shown
    assert not re.search("– *$", shown, re.MULTILINE)


def test_show_proposes_what_the_repository_names(shell: Shell) -> None:
    assert shell.json("telemetry", "show", APP)["used"] == []
    assert "repository names" not in shell.text("telemetry", "show", APP)
    shell.world.memory.node.break_off("maps")
    [first, *_] = shell.json("telemetry", "show", APP)["used"]
    assert first == {"host": "*.cartocdn.com", "where": "pages/2_where_the_fleet_is.py line 31"}
    assert "tiles.example.org" in shell.text("telemetry", "show", APP)


def test_against_the_repository_it_takes_yes(shell: Shell) -> None:
    shell.world.memory.node.break_off("no-statistics")
    error = shell.error("telemetry", "set", APP, "on", status=2)
    assert "--yes" in error["next"]
    assert shell.json("telemetry", "show", APP)["telemetry"] == "off"
    done = shell.json("telemetry", "set", APP, "on", "--yes")
    assert (done["effective"], done["applied"]) == ("on", "restarted")
    assert shell.json("telemetry", "set", APP, "as-repository")["effective"] == "off"
    assert shell.json("telemetry", "set", APP, "off", "--later")["applied"] == "on next start"


def test_figures_obey_the_same_switch(shell: Shell) -> None:
    done = shell.json("telemetry", "set", APP, "on")
    assert done["figures"] == {"kept": True, "deleted": 0, "left": 0}
    told = shell.text("telemetry", "set", APP, "off")
    assert "1 measurement deleted at" in told
    assert "0 left. None are measured, and none are kept." in told
    # without usage statistics: they end with the next off
    assert "ends them too" in shell.text("telemetry", "figures", APP, "on")
    assert shell.json("telemetry", "sources", APP, "own")["figures"] is None
    done = shell.json("telemetry", "set", APP, "off", "--later")
    assert done["figures"] == {"kept": False, "deleted": 1, "left": 0}
    assert shell.json("telemetry", "set", APP, "as-repository")["figures"]["kept"] is True


def test_sources_are_listed(shell: Shell) -> None:
    done = shell.json("telemetry", "sources", APP, "listed", "--host", "https://a.org/x")
    assert (done["sources"], done["applied"]) == ({"allowed": "listed", "hosts": ["a.org"]}, "live")


@pytest.mark.parametrize(
    "words",
    [
        ("set", APP, "maybe"),
        ("figures", APP, "maybe"),
        ("sources", APP, "some"),
        ("sources", APP, "listed", "--host", "a;b"),
    ],
)
def test_what_is_no_choice_is_wrong_usage(shell: Shell, words: tuple[str, ...]) -> None:
    assert shell.error("telemetry", *words, status=2)["next"]


def test_show_tells_which_figures_are_kept(shell: Shell) -> None:
    told = shell.json("telemetry", "show", APP)["figures"]
    assert (told["kept"], told["newest"]) == (False, None)
    assert "None are measured, and none are kept." in shell.text("telemetry", "show", APP)
    begun = shell.json("telemetry", "figures", APP, "on")
    assert (begun["figures"]["kept"], begun["deleted"]) == (True, 0)
    told = shell.json("telemetry", "show", APP)["figures"]
    assert (told["kept"], told["measurements"], told["days"]) == (True, 1, 7)
    assert told["first"] == told["last"]
    assert "answer_ms" in told["meaning"]
    assert (told["newest"]["visitors"], told["newest"]["at"]) == (0, told["last"])
    assert "0 visitors within five minutes, 0 open pages." in shell.text("telemetry", "show", APP)
    assert "Never: content" in shell.text("telemetry", "show", APP)


def test_figures_are_exported_and_deleted_with_a_receipt(shell: Shell, tmp_path: Path) -> None:
    shell.world.memory.node.break_off("measured")
    shown = shell.json("telemetry", "export", APP)
    assert (shown["kept"], len(shown["figures"])) == (True, 1380)
    assert set(shown["figures"][0]) == set(shown["meaning"])
    assert shell.text("telemetry", "export", APP, "--csv").count("\n") == 1381
    file = tmp_path / "figures.csv"
    done = shell.json("telemetry", "export", APP, "--csv", "--save", str(file))
    assert (done["saved"], done["figures"]) == (str(file), 1380)
    assert file.read_text().startswith("at,release,")
    assert shell.error("telemetry", "export", APP, "--save", str(file), status=1)["next"]
    gone = shell.json("telemetry", "delete", APP)
    assert (gone["deleted"], gone["left"], gone["figures"]["kept"]) == (1380, 0, True)
    assert shell.json("telemetry", "export", APP)["figures"] == []
    assert "0 measurements deleted" in shell.text("telemetry", "figures", APP, "off")
    assert shell.json("telemetry", "show", APP)["figures"]["kept"] is False
