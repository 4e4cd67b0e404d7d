"""The secrets of an app as TOML: what becomes a variable, and that errors quote no value."""

from __future__ import annotations

import math
import tomllib
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
import tomlkit
from hypothesis import example, given, settings
from hypothesis import strategies as st

from holdfast.domain.errors import UsageError
from holdfast.domain.secret import Secret
from holdfast.domain.secrets_document import (
    SecretsMalformed,
    environment_of,
    merge,
    names_of,
    parse,
    parse_dotenv,
)

EXAMPLE = """\
# the warehouse
DB_URL = "postgresql://u:p@db/x" # read only
PORT = 5432
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


def shown(document: Secret) -> dict[str, str]:
    return {name: value.reveal().decode() for name, value in environment_of(document).items()}


def test_texts_and_numbers_of_the_root_become_variables() -> None:
    assert shown(parse(EXAMPLE)) == {
        "DB_URL": "postgresql://u:p@db/x",
        "PORT": "5432",
        "RATIO": "0.5",
        "HEX": "255",
    }


def test_names_are_those_of_all_values_in_their_order() -> None:
    names = names_of(parse(EXAMPLE))
    assert names[:4] == ["DB_URL", "PORT", "RATIO", "HEX"]
    assert names[-3:] == ["mail.user", "mail.port", "mail.tls.verify"]


def test_an_empty_document_is_a_document() -> None:
    assert parse("") == Secret(b"")
    assert environment_of(parse("\n# nothing yet\n")) == {}


def test_a_windows_editors_file_reads_the_same() -> None:
    assert parse(b"\xef\xbb\xbfA = 1\r\nB = 'x'\r\n") == parse("A = 1\nB = 'x'\n")


MARK = "hunter2"


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        (f"A = 1\nB = {MARK}", 2, 5),
        (f'A = 1\n\nB = "{MARK}', 3, 13),
        (f"A = '{MARK}\nB = 1", 1, 13),
        (f'A = """{MARK}\nB = 1', 2, 6),
        (f"{MARK}", 1, 8),
        (f"A = ['{MARK}'", 1, 15),
        (f"A = '{MARK}' '{MARK}'", 1, 15),
        (f"A = '{MARK}'\nA = '{MARK}'", 2, 14),
        (f"[a]\n[a]\nx='{MARK}'", 2, 3),
        (f'A = "{MARK}\\q"', 1, 15),
        (f'A = "{MARK}\\uZZZZ"', 1, 15),
        (f'A = "{MARK}\x01"', 1, 13),
        (f"A = '{MARK}\x7f'", 1, 13),
        ("A = 2026-13-45", 1, 9),
        ("A = " + "[" * 100_000, 1, 1),
        ("A = " + "9" * 5_000, 1, 1),
        (f"x = '{MARK}'\n'\ud800' = 1", 2, 2),
    ],
)
def test_a_mistake_is_placed_and_no_value_quoted(text: str, line: int, column: int) -> None:
    with pytest.raises(SecretsMalformed) as raised:
        parse(text)
    error = raised.value
    assert (error.line, error.column) == (line, column)
    assert MARK not in str(error)
    assert error.next
    # a traceback prints the errors behind an error, and tomllib's hold the document
    assert error.__cause__ is None
    assert error.__context__ is None


def test_bytes_that_are_no_text_are_placed_too() -> None:
    with pytest.raises(SecretsMalformed) as raised:
        parse(b"A = 1\nB = '\xff'")
    assert (raised.value.line, raised.value.column) == (2, 6)
    assert raised.value.__context__ is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (f"'A=B' = '{MARK}'", "A=B"),
        (f"'' = '{MARK}'", "“”"),
        (f'"A\\u0000" = "{MARK}"', "A"),
        (f'A = "{MARK}\\u0000"', "A"),
        (f"A = '{MARK * 20_000}'", "A"),
    ],
)
def test_what_no_environment_holds_is_refused_by_name(text: str, name: str) -> None:
    with pytest.raises(UsageError) as raised:
        parse(text)
    assert name in str(raised.value)
    assert MARK not in str(raised.value)


def test_a_section_may_hold_what_no_environment_does() -> None:
    text = f'[a]\n"A=B" = "x\\u0000"\nlong = "{MARK * 20_000}"'
    assert environment_of(parse(text)) == {}


def test_merging_keeps_comments_and_order() -> None:
    new = parse("PORT = 5433\nNEW = 'n'\n[mail]\nuser = 'bob'\n[mail.tls]\nca = 'c'\n")
    merged = merge(parse(EXAMPLE), new)
    text = merged.reveal().decode()
    assert "# the warehouse\n" in text
    assert '"postgresql://u:p@db/x" # read only\n' in text
    assert shown(merged)["PORT"] == "5433"
    assert shown(merged)["NEW"] == "n"
    assert tomllib.loads(text)["mail"] == {
        "user": "bob",
        "port": 25,
        "tls": {"verify": True, "ca": "c"},
    }
    assert names_of(merged).index("PORT") == 1


