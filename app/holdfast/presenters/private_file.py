"""A file with something in it that nobody else shall read."""

from __future__ import annotations

import os
from pathlib import Path


def save_private(content: bytes, file: Path) -> None:
    """Into a new file that its owner alone can read. Raises OSError, also if it exists."""
    new = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(new, "wb") as opened:
        opened.write(content)
