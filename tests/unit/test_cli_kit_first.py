"""What the command line says of a recovery kit that is missing, and when it asks for one."""

from __future__ import annotations

import sample
from own_terminal import Terminal
from shell import Capture, Shell

DEPLOY = ("app", "deploy", "/srv/map", "--name", "map")


def test_a_script_deploys_without_one_and_is_told_on_standard_error_alone(capsys: Capture) -> None:
    bare, kept = Shell(capsys, "no-kit", "empty"), Shell(capsys, "empty")
    made = [shell.json(*DEPLOY) for shell in (bare, kept)]
    # a release has a time and an identity of its own
    assert made[0] | {"release": None} == made[1] | {"release": None}
    assert "recovery kit" not in bare.text(*DEPLOY, "--replace") + kept.text(*DEPLOY, "--replace")
    assert "recovery kit" not in kept.errors
    for told in ("! This node has no recovery kit.", "lost data", "holdfast kit create"):
        assert told in bare.errors


def test_one_that_was_not_confirmed_is_asked_for_until_it_is(capsys: Capture) -> None:
    shell = Shell(capsys, "no-kit")
    shell.json("kit", "create")
    shell.json(*DEPLOY)
    assert "! The recovery kit is not confirmed." in shell.errors
    assert "holdfast kit check" in shell.errors


def test_the_node_tells_it_too(capsys: Capture) -> None:
    bare, kept = Shell(capsys, "no-kit"), Shell(capsys)
    for verb in ("start", "status"):
        assert bare.json("node", verb) == kept.json("node", verb)
        assert "! This node has no recovery kit." in bare.errors
        assert "recovery kit" not in kept.errors


def test_before_the_first_app_a_person_is_asked_for_one(capsys: Capture) -> None:
    terminal = Terminal(*DEPLOY, faults="no-kit empty")
    said = terminal.read_until("Make it first? [Y/n]: ")
    assert "lost data" in said
    terminal.type("")
    said = terminal.read_until("AGE-SECRET-KEY-1…): ")
    assert sample.KIT_IDENTITY in said
    assert "Fetch the code" not in said
    terminal.type(sample.KIT_IDENTITY)
    said = terminal.read_until("https://map.localhost")
    assert "It is confirmed." in said
    assert "Fetch the code" in said
    assert terminal.close() == 0


def test_who_wants_none_or_mistypes_it_gets_the_app_all_the_same() -> None:
    without = Terminal(*DEPLOY, faults="no-kit empty")
    without.read_until("Make it first? [Y/n]: ")
    without.type("n")
    assert "has no recovery kit" in without.read_until("holdfast kit create").partition("https")[2]
    assert without.close() == 0

    mistyped = Terminal(*DEPLOY, faults="no-kit empty")
    mistyped.read_until("Make it first? [Y/n]: ")
    mistyped.type("y")
    mistyped.read_until("AGE-SECRET-KEY-1…): ")
    mistyped.type(f"{sample.KIT_IDENTITY[:-1]}Q")
    said = mistyped.read_until("The recovery kit is not confirmed.")
    assert "https://map.localhost" in said
    assert f"{sample.KIT_IDENTITY[:-1]}Q" not in said
    assert mistyped.close() == 0


def test_nobody_is_asked_who_has_apps_or_a_kit() -> None:
    for faults in ("no-kit", "empty"):
        terminal = Terminal(*DEPLOY, faults=faults)
        said = terminal.read_until("https://map.localhost")
        assert "Make it first?" not in said
        assert terminal.close() == 0
