"""holdfast repository, on a world in memory."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from memory_agent import HOME, WORK
from memory_repositories import HOST_KEY, public_key
from own_terminal import Terminal
from shell import Capture, Shell

GITHUB, ELSEWHERE = "git@github.com:team/sales.git", "git@git.example:team/sales.git"


@pytest.fixture
def shell(capsys: Capture) -> Shell:
    return Shell(capsys, "empty")


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> io.BytesIO:
    """Standard input, which is no terminal."""
    content = io.BytesIO()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(content))
    return content


def test_a_deploy_key_is_made_shown_and_listed(shell: Shell) -> None:
    made = shell.json("repository", "add", GITHUB)
    assert made == {
        "address": GITHUB,
        "credential": "deploy key",
        "agent_key": None,
        "host_key": HOST_KEY.fingerprint,
        "offered_host_key": None,
        "last_contact": None,
        "reachable": None,
        "error": None,
        "apps": [],
        "public_key": public_key(1),
        "installed": False,
    }
    assert "https://github.com/team/sales/settings/keys/new" in shell.errors
    # not folded, so that it can be copied
    assert public_key(2) in shell.text("repository", "add", GITHUB).splitlines()
    shell.json("repository", "remove", GITHUB)
    made = shell.json("repository", "add", GITHUB)
    del made["public_key"], made["installed"]
    assert shell.json("repository", "list") == {"repositories": [made]}
    assert shell.json("repository", "test", GITHUB)["reachable"] is True
    assert shell.json("repository", "rotate-key", GITHUB)["public_key"] == public_key(4)
    assert "being rotated" in shell.text("repository", "list")
    removed = [{"kind": "repository credential", "id": GITHUB}]
    gone = {"removed": removed, "left": [], "by_hand": []}
    assert shell.json("repository", "remove", GITHUB) == gone
    assert shell.json("repository", "list") == {"repositories": []}
    assert "No repositories yet" in shell.text("repository", "list")


def test_a_script_names_the_host_key_that_it_expects(shell: Shell) -> None:
    error = shell.error("repository", "add", ELSEWHERE)
    assert error["what"] == "The host key of git.example is not known."
    assert f"--host-key {HOST_KEY.fingerprint}" in error["next"]
    added = shell.json("repository", "add", ELSEWHERE, "--host-key", HOST_KEY.fingerprint)
    assert added["host_key"] == HOST_KEY.fingerprint


def test_a_key_of_the_ssh_agent_is_chosen_and_named(shell: Shell) -> None:
    error = shell.error("repository", "add", GITHUB, "--agent")
    assert error["what"] == "The ssh agent holds several keys."
    assert f"{HOME.fingerprint} (ada at home)" in error["why"]
    assert f"--agent-key {WORK.fingerprint}" in error["next"]
    made = shell.json("repository", "add", GITHUB, "--agent-key", HOME.fingerprint)
    assert (made["credential"], made["agent_key"]) == ("ssh agent", HOME.fingerprint)
    assert made["reachable"] is True
    assert f"SSH agent, {HOME.fingerprint}" in shell.text("repository", "test", GITHUB)
    assert "your ssh agent" in shell.error("repository", "rotate-key", GITHUB, status=2)["what"]
    shell.json("repository", "remove", GITHUB)
    assert shell.json("repository", "list") == {"repositories": []}
    unknown = shell.error("repository", "add", GITHUB, "--agent-key", "SHA256:nobodys")
    assert WORK.fingerprint in unknown["why"]


def test_on_a_terminal_it_is_asked_which_of_the_agents_keys() -> None:
    terminal = Terminal("repository", "add", GITHUB, "--agent", faults="")
    asked = terminal.read_until("Which one: ")
    assert f"1  {WORK.fingerprint}" in asked and f"2  {HOME.fingerprint}" in asked
    for wrong in ("3", "one"):
        terminal.type(wrong)
        assert "Type a number from 1 to 2." in terminal.read_until("Which one: ")
    terminal.type("2")
    terminal.read_until(HOME.fingerprint)
    assert terminal.close() == 0


def test_no_agent_is_told(capsys: Capture) -> None:
    shell = Shell(capsys, "empty", "no-agent")
    assert "no ssh agent" in shell.error("repository", "add", GITHUB, "--agent")["what"]
    assert shell.json("repository", "list") == {"repositories": []}


def test_a_repository_that_does_not_answer_fails_and_is_shown(capsys: Capture) -> None:
    shell = Shell(capsys, "empty", "silent-repository")
    shell.json("repository", "add", GITHUB)
    found = shell.json("repository", "test", GITHUB, status=1)
    assert (found["reachable"], found["error"]["what"]) == (False, "The repository cannot be read.")
    assert found["error"]["next"] == "Add it to the deploy keys there."


def test_a_token_is_read_from_standard_input(shell: Shell, given: io.BytesIO) -> None:
    given.write(b"t0p-secret\n")
    given.seek(0)
    address = "https://git.example/team/sales"
    added = shell.json("repository", "add", address, "--token")
    assert (added["credential"], added["reachable"]) == ("token", True)
    assert "t0p-secret" not in f"{added}{shell.errors}"
    assert "No token" in shell.error("repository", "add", address, "--token", status=2)["what"]


@pytest.mark.parametrize(("options", "fault"), [(("--bearer",), ""), ((), "bearer-alone")])
def test_a_bearer_token_is_asked_for_or_found_out(
    capsys: Capture, given: io.BytesIO, options: tuple[str, ...], fault: str
) -> None:
    shell = Shell(capsys, "empty", *filter(None, [fault]))
    given.write(b"t0p-secret\n")
    given.seek(0)
    added = shell.json("repository", "add", "https://git.example/sales", "--token", *options)
    assert (added["credential"], added["reachable"]) == ("bearer token", True)
    assert "Bearer token" in shell.text("repository", "list")


def test_a_pasted_token_is_never_dropped_in_silence(shell: Shell) -> None:
    pasted = "https://ada:t0p-secret@git.example/team/sales"
    shell.json("repository", "add", pasted)
    shell.json("repository", "test", pasted)
    assert "neither used nor kept here" in shell.errors
    assert shell.json("repository", "rotate-key", pasted)["credential"] == "token"
    assert "It goes to the keychain" in shell.errors
    shell.json("repository", "remove", pasted)
    assert "neither used nor kept here" in shell.errors
    assert not shell.json("repository", "list")["repositories"]
    assert "t0p-secret" not in shell.errors


def test_a_pasted_token_is_taken_out_and_told(shell: Shell) -> None:
    pasted = "https://ada:t0p-secret@git.example/team/sales"
    assert shell.json("repository", "add", pasted)["credential"] == "token"
    assert "The address held a token." in shell.errors
    deployed = shell.json("app", "deploy", pasted, "--name", "sales")
    assert "The address held a token." in shell.errors
    assert "t0p-secret" not in f"{deployed}{shell.errors}{shell.world.memory.asked}"
    assert shell.world.memory.asked[0].repository == "https://git.example/team/sales"
    [shown] = shell.json("repository", "list")["repositories"]
    assert (shown["credential"], shown["apps"]) == ("token", ["sales"])
    assert "sales would" in shell.error("repository", "remove", shown["address"], status=2)["what"]
    assert shell.json("repository", "remove", shown["address"], "--yes")["left"] == []


def test_a_key_of_ones_own_with_its_passphrase(
    capsys: Capture, tmp_path: Path, given: io.BytesIO
) -> None:
    shell = Shell(capsys, "empty", "locked-key")
    (tmp_path / "key").write_text("-----BEGIN OPENSSH PRIVATE KEY-----")
    given.write(b"sesame\n")
    given.seek(0)
    added = shell.json("repository", "add", GITHUB, "--key", str(tmp_path / "key"))
    assert added["credential"] == "imported key"
