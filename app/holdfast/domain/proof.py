"""The proof that an app's kind of data is encrypted at rest: what was planted, searched, found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from holdfast.domain.names import AppName


class Verdict(StrEnum):
    """What a proof came to. docs/command-line.md documents each."""

    PROVED = "proved"
    LEAK = "leak"
    """A mark was found in the clear."""
    NOT_PROVED = "not proved"
    """Nothing was found, but not everything could be searched, or the search saw too little."""


@dataclass(frozen=True, slots=True)
class Planted:
    """A mark. what: "the code"; way: how it got to the node, a sentence; seen: it was read where
    the app has it, so that there is something to be found."""

    what: str
    way: str
    seen: bool


@dataclass(frozen=True, slots=True)
class Control:
    """A mark in the clear, which the same search has to find. where: "an ordinary volume"."""

    where: str
    found: bool


@dataclass(frozen=True, slots=True)
class Place:
    """Something that was searched. bytes: all that was read there."""

    where: str
    number: int
    unit: str
    """What `number` counts: "file", "answer", "process"."""
    bytes: int


@dataclass(frozen=True, slots=True)
class Hit:
    """A mark that was found in the clear, and in which form."""

    what: str
    form: str
    where: str


@dataclass(frozen=True, slots=True)
class Unsearched:
    where: str
    reason: str


@dataclass(frozen=True, slots=True)
class Limit:
    """Something that the proof does not cover, or that may undo what it shows."""

    what: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """exceptions: where a mark is by design, in words. left: what could not be taken away again.

    seconds: of the search alone.
    """

    app: AppName
    began: datetime
    finished: datetime
    planted: tuple[Planted, ...]
    controls: tuple[Control, ...]
    places: tuple[Place, ...]
    forms: tuple[str, ...]
    hits: tuple[Hit, ...]
    exceptions: tuple[str, ...]
    unsearched: tuple[Unsearched, ...]
    limits: tuple[Limit, ...]
    left: tuple[str, ...]
    seconds: float

    @property
    def verdict(self) -> Verdict:
        if self.hits:
            return Verdict.LEAK
        seen = all(each.seen for each in self.planted) and bool(self.planted)
        found = all(each.found for each in self.controls) and bool(self.controls)
        return Verdict.NOT_PROVED if self.unsearched or not (seen and found) else Verdict.PROVED
