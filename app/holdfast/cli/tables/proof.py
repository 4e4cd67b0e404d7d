"""The verdict of a proof, and all that it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from holdfast.cli.tables.layout import STYLES, pairs
from holdfast.cli.terminal import plain
from holdfast.domain.proof import Proof
from holdfast.presenters.proof import (
    VERDICT_LOOKS,
    control_lines,
    hit_lines,
    limit_lines,
    planted_lines,
    searched_lines,
    sentence,
)


def proof_table(found: Proof) -> RenderableType:
    look = VERDICT_LOOKS[found.verdict]
    table = pairs(
        *_section("Planted", planted_lines(found)),
        *_section("Searched", searched_lines(found)),
        ("In the forms", ", ".join(found.forms)),
        *_section("Control", control_lines(found)),
        *_section("Found", hit_lines(found)),
        *_section("Limits", limit_lines(found)),
    )
    verdict = Text(look.word, STYLES[look.tone]).append(": ").append_text(plain(sentence(found)))
    return Group(verdict, table)


def _section(heading: str, lines: Iterable[tuple[str, str]]) -> Iterator[tuple[str, Text]]:
    for at, (what, detail) in enumerate(lines):
        yield "" if at else heading, plain(what).append(f"  {plain(detail)}", "dim")
