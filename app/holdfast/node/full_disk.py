"""A full disk, as programs in containers tell of it."""

from __future__ import annotations

from holdfast.domain.errors import DiskFull
from holdfast.ports import Engine


def tells_full_disk(text: str) -> bool:
    """Whether a program's words tell of ENOSPC. Only the caller knows where it wrote."""
    return "no space left on device" in text.lower()


def full_disk(engine: Engine) -> DiskFull:
    return DiskFull(engine.facts().data_root)