class TestDotenv:
    def test_lines_become_texts(self) -> None:
        text = "# comment\nexport A=1\nB='two words'\n\nC=\"x\\ny\" # note\nD=$A/${B}\nE=\n"
        assert shown(parse_dotenv(text)) == {
            "A": "1",
            "B": "two words",
            "C": "x\ny",
            "D": "$A/${B}",
            "E": "",
        }

    @pytest.mark.parametrize(
        ("text", "line"),
        [
            (f"A=1\n\n{MARK}\n", 3),
            (f"A='{MARK}\nB=1", 1),
            (f"A=1\n={MARK}", 2),
            (f"A=1\nB C={MARK}", 2),
        ],
    )
    def test_a_mistake_is_placed_and_no_value_quoted(
        self, text: str, line: int, caplog: pytest.LogCaptureFixture
    ) -> None:
        with pytest.raises(SecretsMalformed) as raised:
            parse_dotenv(text)
        assert raised.value.line == line
        assert MARK not in str(raised.value) + caplog.text

    @given(
        st.dictionaries(
            st.from_regex(r"[A-Z_][A-Z0-9_]{0,9}", fullmatch=True),
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="'\\\0\r")),
        )
    )
    def test_quoted_values_come_through_whole(self, values: dict[str, str]) -> None:
        lines = "".join(f"{name}='{value}'\n" for name, value in values.items())
        assert shown(parse_dotenv(lines)) == values


# TOML documents: any tree of any values, spelled by another writer than ours
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


def joined(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    result = dict(old)
    for key, value in new.items():
        if isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = joined(result[key], value)
        else:
            result[key] = value
    return result


def merged(old: str, new: str) -> str:
    return merge(parse(old), parse(new)).reveal().decode()


@given(TREE)
def test_exactly_the_roots_texts_and_numbers_are_variables(tree: dict[str, Any]) -> None:
    variables = shown(parse(tomlkit.dumps(tree)))
    expected = {key: value for key, value in tree.items() if type(value) in (str, int, float)}
    assert variables.keys() == expected.keys()
    for key, value in expected.items():
        assert variables[key] == str(value)


@given(TREE, TREE)
@settings(deadline=None)
def test_merging_is_a_join_of_trees(old: dict[str, Any], new: dict[str, Any]) -> None:
    result = merged(tomlkit.dumps(old), tomlkit.dumps(new))
    assert same(tomllib.loads(result), joined(old, new))


# layouts that no writer makes and an editor's hand may: dotted keys, tables out of order
PATH = st.lists(st.sampled_from("abc"), min_size=1, max_size=3).map(".".join)
ODD = st.sampled_from(["1", "'x'", "[1]", "{x=1}", "{a.b=2}", "[{x=1}]", "[]", "{}"])
LINE = st.one_of(
    st.builds("{} = {} # c".format, PATH, ODD),
    st.builds("[{}]".format, PATH),
    st.builds("[[{}]]".format, PATH),
)


def is_toml(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True


LAYOUT = st.lists(LINE, max_size=4).map("\n".join).filter(is_toml)


@given(LAYOUT, LAYOUT)
@example("a = {a.b=2} # c", "[[a.a.c]]")
@settings(deadline=None, max_examples=200)
def test_merging_odd_layouts_is_too(old: str, new: str) -> None:
    assert same(tomllib.loads(merged(old, new)), joined(tomllib.loads(old), tomllib.loads(new)))


@given(TREE)
@settings(deadline=None)
def test_merging_a_document_into_itself_changes_no_value(tree: dict[str, Any]) -> None:
    text = tomlkit.dumps(tree)
    assert same(tomllib.loads(merged(text, text)), tree)
    assert merge(parse(text), parse("")) == parse(text)


@given(st.text(max_size=60))
@settings(max_examples=400)
def test_any_text_is_a_document_or_a_placed_mistake(text: str) -> None:
    try:
        parse(text)
    except SecretsMalformed as error:
        assert error.line >= 1
        assert error.column >= 1
    except UsageError as error:
        assert "environment variable" in str(error)


@given(st.binary(max_size=60))
@settings(max_examples=200)
def test_so_are_any_bytes(text: bytes) -> None:
    try:
        parse(text)
    except UsageError as error:
        assert error.__context__ is None


@given(st.text(max_size=60))
@settings(max_examples=400)
def test_so_are_any_lines(text: str) -> None:
    try:
        parse_dotenv(text)
    except UsageError as error:
        assert error.__context__ is None
