"""Log lines with their levels, and which of them the search and the level filter let through."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

KEPT = 20_000
ASKED_FOR = 5_000
#: On the overview.
LAST_LINES = 8


class Level(IntEnum):
    DEBUG = 10
    INFO = 20
    WARNING = 30
    ERROR = 40


LEVEL_WORDS = (
    ("Everything", Level.DEBUG),
    ("Info and worse", Level.INFO),
    ("Warnings and errors", Level.WARNING),
    ("Errors", Level.ERROR),
)
NO_LINES = "The app has printed nothing yet."
NO_MATCH = "No line matches the search and the level."

#: What the launcher writes before a line of the app.
_STAMP = re.compile(r"^\d{4}-\d\d-\d\dT[\d:.]+Z (?:out|err|holdfast) ")
_WORDS = re.compile(
    r"\b(?:(?P<error>ERROR|CRITICAL|FATAL|Traceback|[A-Z]\w*(?:Error|Exception)\b(?=:))"
    r"|(?P<warning>WARN(?:ING)?|\w+Warning\b(?=:))|(?P<debug>DEBUG|TRACE))\b"
)

#: What is in every line that has one of the words: most have none, and finding that out by the
#: words themselves takes five times as long.
_HINTS = re.compile("ERROR|CRITICAL|FATAL|Traceback|Error:|Exception:|WARN|Warning:|DEBUG|TRACE")


@dataclass(frozen=True, slots=True)
class LogLine:
    text: str
    level: Level


class LogBook:
    """The last lines of one log."""

    def __init__(self) -> None:
        self._lines: deque[LogLine] = deque(maxlen=KEPT)
        self._needle = ""
        self._least = Level.DEBUG

    def add(self, texts: Iterable[str]) -> list[LogLine]:
        """Keep new lines; those that pass the filter come back."""
        added = []
        for text in texts:
            before = self._lines[-1].level if self._lines else None
            line = LogLine(text, level_of(text, before))
            self._lines.append(line)
            if self._passes(line):
                added.append(line)
        return added

    def filter(self, needle: str, least: Level) -> list[LogLine]:
        """Set the filter and return all lines that pass it."""
        self._needle, self._least = needle.lower(), least
        return [line for line in self._lines if self._passes(line)]

    def text(self) -> str:
        """The whole log that is kept, as it is downloaded."""
        return "".join(f"{line.text}\n" for line in self._lines)

    def __len__(self) -> int:
        return len(self._lines)

    def _passes(self, line: LogLine) -> bool:
        return line.level >= self._least and self._needle in line.text.lower()


def level_of(text: str, before: Level | None = None) -> Level:
    """before: the level of the line before, to which an indented one belongs."""
    said = _STAMP.sub("", text, count=1)
    if before is not None and said[:1] in (" ", "\t"):
        return before
    found = _WORDS.search(said) if _HINTS.search(said) else None
    if found is None:
        return Level.INFO
    if found["error"]:
        return Level.ERROR
    return Level.WARNING if found["warning"] else Level.DEBUG
