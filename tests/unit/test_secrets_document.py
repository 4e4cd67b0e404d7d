"""The secrets of an app as TOML: what becomes a variable, and that errors quote no value."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
import tomlkit
from documents import EXAMPLE, TREE, same
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.domain.errors import UsageError
from holdfast.domain.secret import Secret
from holdfast.domain.secrets_document import (
    SecretsMalformed,
    environment_of,
    parse,
    parse_dotenv,
)
from holdfast.domain.secrets_values import names_of


def shown(document: Secret) -> dict[str, str]:
    return {name: value.reveal().decode() for name, value in environment_of(document).items()}


def test_texts_and_numbers_of_the_root_become_variables() -> None:
    assert shown(parse(EXAMPLE)) == {
        "DB_URL": "postgresql://u:p@db/x",
        "DB_PORT": "5432",
        "RATIO": "0.5",
        "HEX": "255",
    }


def test_names_are_those_of_all_values_in_their_order() -> None:
    names = names_of(parse(EXAMPLE))
    assert names[:4] == ["DB_URL", "DB_PORT", "RATIO", "HEX"]
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


@given(TREE)
def test_a_document_is_kept_byte_for_byte(tree: dict[str, Any]) -> None:
    text = tomlkit.dumps(tree)
    kept = parse(text).reveal()
    assert kept == text.encode()
    # as the newest Streamlit reads it
    assert same(tomllib.loads(kept.decode()), tree)


@given(TREE)
def test_exactly_the_roots_texts_and_numbers_are_variables(tree: dict[str, Any]) -> None:
    variables = shown(parse(tomlkit.dumps(tree)))
    expected = {key: value for key, value in tree.items() if type(value) in (str, int, float)}
    assert variables.keys() == expected.keys()
    for key, value in expected.items():
        assert variables[key] == str(value)


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
