"""Repositories opened by a key of the workstation's ssh agent, which never leaves it."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from at_rest import search, told
from forge import Forge, forge
from own_agent import OwnAgent, own_agent
from world import World, plain_app

from holdfast.adapters.ssh_agent import OpenSshAgent
from holdfast.domain import names
from holdfast.domain.connection import (
    ConnectionRequest,
    CredentialKind,
    CredentialRefused,
    Repository,
)
from holdfast.domain.errors import RepositoryError, UsageError
from holdfast.domain.following import Lineage
from holdfast.domain.marks import Marks
from holdfast.domain.names import AppName
from holdfast.domain.repository import parse_repository
from holdfast.domain.ssh_agent import (
    AgentKey,
    AgentKeyMissing,
    AgentKeyUnchosen,
    AgentSilent,
    SshPlace,
    ssh_place,
)
from holdfast.node.carried_git import REFUSED, RELAY_SCRIPT, CarriedGit, carrying
from holdfast.node.fetcher import fetching
from holdfast.node.looks import looking
from holdfast.node.payloads import EDGE_UID
from holdfast.operations.inspect_repository import inspect_repository
from holdfast.operations.node_desk import NodeDesk
from holdfast.ports import Speaking, SshAgent

pytestmark = [pytest.mark.node, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def place() -> Iterator[Forge]:
    with forge() as made:
        yield made


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[OwnAgent]:
    with own_agent(tmp_path) as made:
        yield made


@pytest.fixture
def agents_world(world: World, agent: OwnAgent) -> Iterator[World]:
    """The node, as a session with this agent works on it. Nothing is left of what it did."""
    node = replace(world.node, ssh_agent=agent.port)
    before = world.picture()
    yield replace(world, node=node, desk=NodeDesk(lambda: node, world.desk._host))
    assert world.picture() == before


def connect(world: World, address: str, **wanted: Any) -> Repository:
    return world.run(world.desk.connect_repository(ConnectionRequest(address=address, **wanted)))


def check(world: World, address: str) -> str:
    """What its last contact found wrong, "" where it answered."""
    contact = world.run(world.desk.check_repository(address)).contact
    assert contact is not None
    return contact.error


def test_an_agents_key_from_its_choice_to_its_end(
    agents_world: World, place: Forge, agent: OwnAgent
) -> None:
    world, began = agents_world, time.time()
    address, code = place.ssh("till"), place.repository("till")
    code.commit(plain_app("'open'"))
    agent.add("spare")
    key = agent.add("work")
    with place.speaking_ssh() as host_key:
        with pytest.raises(AgentKeyUnchosen) as unchosen:
            connect(world, address, host_key=host_key, agent_key="")
        assert f"--agent-key {unchosen.value.keys[0].fingerprint}" in unchosen.value.next
        with pytest.raises(CredentialRefused, match="does not accept the ssh agent's key"):
            connect(world, address, host_key=host_key, agent_key=key.fingerprint)
        assert world.run(world.desk.repositories()) == ()
        place.add_key(key.line, "till")
        made = connect(world, address, host_key=host_key, agent_key=key.fingerprint)
        assert (made.credential, made.agent_key) == (CredentialKind.SSH_AGENT, key.fingerprint)
        assert made.contact is not None and not made.contact.error
        assert world.run(world.desk.inspect(address, None)).branches == ("main",)
        world.deploy(address, "till")
        assert world.visit("till.localhost").text == "open"
        code.commit(plain_app("'open longer'"))
        world.run(world.desk.update(AppName("till")))
        assert world.visit("till.localhost").text == "open longer"
        with pytest.raises(UsageError, match="opened by a key of your ssh agent"):
            world.run(world.desk.rotate_key(address))
        assert check(world, address) == ""
    os.sync()
    marks = Marks((), agent.private_half("work"))
    assert search(world, marks) == {}
    assert told(world, marks, began) == set()
    assert world.run(world.desk.remove(AppName("till"))).left == ()
    assert world.run(world.desk.repositories()) == ()


def test_an_agent_that_cannot_help_is_told_and_nothing_is_kept(
    agents_world: World, place: Forge, agent: OwnAgent
) -> None:
    world, address = agents_world, place.ssh("shop")
    place.repository("shop").commit(plain_app("'sold'"))
    with place.speaking_ssh() as host_key:
        with pytest.raises(AgentSilent, match="holds no key"):
            connect(world, address, host_key=host_key, agent_key="")
        key = agent.add("work")
        with pytest.raises(AgentKeyMissing):
            connect(world, address, host_key=host_key, agent_key="SHA256:nobodys")
        place.add_key(key.line, "shop")
        agent.lock(True)
        with pytest.raises(AgentSilent, match="holds no key") as locked:
            connect(world, address, host_key=host_key, agent_key="")
        assert "ssh-add -X" in locked.value.next
        assert world.run(world.desk.repositories()) == ()
        agent.lock(False)
        connect(world, address, host_key=host_key, agent_key="")
        agent.tell("-q", "-D")
        agent.add("another")
        told = check(world, address)
        assert "does not hold the key of this repository" in told and key.fingerprint in told
        elsewhere = replace(world.node, ssh_agent=OpenSshAgent({"PATH": os.environ["PATH"]}))
        with pytest.raises(AgentSilent, match="no ssh agent") as none:
            world.run(inspect_repository(elsewhere, address, None))
        assert "SSH_AUTH_SOCK" in none.value.next
    with place.speaking_ssh() as changed:
        agent.tell("-q", str(agent.folder / "work"))
        assert changed in check(world, address)
    world.run(world.desk.disconnect_repository(address, anyway=False))


def test_all_of_git_is_carried_and_git_lfs_is_not(
    agents_world: World, place: Forge, agent: OwnAgent
) -> None:
    world, address, code = agents_world, place.ssh("depot"), place.repository("depot")
    large = os.urandom(1 << 20).hex()
    before = code.commit(plain_app("'stored'"))
    code.give_commits_alone()
    code.commit({"large.txt": large})
    place.add_key(agent.add("work").line, "depot")
    with place.speaking_ssh() as host_key:
        connect(world, address, host_key=host_key, agent_key="")
        with looking(world.node, parse_repository(address)) as fetcher:
            wanted = fetcher.branches().wanted("main")
            first = fetcher.fetch(wanted, "refs/holdfast/look")
            fetcher.checkout("refs/holdfast/look")
            assert fetcher.read(["large.txt"]) == {"large.txt": large}
            code.commit({"later.txt": ""})
            assert fetcher.lineage(wanted, first) is Lineage.FOLLOWS
            code.set_back(before)
            code.commit({"instead.txt": ""})
            assert fetcher.lineage(wanted, first) is Lineage.REWRITTEN
        code.commit({".gitattributes": "*.bin filter=lfs -text\n"})
        code.commit({"large.bin": place.large_file(b"elsewhere")})
        with pytest.raises(RepositoryError, match="Git LFS") as refused:
            world.deploy(address, "depot")
        assert "may open more than this repository" in refused.value.why
        assert world.state("depot") is None
    world.run(world.desk.disconnect_repository(address, anyway=False))


def children_named(name: str) -> list[str]:
    """Of this process."""
    command = ("ps", "--ppid", str(os.getpid()), "-o", "comm=")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return [line for line in done.stdout.split() if line == name]


@pytest.mark.parametrize("name", ["drop-depot", "hang-depot"])
def test_a_server_that_breaks_off_leaves_nothing_running(
    agents_world: World, place: Forge, agent: OwnAgent, name: str
) -> None:
    world, address = agents_world, place.ssh(name)
    place.repository(name).commit({**plain_app("'stored'"), "data.txt": os.urandom(9000).hex()})
    place.add_key(agent.add("work").line, name)
    with place.speaking_ssh() as host_key:
        with pytest.raises(RepositoryError, match="broke off in the middle"):
            connect(world, address, host_key=host_key, agent_key="")
            world.deploy(address, "depot")
        assert children_named("ssh") == []
    assert world.state("depot") is None
    world.run(world.desk.disconnect_repository(address, anyway=False))


@dataclass
class Watched:
    """An agent of which is noted what it is used for."""

    agent: SshAgent
    used: list[SshPlace] = field(default_factory=list)

    def held(self) -> tuple[AgentKey, ...]:
        return self.agent.held()

    def upload_pack(
        self, place: SshPlace, key: AgentKey, known_hosts: str
    ) -> AbstractContextManager[Speaking]:
        self.used.append(place)
        return self.agent.upload_pack(place, key, known_hosts)


def test_a_node_gets_the_one_repository_whatever_it_asks_for(
    agents_world: World, place: Forge, agent: OwnAgent
) -> None:
    world, address = agents_world, place.ssh("vault")
    place.repository("vault").commit(plain_app("'kept'"))
    key = agent.add("work")
    place.add_key(key.line, "vault")
    with place.speaking_ssh() as host_key:
        connect(world, address, host_key=host_key, agent_key="")
        given, watched = parse_repository(address), Watched(agent.port)
        reach = world.node.connections.reach(given)
        app, user = AppName("looker"), f"{EDGE_UID}:{EDGE_UID}"
        container = names.task(app, "fetch")

        def run_beside(*command: str) -> tuple[str, str]:
            carried = CarriedGit(world.engine, watched, container, user, given, reach)
            with carrying(carried):
                done = world.engine.run(container, ("timeout", "20", *command), user)
            return done.output.decode(), carried.words

        with fetching(world.node, app, EDGE_UID, given, None):
            for command in (
                "git-receive-pack '/vault'",
                "git-upload-pack '/till'",
                "git-upload-pack '/vault'; id",
                "git-lfs-authenticate /vault download",
                "sh",
            ):
                asked = run_beside(RELAY_SCRIPT, "ask", "git@192.168.91.2", command)
                assert asked == ("", f"{REFUSED}\n")
            assert watched.used == []
            # another server is not spoken to, either
            by_relay = (f"GIT_SSH_COMMAND={RELAY_SCRIPT} ask", "GIT_SSH_VARIANT=ssh")
            elsewhere = ("git", "ls-remote", "ssh://root@elsewhere.example:22/vault")
            heard, _ = run_beside("env", *by_relay, *elsewhere)
            assert "refs/heads/main" in heard
            assert watched.used == [ssh_place(given)]
    world.run(world.desk.disconnect_repository(address, anyway=False))
