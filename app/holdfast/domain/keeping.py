"""What a keeper tells of a node: each thing as it happens, and how each of its duties stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

#: The duty that unseals what is sealed, by its name.
UNSEALING = "Unseal"


class NewsKind(StrEnum):
    CONNECTED = "connected"
    """The node's engine answers; every duty is done at once."""
    LOST = "lost"
    """It does not answer any more, or never has; `error` says why. It is asked again and again."""
    STEP = "step"
    LINE = "line"
    DONE = "done"
    """A duty that had something to do has done it."""
    FAILED = "failed"
    """A duty failed, with `error`; it is done again when its time comes."""


@dataclass(frozen=True, slots=True)
class News:
    """duty: whose, empty for what is told of the node. text: of a step or a line."""

    at: datetime
    kind: NewsKind
    duty: str = ""
    text: str = ""
    error: Exception | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """latest: the newest of each duty, by its name; that of the node itself under ""."""

    news: News
    latest: Mapping[str, News]
