"""Secret values are hidden in every spelling, and nothing else is."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from holdfast.domain.masking import LEAST, SIGN, Mask, texts

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
VALUE = st.text(st.characters(exclude_categories=["Cs"]), min_size=LEAST, max_size=90)


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@given(VALUE, TEXT, TEXT)
@example("pass\nword", "", "")
def test_no_spelling_of_a_value_is_left(value: str, before: str, after: str) -> None:
    mask = Mask([value])
    for spelled in (
        value,
        repr(value)[1:-1],
        json.dumps(value),
        quote(value),
        quote(value, safe=""),
        quote_plus(value),
        quote(value).lower() if value == value.lower() else quote(value),
    ):
        assert spelled not in mask.hide(f"{before} {spelled} {after}").replace(SIGN, "")


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=LEAST), TEXT, TEXT)
def test_nor_in_base64_wherever_it_stands(value: str, before: str, after: str) -> None:
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        whole = encode(f"{before}{value}{after}".encode()).decode()
        hidden = Mask([value]).hide(f"Basic {whole} end")
        assert SIGN in hidden
        assert hidden.endswith(" end")
        for word in hidden.replace(SIGN, " ").split():
            # what is left on either side tells at most four bits of the value
            left = base64.b64decode(word.replace("-", "+").replace("_", "/")[: len(word) // 4 * 4])
            assert value.encode() not in left


def test_a_text_of_many_lines_is_hidden_line_by_line_and_as_wrapped_base64() -> None:
    key = "-----BEGIN KEY-----\n" + "\n".join(f"line{n}" * 12 for n in range(4)) + "\n"
    mask = Mask([key])
    for line in (*key.splitlines(), *base64.encodebytes(key.encode()).decode().splitlines()[:-1]):
        assert mask.hide(f"  {line}") == f"  {SIGN}"


def test_the_longer_of_two_values_goes_first() -> None:
    assert Mask(["word", "password"]).hide("my password, my word") == f"my {SIGN}, my {SIGN}"


def test_short_values_are_left() -> None:
    assert Mask(["abc", "", "7"]).hide("abc 7") == "abc 7"


@pytest.mark.parametrize(
    ("text", "shown"),
    [("it is pass", f"it is {SIGN}"), ("it is p", f"it is {SIGN}"), ("it is", "it is")],
)
def test_a_value_that_was_cut_off_is_hidden_too(text: str, shown: str) -> None:
    assert Mask(["password", "passport"]).hide(text, cut=True) == shown


def test_values_are_the_texts_and_numbers_of_a_tree() -> None:
    tree = {"a": "x", "b": [1, {"c": "y"}], "d": {"e": 2.5, "f": True}}
    assert list(texts(tree)) == ["x", "1", "y", "2.5"]


def test_a_line_without_secrets_is_left_alone() -> None:
    line = "2026-11-24 INFO nothing to see in /data?q=a%20b and aGVsbG8gdGhlcmU="
    assert Mask(["correct horse", "battery staple"]).hide(line) == line
