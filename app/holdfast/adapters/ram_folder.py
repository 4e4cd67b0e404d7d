"""Folders in RAM: which ones are, and the one for files that must never reach a disk."""

from __future__ import annotations

import os
from pathlib import Path

from holdfast.domain.errors import HoldfastError

SHARED_MEMORY = Path("/dev/shm")


def is_in_ram(folder: Path) -> bool:
    """Whether the folder's file system is in RAM (field 3 of mountinfo is its device)."""
    try:
        device = folder.stat().st_dev
    except OSError:
        return False
    wanted = f"{os.major(device)}:{os.minor(device)}"
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        before, _, after = line.partition(" - ")
        if before.split()[2] == wanted:
            return after.split()[0] in ("tmpfs", "ramfs")
    return False


def ram_folder() -> Path:
    """Where a file with secrets may lie for a while; raises HoldfastError where there is none."""
    if is_in_ram(SHARED_MEMORY):
        return SHARED_MEMORY
    raise HoldfastError(
        "This machine has no folder in RAM.",
        f"{SHARED_MEMORY} is not there, or on a disk; the secrets would be written to it.",
        "Change them with: holdfast secrets set, or holdfast secrets import",
    )
