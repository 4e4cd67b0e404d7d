"""What the kernel says of a running app and of its mounter, read within their containers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from holdfast.domain import names
from holdfast.domain.names import AppName
from holdfast.node.node import Node

#: Four parts: of the container's first process, then the command lines of all.
_LOOK = (
    "cat /proc/1/status; echo ---; cat /proc/1/mounts; echo ---; tr '\\0' '\\n' </proc/1/environ;"
    " echo ---; cat /proc/[0-9]*/cmdline | tr '\\0' ' '"
)


@dataclass(frozen=True, slots=True)
class ProcessLook:
    """mounts: (type, options) by mount point."""

    status: Mapping[str, str]
    mounts: Mapping[str, tuple[str, str]]
    environment: tuple[str, ...]
    commands: str


def look_at_app(node: Node, app: AppName, release: str, uid: int) -> ProcessLook:
    runner = names.runner(app, release)
    done = node.engine.run(runner, ("/bin/sh", "-c", _LOOK), f"{uid}:{uid}")
    status, mounts, environment, commands = done.output.decode(errors="replace").split("---\n", 3)
    pairs = (line.partition(":") for line in status.splitlines())
    rows = (line.split() for line in mounts.splitlines())
    return ProcessLook(
        {name: value.strip() for name, _, value in pairs},
        {row[1]: (row[2], row[3]) for row in rows},
        tuple(environment.splitlines()),
        commands,
    )


def mounts_of_mounter(node: Node, app: AppName) -> defaultdict[str, list[str]]:
    """The types of file systems by mount point, which may have several, one over the other."""
    done = node.engine.run(names.mounter(app), ("/bin/cat", "/proc/mounts"))
    found: defaultdict[str, list[str]] = defaultdict(list)
    for row in map(str.split, done.output.decode(errors="replace").splitlines()):
        found[row[1]].append(row[2])
    return found
