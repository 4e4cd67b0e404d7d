"""Changes of a secrets document: what was not meant stays as it was, and readers agree."""

from __future__ import annotations

import string
import tomllib
from typing import Any

import pytest
import toml
import tomlkit
from documents import EXAMPLE, KEY, TEXT, TREE, same
from hypothesis import example, given, settings
from hypothesis import strategies as st

from holdfast.domain.errors import UsageError
from holdfast.domain.secret import Secret
from holdfast.domain.secrets_change import Difference, difference, merge, with_value, without
from holdfast.domain.secrets_document import environment_of, parse
from holdfast.domain.secrets_values import find, names_of, parse_name, reveal, spell, values_of


def test_merging_keeps_comments_and_order() -> None:
    new = parse("DB_PORT = 5433\nNEW = 'n'\n[mail]\nuser = 'bob'\n[mail.tls]\nca = 'c'\n")
    merged = merge(parse(EXAMPLE), new)
    text = merged.reveal().decode()
    assert "# the warehouse\n" in text
    assert '"postgresql://u:p@db/x" # read only\n' in text
    variables = environment_of(merged)
    assert variables["DB_PORT"] == Secret(b"5433")
    assert variables["NEW"] == Secret(b"n")
    assert tomllib.loads(text)["mail"] == {
        "user": "bob",
        "port": 25,
        "tls": {"verify": True, "ca": "c"},
    }
    assert names_of(merged).index("DB_PORT") == 1


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


@given(TREE, TREE)
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
@example("[[c.a.b]]\n[a]\n[c.a.c]\n[[c.a.b]]", "a = 1 # c\n[c.a.b]\n[[c.a.c]]")
@settings(max_examples=200)
def test_merging_odd_layouts_is_too(old: str, new: str) -> None:
    assert same(tomllib.loads(merged(old, new)), joined(tomllib.loads(old), tomllib.loads(new)))


@given(TREE)
def test_merging_a_document_into_itself_changes_no_value(tree: dict[str, Any]) -> None:
    text = tomlkit.dumps(tree)
    assert same(tomllib.loads(merged(text, text)), tree)
    assert merge(parse(text), parse("")) == parse(text)


# one value


def set_text(old: str, name: str, text: str) -> str:
    changed = with_value(parse(old), parse_name(name), Secret(text.encode()), toml=False)
    return changed.reveal().decode()


def test_setting_a_value_keeps_comments_and_order() -> None:
    text = set_text(EXAMPLE, "mail.user", "bob")
    assert text == EXAMPLE.replace('user = "ann"', 'user = "bob"')


@given(st.lists(KEY, min_size=1, max_size=3).map(tuple))
def test_a_name_finds_its_value_again(path: tuple[str, ...]) -> None:
    assert parse_name(spell(path)) == path


@given(TREE)
def test_every_value_is_listed_and_found_by_its_name(tree: dict[str, Any]) -> None:
    document = parse(tomlkit.dumps(tree))
    listed = values_of(document)
    assert [each.name for each in listed] == names_of(document)
    for each in listed:
        assert parse_name(each.name) == each.path
        value = reveal(document, each.path).reveal()
        assert len(value) == each.bytes
        if each.type == "string":
            assert value.decode() == find(tree, each.path)


@given(TREE, TEXT)
def test_a_text_that_was_set_is_read_whole_and_nothing_else_changes(
    tree: dict[str, Any], text: str
) -> None:
    tree.pop("new", None)
    changed = set_text(tomlkit.dumps(tree), "new", text)
    assert same(tomllib.loads(changed), {**tree, "new": text})


#: What people put into secrets; the library toml stumbles over control characters.
PRINTABLE = st.text(string.ascii_letters + string.digits + string.punctuation + " éß€", max_size=30)


@given(PRINTABLE)
@example('"quoted"')
@example('"')
@example('it\'s \\ "both"')
@example("-----BEGIN KEY-----\nabc=\n-----END KEY-----\n")
@settings(max_examples=300)
def test_older_releases_of_streamlit_read_the_same(text: str) -> None:
    """They use the library toml, the newer ones tomllib."""
    changed = set_text("# first\n[a]\nb = 1\n", "a.c", text)
    if text.startswith('"') and "'" in text:
        # no spelling of that is read right by toml
        return
    assert toml.loads(changed) == tomllib.loads(changed) == {"a": {"b": 1, "c": text}}


@given(TREE, st.data())
def test_unsetting_takes_one_value_and_no_other(tree: dict[str, Any], data: st.DataObject) -> None:
    document = parse(tomlkit.dumps(tree))
    values = values_of(document)
    if not values:
        return
    gone = data.draw(st.sampled_from(values))
    left = without(document, gone.path)
    assert names_of(left) == [each.name for each in values if each != gone]
    assert difference(document, left) == Difference((), (), (gone.name,))


def test_a_difference_is_told_by_names() -> None:
    new = (
        EXAMPLE.replace("5432", "5432.0")
        .replace("RATIO = 0.5\n", "")
        .replace("[mail]", "N = 1\n[mail]")
    )
    found = difference(parse(EXAMPLE), parse(new))
    assert found == Difference(added=("N",), changed=("DB_PORT",), removed=("RATIO",))
    assert difference(parse(EXAMPLE), parse(EXAMPLE + "# a comment\n")) == Difference((), (), ())


@pytest.mark.parametrize("name", ["mail", "HOSTS.first"])
def test_a_section_and_a_value_do_not_replace_each_other(name: str) -> None:
    with pytest.raises(UsageError):
        set_text(EXAMPLE, name, "x")
