"""Sizes of memory as they are typed: 512m, 1g, 1.5GiB, always in powers of 1024, as Docker's."""

from __future__ import annotations

import re

from pydantic import ByteSize, TypeAdapter, ValidationError

from holdfast.domain.errors import UsageError

_SIZE = TypeAdapter(ByteSize)
#: pydantic reads "g" and "gb" as 10^9; Docker and we mean 2^30.
_DECIMAL_UNIT = re.compile(r"(?<=[\d\s])([kmgtp])b?$")


def parse_memory(text: str) -> int:
    """Return a number of bytes above zero, or raise UsageError."""
    binary = _DECIMAL_UNIT.sub(r"\1ib", text.strip().lower())
    try:
        size = int(_SIZE.validate_python(binary))
    except ValidationError:
        size = 0
    if size <= 0:
        raise UsageError(
            f"“{text[:40]}” is not a size of memory.",
            "A size is a number with a unit.",
            "Write 512m or 1g.",
        )
    return size
