"""Sizes of memory as they are typed: 512m, 1g, 1.5GiB, always in powers of 1024, as Docker's."""

from __future__ import annotations

import re

from holdfast.domain.errors import UsageError

_SIZE = re.compile(r"(\d{1,15}(?:\.\d{1,15})?)\s*(?:([kmgtp])i?)?b?", re.ASCII | re.IGNORECASE)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4, "p": 5}


def parse_memory(text: str) -> int:
    """Return a number of bytes above zero, or raise UsageError."""
    found = _SIZE.fullmatch(text.strip())
    size = int(float(found[1]) * 1024 ** _POWERS[(found[2] or "").lower()]) if found else 0
    if size <= 0:
        raise UsageError(
            f"“{text[:40]}” is not a size of memory.",
            "A size is a number with a unit.",
            "Write 512m or 1g.",
        )
    return size
