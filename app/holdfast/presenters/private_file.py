"""A file with something in it that nobody else shall read."""

from __future__ import annotations

import os
from pathlib import Path

from holdfast.domain.errors import UsageError, reason_of

#: No key comes near it, and no certificate with its chain and key.
_MOST_BYTES = 1 << 20


def save_private(content: bytes, file: Path) -> None:
    """Into a new file that its owner alone can read. Raises OSError, also if it exists."""
    new = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(new, "wb") as opened:
        opened.write(content)


def read_private(file: Path) -> bytes:
    """A key, or certificates. Raises UsageError."""
    if file.exists() and not file.is_file():
        raise UsageError(f"“{file.name}” is no file.", "", "Choose a file.")
    try:
        with file.open("rb") as opened:
            content = opened.read(_MOST_BYTES + 1)
    except OSError as error:
        raise unreadable(file.name, error) from error
    if len(content) > _MOST_BYTES:
        raise UsageError(
            f"“{file.name}” is no certificate, and no key.",
            "It is larger than 1 MiB.",
            "Choose another file.",
        )
    return content


def unreadable(file: str, error: OSError) -> UsageError:
    return UsageError(
        f"“{file}” cannot be read.", reason_of(error), "Choose a file that you may read."
    )
