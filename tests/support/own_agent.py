"""An ssh agent of a test's own, with keys that are made for it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from waiting import wait_until

from holdfast.adapters.ssh_agent import OpenSshAgent
from holdfast.domain.ssh_agent import AgentKey, parse_agent_keys


@dataclass(frozen=True)
class OwnAgent:
    """environment: of a session that it belongs to. folder: the keys as files."""

    environment: dict[str, str]
    folder: Path

    @property
    def port(self) -> OpenSshAgent:
        return OpenSshAgent(self.environment)

    def add(self, name: str, kind: str = "ed25519") -> AgentKey:
        """Make a key and give it to the agent."""
        file = self.folder / name
        command = ("ssh-keygen", "-q", "-t", kind, "-N", "", "-C", name, "-f", str(file))
        subprocess.run(command, check=True)
        self.tell("-q", str(file))
        (made,) = parse_agent_keys(file.with_suffix(".pub").read_text())
        return made

    def tell(self, *arguments: str) -> None:
        subprocess.run(("ssh-add", *arguments), check=True, env=self.environment)

    def lock(self, locked: bool) -> None:
        """With a passphrase."""
        asking = self.folder / "ask"
        asking.write_text("#!/bin/sh\necho sesame\n")
        asking.chmod(0o700)
        environment = {
            **self.environment,
            "SSH_ASKPASS": str(asking),
            "SSH_ASKPASS_REQUIRE": "force",
        }
        command = ("ssh-add", "-x" if locked else "-X")
        subprocess.run(command, check=True, env=environment, capture_output=True)

    def private_half(self, name: str) -> str:
        """A line that is of that half alone."""
        return (self.folder / name).read_text().splitlines()[4][:48]


@contextmanager
def own_agent(folder: Path) -> Iterator[OwnAgent]:
    place = folder / "agent"
    environment = {"PATH": os.environ["PATH"], "SSH_AUTH_SOCK": str(place)}
    command = ("ssh-agent", "-D", "-a", str(place))
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as agent:
        try:
            wait_until(place.is_socket, "the agent listens")
            yield OwnAgent(environment, folder)
        finally:
            agent.terminate()
