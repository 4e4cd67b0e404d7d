"""git's bytes carried between a fetch container and this machine's ssh, which holds the agent.

What the container asks for is compared and never carried out: the server, the user and the command
are those of the one repository that is fetched.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from holdfast.domain.errors import HoldfastError
from holdfast.domain.host_keys import known_hosts, known_name
from holdfast.domain.repository import RepositoryAddress
from holdfast.domain.ssh_agent import AgentKeyMissing, read_agent_key, ssh_place
from holdfast.node.beside import Beside
from holdfast.node.connections import Reach
from holdfast.node.scripts import SCRIPTS
from holdfast.ports import Engine, Joined, Speaking, SshAgent

RELAY_SCRIPT = f"{SCRIPTS}/git_relay.py"
REFUSED = "git-upload-pack alone is carried, and of this repository."
#: No command of git's is so long.
_LONGEST_COMMAND = 4096


class CarriedGit:
    """Of one command in a container. address: of the repository, reached over SSH."""

    def __init__(
        self,
        engine: Engine,
        agent: SshAgent,
        container: str,
        user: str,
        address: RepositoryAddress,
        reach: Reach,
    ) -> None:
        assert reach.connection is not None
        self._engine = engine
        self._agent = agent
        self._container = container
        self._user = user
        self._place = ssh_place(address)
        self._key = read_agent_key(reach.connection.public_key)
        self._known_hosts = known_hosts(known_name(address), reach.host_keys)
        self._guard = Lock()
        self._over = False
        self._joined: Joined | None = None
        self._words: list[str] = []

    @property
    def words(self) -> str:
        """What ssh had to say, and what was refused."""
        return "".join(self._words)

    def serve(self) -> None:
        """One connection of git's after the other, until `end`."""
        try:
            while self._carry_next():
                pass
        except HoldfastError as error:
            # git ends by itself, as nobody answers it
            self._words.append(f"{error}\n")

    def end(self) -> None:
        """git has ended, and with it whatever speaks for it."""
        with self._guard:
            self._over = True
            if self._joined is not None:
                self._joined.finish()

    def _carry_next(self) -> bool:
        with self._engine.joined(self._container, (RELAY_SCRIPT, "wait"), self._user) as joined:
            with self._guard:
                self._joined = joined
                if self._over:
                    joined.finish()
            asked, _, rest = _first_line(joined).partition(b"\n")
            if asked.decode(errors="replace") == self._place.command:
                self._carry(joined, rest)
            elif asked:
                self._words.append(f"{REFUSED}\n")
            joined.finish()
            while joined.read():
                pass
            return not self._over

    def _carry(self, joined: Joined, first: bytes) -> None:
        with self._agent.upload_pack(self._place, self._key, self._known_hosts) as server:
            with Beside() as beside:
                beside.begin(lambda: _send(joined, first, server))
                while content := server.read():
                    joined.write(content)
                joined.finish()
            self._words.append(server.complaints())


@contextmanager
def carrying(carried: CarriedGit) -> Iterator[None]:
    """For the time of the block, in which git runs."""
    with Beside() as beside:
        beside.begin(carried.serve)
        try:
            yield
        finally:
            carried.end()


def check_agent(agent: SshAgent, address: RepositoryAddress, reach: Reach) -> None:
    """Raises AgentSilent, AgentKeyMissing: before anything is asked of the node."""
    assert reach.connection is not None
    key = read_agent_key(reach.connection.public_key)
    if key.fingerprint not in {each.fingerprint for each in agent.held()}:
        raise AgentKeyMissing(
            "The ssh agent does not hold the key of this repository.",
            f"{address.url} is opened by {key.fingerprint} ({key.name}).",
            "Give the agent that key with ssh-add, or choose another:"
            f" holdfast repository add {address.url} --agent",
        )


def _first_line(joined: Joined) -> bytes:
    """With what came along with it; empty where nothing was asked for."""
    line = b""
    while b"\n" not in line and len(line) < _LONGEST_COMMAND and (content := joined.read()):
        line += content
    return line


def _send(joined: Joined, first: bytes, server: Speaking) -> None:
    server.write(first)
    while content := joined.read():
        server.write(content)
    # git has gone, or is told that the server has: there is nothing left to say
    server.stop()
