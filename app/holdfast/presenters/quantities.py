"""Sizes, times and shares as a reader expects them: every number with its unit."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

import humanize

#: What is told where there is nothing to tell.
DASH = "–"
_DAY = 86_400
_SPANS = ((_DAY * 365, "y"), (_DAY, "d"), (3_600, "h"), (60, "min"))


def size(count: int | None) -> str:
    """Bytes with binary units: 312 MiB, 1.5 GiB."""
    if count is None:
        return DASH
    text = humanize.naturalsize(count, binary=True, format="%.1f").replace(".0 ", " ")
    return text.replace("Bytes", "bytes").replace("Byte", "byte")


def share(used: int | None, limit: int | None) -> str:
    """“312 of 1024 MiB”, or a dash where the node did not say."""
    if used is None:
        return DASH
    if limit is None:
        return size(used)
    return f"{used / 2**20:.0f} of {limit / 2**20:.0f} MiB"


def percent(value: float | None) -> str:
    return DASH if value is None else f"{value:.0f} %"


def span(seconds: float, days_only: bool = False) -> str:
    """A duration in its largest unit: 2 h, 3 d, moments. days_only: no years."""
    if days_only and seconds >= _DAY:
        return f"{int(seconds // _DAY)} d"
    for length, unit in _SPANS:
        if seconds >= length:
            return f"{int(seconds // length)} {unit}"
    return "moments"


def age(then: datetime | None, now: datetime) -> str:
    return DASH if then is None else span(max((now - then).total_seconds(), 0.0))


def ago(then: datetime, now: datetime) -> str:
    past = age(then, now)
    return "just now" if past == "moments" else f"{past} ago"


def clock(then: datetime) -> str:
    """The hour and the minute in the reader's time zone, of something that has just happened."""
    return then.astimezone().strftime("%H:%M")


def when(then: datetime, now: datetime) -> str:
    """As `clock`, with the day where that is another one."""
    here = then.astimezone()
    return clock(then) if here.date() == now.astimezone().date() else f"{here:%-d %B, %H:%M}"


@lru_cache(4096)
def exact(then: datetime | None) -> str:
    """The moment itself, in the reader's time zone, for a tooltip."""
    return "" if then is None else then.astimezone().strftime("%A %-d %B %Y, %H:%M:%S %Z")


def stopwatch(seconds: float) -> str:
    """How long a step took: 0.3 s, 12 s, 2 min 05 s."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes} min {rest:02d} s"


def count(number: int, noun: str, plural: str | None = None) -> str:
    """“1 app”, “5 apps”."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def short(commit: str) -> str:
    return commit[:7]
