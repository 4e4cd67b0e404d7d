"""What each part of a TOML text is, for an editor: by line, in characters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from pygments.lexers.configs import TOMLLexer
from pygments.token import Comment, Error, Keyword, Literal, _TokenType


class Part(Enum):
    """VALUE and WRONG may be secret, and so may a comment with a “=” in it (COMMENTED_OUT)."""

    SECTION = "section"
    COMMENT = "comment"
    COMMENTED_OUT = "commented out"
    TEXT = "text"
    VALUE = "value"
    WRONG = "wrong"

    @property
    def is_secret(self) -> bool:
        return self not in (Part.SECTION, Part.COMMENT)


@dataclass(frozen=True, slots=True)
class Span:
    """start and end count UTF-16 units within the line, as Qt does."""

    start: int
    end: int
    part: Part


def spans_of(text: str) -> list[list[Span]]:
    """A list for each line of the text."""
    lines: list[list[Span]] = [[] for _ in range(text.count("\n") + 1)]
    at, column = 0, 0
    for _, kind, value in TOMLLexer(ensurenl=False, stripnl=False).get_tokens_unprocessed(text):
        part = _part(kind, value)
        for number, piece in enumerate(value.split("\n")):
            if number:
                at, column = at + 1, 0
            width = units(piece)
            if part is not None and width:
                lines[at].append(Span(column, column + width, part))
            column += width
    return [
        list(_joined(spans)) or _stray(line)
        for spans, line in zip(lines, text.split("\n"), strict=True)
    ]


def _stray(line: str) -> list[Span]:
    """A word that nothing is set to: a value that was pasted, perhaps."""
    is_stray = "=" not in line and line.strip(" \t[]{},")
    return [Span(0, units(line), Part.WRONG)] if is_stray else []


def units(text: str) -> int:
    """How many UTF-16 units a text takes."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _part(kind: _TokenType, value: str) -> Part | None:
    kinds = kind.split()
    if Comment in kinds:
        return Part.COMMENTED_OUT if "=" in value else Part.COMMENT
    if {Keyword.Constant, Literal.Number, Literal.Date} & set(kinds):
        return Part.VALUE
    if Keyword in kinds:
        return Part.SECTION
    if Literal in kinds:
        return Part.TEXT
    return Part.WRONG if Error in kinds else None


def _joined(spans: list[Span]) -> Iterator[Span]:
    """Neighbours of one kind as one span."""
    last: Span | None = None
    for span in spans:
        if last is not None and last.end == span.start and last.part is span.part:
            last = Span(last.start, span.end, span.part)
            continue
        if last is not None:
            yield last
        last = span
    if last is not None:
        yield last
