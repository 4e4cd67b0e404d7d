"""What is marked on the plots of an app."""

from __future__ import annotations

from enum import StrEnum


class MarkKind(StrEnum):
    """What happened to the app at a moment."""

    RELEASE = "release"
    START = "start"
    RESTART = "restart"
