"""Secrets documents for tests: one to look at, and any tree of any values."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, time
from typing import Any

from hypothesis import strategies as st

EXAMPLE = """\
# the warehouse
DB_URL = "postgresql://u:p@db/x" # read only
DB_PORT = 5432
RATIO = 0.5
HEX = 0xff
DEBUG = true
SINCE = 2026-01-01
HOSTS = ["a", "b"]

[mail]
user = "ann"
port = 25
[mail.tls]
verify = true
"""

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
KEY = st.one_of(
    st.from_regex(r"[A-Za-z0-9_-]{1,8}", fullmatch=True), TEXT.filter(lambda t: t and "=" not in t)
)
SCALAR = st.one_of(
    TEXT,
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(),
    st.dates(min_value=date(1000, 1, 1)),
    st.times().map(lambda t: time(t.hour, t.minute, t.second)),
    st.datetimes(min_value=datetime(1000, 1, 1)).map(lambda d: d.replace(microsecond=0)),
    st.datetimes(min_value=datetime(1000, 1, 2)).map(
        lambda d: d.replace(microsecond=0, tzinfo=UTC)
    ),
)
VALUE = st.recursive(
    SCALAR,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEY, inner, max_size=4)),
    max_leaves=8,
)
TREE = st.dictionaries(KEY, VALUE, max_size=6)


def same(one: Any, other: Any) -> bool:
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, float) and math.isnan(one):
        return math.isnan(other)
    return bool(one == other)
