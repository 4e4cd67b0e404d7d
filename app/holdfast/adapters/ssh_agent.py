"""The SshAgent port, with the OpenSSH of this machine."""

from __future__ import annotations

import os
import select
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from holdfast.domain.ssh_agent import AgentKey, AgentSilent, SshPlace, parse_agent_keys

#: Of the environment: where the agent is, and what it takes to find programs and to ask a person
#: whether a key may be used.
_PASSED_ON = ("SSH_AUTH_SOCK", "PATH", "HOME", "DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "LANG")
_AGENT_EMPTY = 1
_CHUNK = 1 << 16
#: Seconds without a byte: git's server says every five that it is still at work.
_PATIENCE = 60
_OPTIONS = (
    "BatchMode=yes",
    "StrictHostKeyChecking=yes",
    "GlobalKnownHostsFile=none",
    "UpdateHostKeys=no",
    "IdentitiesOnly=yes",
    "PreferredAuthentications=publickey",
    "ForwardAgent=no",
    "ClearAllForwardings=yes",
    "ControlPath=none",
    "ConnectTimeout=20",
    "ServerAliveInterval=15",
    "SendEnv=GIT_PROTOCOL",
)


class OpenSshAgent:
    """environment: of this session, which says where its agent is."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = {name: environment[name] for name in _PASSED_ON if name in environment}

    def held(self) -> tuple[AgentKey, ...]:
        if "SSH_AUTH_SOCK" not in self._environment:
            raise _silent("SSH_AUTH_SOCK is not set in this session.")
        try:
            done = subprocess.run(
                ["ssh-add", "-L"],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
            )
        except FileNotFoundError:
            raise AgentSilent(
                "OpenSSH is not installed on this machine.",
                "Its ssh speaks to the repository with the agent's key.",
                "Install it (Debian and Ubuntu: openssh-client), then try again.",
            ) from None
        if done.returncode not in (0, _AGENT_EMPTY):
            raise _silent(done.stderr.decode(errors="replace").strip()[-200:])
        found = parse_agent_keys(done.stdout.decode(errors="replace"))
        if not found:
            raise AgentSilent(
                "The ssh agent holds no key.",
                "It was given none, or is locked.",
                "Give it one with ssh-add, or unlock it with ssh-add -X, then try again.",
            )
        return found

    @contextmanager
    def upload_pack(self, place: SshPlace, key: AgentKey, known_hosts: str) -> Iterator[_Speaking]:
        with tempfile.TemporaryDirectory(prefix="holdfast-ssh-") as folder:
            public, known = Path(folder, "key.pub"), Path(folder, "known_hosts")
            public.write_text(f"{key.line}\n")
            known.write_text(known_hosts)
            options = (*_OPTIONS, f"UserKnownHostsFile={known}")
            with (
                Path(folder, "complaints").open("w+b") as complaints,
                subprocess.Popen(
                    (
                        *("ssh", "-F", "none", "-a", "-x", "-T", "-i", str(public)),
                        *(part for option in options for part in ("-o", option)),
                        *("-l", place.user, "-p", str(place.port), "--", place.host),
                        place.command,
                    ),
                    env={**self._environment, "GIT_PROTOCOL": "version=2"},
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=complaints,
                    # what could not be written any more is not tried again at the end
                    bufsize=0,
                    # a signal of the terminal's is for whoever carries this out
                    start_new_session=True,
                ) as process,
            ):
                speaking = _Speaking(process, complaints)
                try:
                    yield speaking
                finally:
                    speaking.stop()


class _Speaking:
    def __init__(self, process: subprocess.Popen[bytes], complaints: IO[bytes]) -> None:
        assert process.stdin is not None and process.stdout is not None
        self._process = process
        self._input, self._output = process.stdin, process.stdout
        self._complaints = complaints

    def read(self) -> bytes:
        # ssh learned it with ChannelTimeout of OpenSSH 9.7
        if not select.select([self._output], [], [], _PATIENCE)[0]:
            return b""
        return os.read(self._output.fileno(), _CHUNK)

    def write(self, content: bytes) -> None:
        with suppress(OSError):
            while content:
                content = content[self._input.write(content) :]

    def stop(self) -> None:
        self._process.terminate()

    def complaints(self) -> str:
        self._process.wait()
        self._complaints.seek(0)
        return self._complaints.read().decode(errors="replace")


def _silent(why: str) -> AgentSilent:
    return AgentSilent(
        "There is no ssh agent here.",
        why,
        "Start one in this session, and give it the key: ssh-add. A service has none unless it is"
        " told where: SSH_AUTH_SOCK in its environment.",
    )
