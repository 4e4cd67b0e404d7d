"""How long a secret lies on the clipboard."""

from __future__ import annotations

FORGET_SECONDS = 30
COPIED = f"Copied. The clipboard forgets it in {FORGET_SECONDS} seconds."
