"""Keys of an ssh agent: which there are, which is meant, and what is asked of a server with it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from memory_agent import HOME, WORK
from own_agent import own_agent

from holdfast.adapters.ssh_agent import OpenSshAgent
from holdfast.domain.connection import ConnectionRequest
from holdfast.domain.errors import UsageError
from holdfast.domain.repository import parse_repository
from holdfast.domain.secret import Secret
from holdfast.domain.ssh_agent import (
    AgentKeyMissing,
    AgentKeyUnchosen,
    AgentSilent,
    SshPlace,
    choose_agent_key,
    parse_agent_keys,
    read_agent_key,
    ssh_place,
)
from holdfast.operations.connect_repository import check_request

ADDRESS = "git@git.example:team/sales.git"


def test_what_an_agent_lists_is_read_and_the_rest_passed_over() -> None:
    listed = f"{WORK.line}\nssh-dss AAAA old\n{HOME.kind}-cert-v01@openssh.com {HOME.key} x\n"
    assert parse_agent_keys(f"{listed}\nssh-ed25519 no!key\n{HOME.line}\n") == (WORK, HOME)
    assert parse_agent_keys("The agent has no identities.\n") == ()
    [nameless] = parse_agent_keys(f"{WORK.kind} {WORK.key}\n")
    assert (nameless.line, nameless.name) == (f"{WORK.kind} {WORK.key}", "ssh-ed25519")
    for key in (WORK, nameless):
        assert read_agent_key(key.line) == key


def test_one_key_is_chosen_by_its_fingerprint_or_because_it_is_alone() -> None:
    assert choose_agent_key([WORK], "", ADDRESS) == WORK
    assert choose_agent_key([WORK, HOME], HOME.fingerprint, ADDRESS) == HOME
    with pytest.raises(AgentKeyUnchosen) as unchosen:
        choose_agent_key([WORK, HOME], "", ADDRESS)
    assert unchosen.value.keys == (WORK, HOME)
    with pytest.raises(AgentKeyMissing):
        choose_agent_key([WORK], HOME.fingerprint, ADDRESS)


@pytest.mark.parametrize(
    ("address", "place"),
    [
        (ADDRESS, SshPlace("git", "git.example", 22, "team/sales.git")),
        ("ssh://ada@git.example:2222/srv/x", SshPlace("ada", "git.example", 2222, "/srv/x")),
        ("ssh://ada@git.example/~ada/x", SshPlace("ada", "git.example", 22, "~ada/x")),
        ("ada@[2001:db8::7]:x/y", SshPlace("ada", "2001:db8::7", 22, "x/y")),
    ],
)
def test_the_server_is_asked_what_git_would_ask(
    address: str, place: SshPlace, tmp_path: Path
) -> None:
    given = parse_repository(address)
    assert ssh_place(given) == place
    asked = tmp_path / "asked"
    (tmp_path / "ssh").write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >{asked}\n')
    (tmp_path / "ssh").chmod(0o755)
    environment = {**os.environ, "GIT_SSH_VARIANT": "ssh", "GIT_SSH": str(tmp_path / "ssh")}
    command = ("git", "ls-remote", given.url)
    subprocess.run(command, env=environment, capture_output=True, check=False)
    *_, host, told = asked.read_text().splitlines()
    assert (host.strip("[]"), told) == (f"{place.user}@{place.host}", place.command)


def test_an_agent_of_this_session_is_asked_for_its_keys(tmp_path: Path) -> None:
    with own_agent(tmp_path) as agent:
        with pytest.raises(AgentSilent, match="holds no key"):
            agent.port.held()
        first, second = agent.add("first"), agent.add("second", "ecdsa")
        assert agent.port.held() == (first, second)
    with pytest.raises(AgentSilent, match="no ssh agent") as gone:
        agent.port.held()
    assert "agent" in gone.value.why


def test_a_session_without_an_agent_or_openssh_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(AgentSilent, match="no ssh agent") as told:
        OpenSshAgent({}).held()
    assert "SSH_AUTH_SOCK" in told.value.why + told.value.next
    with pytest.raises(AgentSilent, match="not installed"):
        OpenSshAgent({"SSH_AUTH_SOCK": "/nowhere", "PATH": str(tmp_path)}).held()


@pytest.mark.parametrize(
    "wanted",
    [
        ConnectionRequest(address=ADDRESS, agent_key="", key=Secret(b"a key")),
        ConnectionRequest(address=ADDRESS, agent_key="", install=True),
        ConnectionRequest(address=ADDRESS, agent_key="", token=Secret(b"token")),
        ConnectionRequest(address="https://git.example/team/sales", agent_key=""),
    ],
)
def test_one_credential_is_asked_for(wanted: ConnectionRequest) -> None:
    with pytest.raises(UsageError):
        check_request(parse_repository(wanted.address), wanted)
