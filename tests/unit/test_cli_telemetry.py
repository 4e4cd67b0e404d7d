"""`holdfast telemetry` on a world in memory."""

from __future__ import annotations

import re

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


def test_against_the_repository_it_takes_yes(shell: Shell) -> None:
    shell.world.memory.node.break_off("no-statistics")
    error = shell.error("telemetry", "set", APP, "on", status=2)
    assert "--yes" in error["next"]
    assert shell.json("telemetry", "show", APP)["telemetry"] == "off"
    done = shell.json("telemetry", "set", APP, "on", "--yes")
    assert (done["effective"], done["applied"]) == ("on", "restarted")
    assert shell.json("telemetry", "set", APP, "as-repository")["effective"] == "off"
    assert shell.json("telemetry", "set", APP, "off", "--later")["applied"] == "on next start"


def test_sources_are_listed(shell: Shell) -> None:
    done = shell.json("telemetry", "sources", APP, "listed", "--host", "https://a.org/x")
    assert (done["sources"], done["applied"]) == ({"allowed": "listed", "hosts": ["a.org"]}, "live")


@pytest.mark.parametrize(
    "words",
    [("set", APP, "maybe"), ("sources", APP, "some"), ("sources", APP, "listed", "--host", "a;b")],
)
def test_what_is_no_choice_is_wrong_usage(shell: Shell, words: tuple[str, ...]) -> None:
    assert shell.error("telemetry", *words, status=2)["next"]
