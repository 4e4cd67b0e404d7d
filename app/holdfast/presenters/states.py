"""How each state looks in words, shape and tone: never colour alone."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from holdfast.domain.app import AppState
from holdfast.domain.node import NodeState


class Tone(StrEnum):
    """The meaning that a colour carries; the theme decides the colour."""

    TEXT = "text"
    MUTED = "muted"
    GOOD = "good"
    BUSY = "busy"
    QUIET = "quiet"
    SEALED = "sealed"
    BAD = "bad"
    WARN = "warn"


class Shape(StrEnum):
    DISC = "disc"
    HALF = "half"
    RING = "ring"
    SQUARE = "square"
    TRIANGLE = "triangle"
    DIAMOND = "diamond"
    LOCK = "lock"


@dataclass(frozen=True, slots=True)
class Look:
    word: str
    shape: Shape
    tone: Tone


APP_LOOKS = {
    AppState.RUNNING: Look("Running", Shape.DISC, Tone.GOOD),
    AppState.STARTING: Look("Starting", Shape.HALF, Tone.BUSY),
    AppState.DEPLOYING: Look("Deploying", Shape.HALF, Tone.BUSY),
    AppState.STOPPED: Look("Stopped", Shape.RING, Tone.QUIET),
    AppState.SEALED: Look("Sealed", Shape.SQUARE, Tone.SEALED),
    AppState.UNSEALING: Look("Unsealing", Shape.HALF, Tone.BUSY),
    AppState.CRASHED: Look("Crashed", Shape.TRIANGLE, Tone.BAD),
    AppState.FAILED: Look("Failed", Shape.TRIANGLE, Tone.BAD),
}

NODE_LOOKS = {
    NodeState.UNSEALED: Look("Unsealed", Shape.DISC, Tone.GOOD),
    NodeState.PARTLY: Look("Partly sealed", Shape.DIAMOND, Tone.WARN),
    NodeState.SEALED: Look("Sealed", Shape.SQUARE, Tone.SEALED),
    NodeState.UNSEALING: Look("Unsealing", Shape.HALF, Tone.BUSY),
    NodeState.STARTING: Look("Starting", Shape.HALF, Tone.BUSY),
    NodeState.STOPPED: Look("Stopped", Shape.RING, Tone.QUIET),
}

OFFLINE = Look("Does not answer", Shape.TRIANGLE, Tone.BAD)
CONNECTING = Look("Connecting", Shape.HALF, Tone.BUSY)
KEPT = Look("Kept", Shape.DISC, Tone.GOOD)
BROKEN = Look("Broken", Shape.TRIANGLE, Tone.BAD)
UNKNOWN = Look("Not checked", Shape.RING, Tone.QUIET)
CHECKING = Look("Checking", Shape.HALF, Tone.BUSY)
