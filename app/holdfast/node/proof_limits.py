"""What a proof does not cover on this node, or what may undo it, each with its remedy."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from holdfast.domain.proof import Limit, Unsearched
from holdfast.node.disk_search import Searcher, searching
from holdfast.node.node import Node

#: Swaps, a line; where core dumps go; then name and kind of each mapped device.
_LOOK = (
    "tail -n +2 /proc/swaps; echo ---; cat /proc/sys/kernel/core_pattern; echo ---;"
    ' for d in /sys/block/dm-*/dm; do [ -e "$d/uuid" ] || continue;'
    ' d=${d%/dm}; echo "${d##*/} $(cat "$d/dm/uuid")"; done; true'
)
_NO_DUMPS = ("", "|/bin/false", "|/usr/bin/false", "|/bin/true", "/dev/null")
_OURS = "holdfast."
_OCTAL = re.compile(r"\\(\d{3})")


@dataclass(frozen=True, slots=True)
class Swap:
    """On a plain disk. path: of a file or of a device, on the engine's host."""

    path: str
    is_file: bool


@dataclass(frozen=True, slots=True)
class HostMemory:
    """Where the host may write memory to. dumps: what is done with that of crashed programs."""

    swaps: tuple[Swap, ...]
    dumps: str

    @property
    def files(self) -> list[str]:
        return [swap.path for swap in self.swaps if swap.is_file]

    @property
    def devices(self) -> list[str]:
        return [swap.path for swap in self.swaps if not swap.is_file]


def host_memory(node: Node) -> HostMemory:
    with searching(node, ()) as searcher:
        text = searcher.look(_LOOK).decode(errors="replace")
    swaps, dumps, devices = (part.strip() for part in text.split("---\n", 2))
    kinds = dict(line.split(None, 1) for line in devices.splitlines())
    return HostMemory(plain_swaps(swaps, kinds), dumps)


def find_limits(
    node: Node, memory: HostMemory, searcher: Searcher
) -> tuple[list[Limit], list[Unsearched]]:
    """Swap on a plain disk may hold a mark later, even where it holds none now."""
    plain = [swap.path for swap in memory.swaps]
    limits = [*_swap(plain), *dump_limits(memory.dumps), *_shared(node)]
    shut = [path for path in plain if not searcher.covers(path)]
    return limits, [Unsearched(f"swap on {path}", "It could not be opened.") for path in shut]


def plain_swaps(table: str, devices: Mapping[str, str]) -> tuple[Swap, ...]:
    """Those that are neither in RAM nor encrypted. table: /proc/swaps without its heading.
    devices: name (dm-0) to kind (CRYPT-PLAIN-…) of each mapped device."""
    found = []
    for row in table.splitlines():
        path, kind = row.split()[:2]
        # as the kernel writes blanks within a name
        path = _OCTAL.sub(lambda code: chr(int(code[1], 8)), path)
        device = path.rpartition("/")[2]
        in_ram = device.startswith("zram")
        if not in_ram and not devices.get(device, "").startswith("CRYPT-"):
            found.append(Swap(path, kind == "file"))
    return tuple(found)


def _swap(plain: list[str]) -> list[Limit]:
    if not plain:
        return []
    what = (
        f"The node may write memory to {', '.join(plain)}, which is swap on a plain disk. "
        "Containers of Holdfast's are given none; the engine itself, through which keys pass, is."
    )
    return [Limit(what, "Turn it off with sudo swapoff -a, or encrypt it.")]


def dump_limits(pattern: str) -> list[Limit]:
    """pattern: /proc/sys/kernel/core_pattern."""
    if pattern in _NO_DUMPS:
        return []
    what = (
        f"The memory of a program that crashes is handed to “{pattern[:100]}”, which may write it "
        "to a disk. Containers of Holdfast's leave no such dump; the engine itself may."
    )
    return [Limit(what, "Turn it off with: sudo sysctl -w kernel.core_pattern='|/bin/false'")]


def _shared(node: Node) -> list[Limit]:
    containers = [c.name for c in node.engine.containers() if not _ours(c.labels)]
    volumes = [name for name, labels in node.engine.volumes() if not _ours(labels)]
    if not containers and not volumes:
        return []
    what = (
        f"The engine also has {_count(len(containers), 'container')} and "
        f"{_count(len(volumes), 'volume')} of others. "
        "Holdfast does not encrypt what those keep."
    )
    return [Limit(what, "Give Holdfast an engine of its own: holdfast node start")]


def _ours(labels: Mapping[str, str]) -> bool:
    return any(label.startswith(_OURS) for label in labels)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
