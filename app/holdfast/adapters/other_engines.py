"""Finds container engines that already run on this machine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

USUAL_SOCKETS = ("/var/run/docker.sock", "/run/docker.sock")
# proc(5), /proc/net/unix: __SO_ACCEPTCON in the column Flags
_LISTENING = "00010000"


def listening_sockets(table: str) -> set[str]:
    """The paths that somebody listens on, out of the text of /proc/net/unix."""
    rows = (line.split(maxsplit=7) for line in table.splitlines()[1:])
    return {row[7] for row in rows if len(row) == 8 and row[3] == _LISTENING}


def engine_processes(proc: Path) -> Iterator[tuple[int, str]]:
    """(pid, command line) of every dockerd that shares our network.

    One in a network namespace of its own (an engine inside a container) disturbs nobody.
    """
    ours = _network(proc / "self")
    for folder in proc.iterdir():
        if not folder.name.isdigit():
            continue
        try:
            name = (folder / "comm").read_text().strip()
            command = (
                (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            )
        except OSError:
            continue
        # a process that is ending has no command line any more
        if name == "dockerd" and command and _network(folder) in (ours, None):
            yield int(folder.name), command.strip()


def _network(process: Path) -> str | None:
    """The process's network namespace, None where we may not look."""
    try:
        return str((process / "ns" / "net").readlink())
    except OSError:
        return None


def find_other_engine(
    own_marks: Iterable[str], environment: Mapping[str, str], proc: Path = Path("/proc")
) -> str | None:
    """Name an engine on this machine that is not ours, or None.

    own_marks: any of these in a command line, or at the beginning of a socket's path, says that it
    is ours.
    A socket is looked up, never connected to: that could start a service that waits on it.
    """
    marks = tuple(own_marks)
    chosen = environment.get("DOCKER_HOST", "").removeprefix("unix://")
    listening = listening_sockets((proc / "net" / "unix").read_text(errors="replace"))
    for socket in (chosen, *USUAL_SOCKETS):
        if socket in listening and not socket.startswith(marks):
            return f"an engine that listens on {socket}"
    for pid, command in engine_processes(proc):
        if not any(mark in command for mark in marks):
            return f"process {pid}: {command}"
    return None
