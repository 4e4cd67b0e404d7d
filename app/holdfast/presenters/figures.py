"""An app's figures: what is said of them, what is plotted, and how they are handed out."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from math import nan
from pathlib import Path
from typing import Any

from holdfast.domain.app import Release, ReleaseKind
from holdfast.domain.errors import HoldfastError, reason_of
from holdfast.domain.figures import (
    FIGURES,
    KEPT_DAYS,
    KEPT_EVERY,
    AppFigures,
    FiguresChanged,
    Mark,
    Measured,
    Point,
    marks,
    points,
)
from holdfast.domain.mark_kind import MarkKind
from holdfast.presenters.notices import Notice
from holdfast.presenters.quantities import DASH, clock, count, percent, short, size
from holdfast.presenters.usage import MARKS

WHERE = "on the app's encrypted volume, where the app itself cannot read it"
VISITORS = (
    "Visitors are different addresses that asked within five minutes, or have a page open. The edge"
    " alone tells them apart, in its RAM, and says how many there are: all who share an address are"
    " one, and who changes it is two."
)
NEVER = "Never: content, addresses of visitors or of pages, query strings, cookies."
HOW = (
    f"Measured once in {KEPT_EVERY:.0f} seconds while a window is open or “holdfast node watch”"
    f" runs, kept for {KEPT_DAYS} days {WHERE}."
)
APART = "They are kept whatever the app sends; turning usage statistics off ends them too."
OFF = Notice(
    "No figures are kept of this app",
    f"Usage statistics that are on keep them as well. Here you have them without: {HOW[0].lower()}"
    f"{HOW[1:]} {NEVER} Nothing of it leaves the node.",
    "Keep figures",
)
NONE_YET = Notice(
    "Nothing to show yet",
    "It takes two measurements. While you look they are five seconds apart.",
)
UNKNOWN = Notice(
    "The figures cannot be read now", "They are in the app's encrypted volume, if there are any."
)
READING = Notice("Reading the figures…", "")
ASK_OFF = Notice(
    "Keep none any more?",
    "Nothing is measured from then on, and all figures that are there are deleted.",
    "Stop keeping figures",
)
ASK_DELETE = Notice(
    "Delete all figures of this app?", "New ones are kept from then on.", "Delete the figures"
)


@dataclass(frozen=True, slots=True)
class Line:
    """A plot. at: seconds of the Unix epoch; values: NaN where nobody measured. limit: a line
    that is not to be crossed."""

    title: str
    unit: str
    now: str
    at: tuple[float, ...]
    values: tuple[float, ...]
    limit: float | None = None


@dataclass(frozen=True, slots=True)
class Plots:
    """marks: (seconds of the Unix epoch, word). summary: one sentence."""

    lines: tuple[Line, ...]
    marks: tuple[tuple[float, str], ...]
    summary: str


#: Points of a plot: more of them cannot be told apart.
_MOST = 720
#: So many words have room beside each other.
_WORDS = 6

REACHES: tuple[tuple[str, timedelta], ...] = (
    ("15 minutes", timedelta(minutes=15)),
    ("24 hours", timedelta(hours=24)),
    (f"{KEPT_DAYS} days", timedelta(days=KEPT_DAYS)),
)


def plots(
    figures: AppFigures, reach: timedelta, now: datetime, releases: Sequence[Release] = ()
) -> Plots | None:
    """None where there is nothing to plot. releases: those that are known, which name the marks."""
    since = now - reach
    recent = [row for row in figures.measured if row.at >= since]
    found = points(recent, _MOST)
    if not found:
        return None
    return Plots(_lines(found), _marks(recent, releases), _summary(found))


def _lines(found: Sequence[Point]) -> tuple[Line, ...]:
    last = found[-1]
    at = _moments(found)

    def line(title: str, unit: str, now: str, values: list[float | None], **more: Any) -> Line:
        return Line(title, unit, now, at, _with_holes(found, values), **more)

    kibibyte, mebibyte = 1 << 10, 1 << 20
    return (
        line("Processor", "% of a core", percent(last.cpu_percent), [p.cpu_percent for p in found]),
        line(
            "Memory",
            "MiB",
            f"{size(last.memory_bytes)} of {size(last.memory_limit)}",
            [p.memory_bytes / mebibyte for p in found],
            limit=last.memory_limit / mebibyte,
        ),
        line(
            "Requests",
            "a second",
            f"{last.requests_per_second:.1f} a second",
            [p.requests_per_second for p in found],
        ),
        line(
            "Visitors",
            "addresses within five minutes",
            _or_dash(last.visitors),
            [None if p.visitors is None else float(p.visitors) for p in found],
        ),
        line(
            "Received",
            "KiB a second",
            f"{size(round(last.received_per_second))} a second",
            [p.received_per_second / kibibyte for p in found],
        ),
        line(
            "Sent",
            "KiB a second",
            f"{size(round(last.sent_per_second))} a second",
            [p.sent_per_second / kibibyte for p in found],
        ),
        line(
            "Answers begin after",
            "ms",
            f"{last.answer_ms} ms",
            [float(p.answer_ms) for p in found],
        ),
        line(
            "Failed answers",
            "5xx a minute",
            f"{60 * last.failed / last.seconds:.0f} a minute",
            [60 * p.failed / p.seconds for p in found],
        ),
        line(
            "Open pages", "websockets and requests", str(last.open), [float(p.open) for p in found]
        ),
    )


def _or_dash(number: int | None) -> str:
    return DASH if number is None else str(number)


def _moments(found: Sequence[Point]) -> tuple[float, ...]:
    """A hole is a moment more, without a value."""
    made: list[float] = []
    for point in found:
        at = point.at.timestamp()
        made += [at - 1, at] if point.after_hole else [at]
    return tuple(made)


def _with_holes(found: Sequence[Point], values: list[float | None]) -> tuple[float, ...]:
    made: list[float] = []
    for point, value in zip(found, values, strict=True):
        shown = nan if value is None else value
        made += [nan, shown] if point.after_hole else [shown]
    return tuple(made)


def _marks(
    measured: Sequence[Measured], releases: Sequence[Release]
) -> tuple[tuple[float, str], ...]:
    """A word that would stand in the next one is left out; the last of them is read."""
    first, last = measured[0].at, measured[-1].at
    found = [(mark.at.timestamp(), _word(mark, releases)) for mark in marks(measured)]
    # code that was made live in the running checkout: no container tells it
    found += [
        (each.created.timestamp(), short(each.commit.id))
        for each in releases
        if each.kind is ReleaseKind.LIVE and first <= each.created <= last
    ]
    found.sort()
    room = (last - first).total_seconds() / _WORDS
    near = [after - at < room for (at, _), (after, _) in pairwise(found)]
    return tuple(
        (at, "" if hidden else word)
        for (at, word), hidden in zip(found, [*near, False], strict=False)
    )


def _word(mark: Mark, releases: Sequence[Release]) -> str:
    """A release is called by its commit, as everywhere."""
    if mark.kind is not MarkKind.RELEASE:
        return MARKS[mark.kind]
    commits = (short(each.commit.id) for each in releases if each.slot == mark.release)
    return next(commits, MARKS[mark.kind])


def _summary(found: Sequence[Point]) -> str:
    requests = count(sum(p.requests for p in found), "request")
    failed = count(sum(p.failed for p in found), "failed answer")
    traffic = size(sum(p.bytes_out for p in found))
    return f"{requests}, {failed}, {traffic} to visitors"


def held_sentence(figures: AppFigures) -> str:
    """What there is of them."""
    if not figures.kept:
        return "None are measured, and none are kept."
    if not figures.measured:
        return "None were measured yet."
    first = figures.measured[0].at.astimezone().strftime("%-d %B, %H:%M")
    amount = count(len(figures.measured), "measurement")
    return f"{amount} since {first}, {size(figures.size_bytes)}."


def newest_sentence(figures: AppFigures) -> str:
    """What the last measurement says of now; a dash before there is one."""
    if not figures.measured:
        return DASH
    last = figures.measured[-1]
    visitors = (
        "visitors not counted yet" if last.visitors is None else count(last.visitors, "visitor")
    )
    return f"At {clock(last.at)}: {visitors} within five minutes, {count(last.open, 'open page')}."


def receipt(changed: FiguresChanged) -> str:
    moment = changed.at.astimezone().strftime("%H:%M:%S")
    amount = count(changed.deleted, "measurement")
    return f"{amount} deleted at {moment}, {changed.left} left."


def as_json(figures: AppFigures) -> dict[str, Any]:
    """All that is held."""
    return {
        "name": figures.app,
        "kept": figures.kept,
        "meaning": dict(FIGURES),
        "figures": [row_form(row) for row in figures.measured],
    }


def row_form(measured: Measured) -> dict[str, Any]:
    return {name: getattr(measured, name) for name in FIGURES} | {"at": measured.at.isoformat()}


def not_saved(file: Path, error: OSError) -> HoldfastError:
    return HoldfastError(
        f"The figures could not be written to {file}.", reason_of(error), "Choose another place."
    )


def as_text(figures: AppFigures, table: bool) -> str:
    """All that is held, to be saved. table: as CSV, otherwise JSON."""
    form = as_json(figures)
    if not table:
        return json.dumps(form, indent=1) + "\n"
    written = io.StringIO()
    writer = csv.DictWriter(written, list(FIGURES), lineterminator="\n")
    writer.writeheader()
    writer.writerows(form["figures"])
    return written.getvalue()
