"""Where values stand in a text, whole or half typed: an editor covers what is said here."""

from __future__ import annotations

import pytest
import tomlkit
from documents import TREE
from hypothesis import given
from hypothesis import strategies as st

from holdfast.presenters.toml_highlighting import Part, spans_of, units

MARK = "hunter"
WHOLE = f"""\
# a comment
a = "{MARK}"  # another
b = '{MARK}'
c.d = ["x", '{MARK}']
e = {{ f = "{MARK}" }}
[section]
"g h" = \"\"\"
{MARK}
{MARK}\"\"\"
i = {MARK}
# j = "{MARK}"
{MARK}
k = 2026-01-01
"""


def seen(text: str) -> str:
    """What an editor shows that covers each line from its first value on."""
    shown = []
    for line, spans in zip(text.split("\n"), spans_of(text), strict=True):
        secret = [span.start for span in spans if span.part.is_secret]
        ends = line.encode("utf-16-le")[: 2 * secret[0]] if secret else line.encode("utf-16-le")
        shown.append(ends.decode("utf-16-le"))
    return "\n".join(shown)


def test_every_value_is_covered_and_names_and_comments_are_not() -> None:
    assert MARK not in seen(WHOLE)
    for word in ("# a comment", "a = ", "c.d = [", "[section]", "k = "):
        assert word in seen(WHOLE)


@pytest.mark.parametrize("length", range(len(WHOLE) + 1))
def test_a_text_that_is_half_typed_shows_none_either(length: int) -> None:
    lines = WHOLE[:length].split("\n")
    # what is being typed is on the line that an editor does not cover
    assert MARK not in seen("\n".join([*lines[:-1], ""]))


@given(TREE)
def test_any_document_keeps_its_lines_and_their_lengths(tree: dict[str, object]) -> None:
    text = tomlkit.dumps(tree)
    lines = text.split("\n")
    found = spans_of(text)
    assert len(found) == len(lines)
    for line, spans in zip(lines, found, strict=True):
        ends = [edge for span in spans for edge in (span.start, span.end)]
        assert ends == sorted(ends)
        assert all(0 <= edge <= units(line) for edge in ends)


@given(st.text(max_size=60))
def test_so_does_any_text(text: str) -> None:
    assert len(spans_of(text)) == text.count("\n") + 1


def test_positions_count_as_qt_counts() -> None:
    [[comment, value]] = [s for s in [spans_of("# \U0001f600")[0] + spans_of("a = 1")[0]]]
    assert (comment.part, comment.end) == (Part.COMMENT, 4)
    assert (value.start, value.end) == (4, 5)
