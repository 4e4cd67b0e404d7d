"""A mark is found in every form, wherever it stands, and named; nothing else is."""

from __future__ import annotations

import base64
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.domain.marks import PART, Found, Marks, forms

NAMES = ("code", "file", "secret")
AROUND = st.binary(max_size=200)
marks = Marks(NAMES)


def found(content: bytes) -> set[str]:
    return {each.mark for each in marks.found_in(content)}


@given(AROUND, AROUND, st.sampled_from(NAMES))
def test_every_encoding_of_what_holds_a_mark_is_found(
    before: bytes, after: bytes, name: str
) -> None:
    whole = before + marks[name].encode() + after
    everything = "".join(f"%{byte:02X}" for byte in whole)
    text = whole.decode("latin-1")
    for encoded in (
        whole,
        whole.hex().encode(),
        whole.hex().upper().encode(),
        base64.b64encode(whole),
        base64.urlsafe_b64encode(whole),
        quote(whole).encode(),
        everything.encode(),
        everything.lower().encode(),
        text.encode("utf-16-le"),
        text.encode("utf-16-be"),
        text.encode("utf-16"),
    ):
        assert found(encoded) == {name}


@given(AROUND, AROUND, st.sampled_from(NAMES))
def test_each_form_is_found_at_any_place_and_told_apart(
    before: bytes, after: bytes, name: str
) -> None:
    for form, content in forms(marks[name]):
        assert Found(name, form) in marks.found_in(before + content + after)


@given(st.binary(max_size=2000))
def test_nothing_is_found_in_what_holds_none(content: bytes) -> None:
    assert marks.found_in(content) == frozenset()


def test_what_all_marks_begin_with_is_told_as_a_part() -> None:
    assert found(marks.stem.encode()) == {PART}


def test_only_what_begins_before_the_end_counts() -> None:
    content = b"\0" * 10 + marks["code"].encode()
    assert marks.found_in(content, 10) == frozenset()
    assert {each.mark for each in marks.found_in(content, 11)} == {"code"}


@pytest.mark.parametrize("form", [form for form, _ in forms(marks.stem)])
def test_a_longest_form_covers_every_one(form: str) -> None:
    assert all(len(dict(forms(marks[name]))[form]) <= marks.longest for name in NAMES)


def test_no_two_proofs_share_a_stem() -> None:
    assert Marks(NAMES).stem != Marks(NAMES).stem
