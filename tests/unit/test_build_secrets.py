"""Secrets for the build: their form, what uv is told, and that no app is given them."""

from __future__ import annotations

import netrc as standard_netrc
from pathlib import Path

import pytest

from holdfast.domain.build_secrets import index_logins, netrc
from holdfast.domain.errors import UsageError
from holdfast.domain.secret import Secret
from holdfast.domain.secrets_change import (
    builds_alone,
    for_app,
    index_document,
    merge,
    without_index,
)
from holdfast.domain.secrets_document import parse, tree_of
from holdfast.domain.secrets_values import values_of

PASSWORD = 'k3ttle "drum" \\ & #é'
APP = 'URL = "x" # kept\n\n[mail]\nuser = "reports"\n'
LOGIN = index_document("packages.example.lan", "reader", Secret(PASSWORD.encode()))


def test_a_login_is_joined_to_what_is_there_and_taken_out_again() -> None:
    both = merge(parse(APP), LOGIN)
    [login] = index_logins(tree_of(both))
    assert (login.host, login.username, login.password) == (
        "packages.example.lan",
        "reader",
        PASSWORD,
    )
    assert tree_of(for_app(both)) == tree_of(parse(APP))
    assert b"# kept" in for_app(both).reveal()
    assert b"k3ttle" not in for_app(both).reveal()


def test_a_document_without_any_reaches_the_app_as_it_is() -> None:
    for text in (APP, "", '[holdfast]\nother = "1"\n'):
        assert for_app(parse(text)).reveal() == text.encode()
    beside = parse('[holdfast]\nother = "1"\n[holdfast.build]\n')
    assert tree_of(for_app(beside)) == {"holdfast": {"other": "1"}}


def test_the_last_login_goes_with_its_table_and_another_one_alone() -> None:
    other = index_document("other.example.lan", "reader", Secret(b"x"))
    both = merge(merge(parse(APP), LOGIN), other)
    one = without_index(both, "packages.example.lan")
    assert [each.host for each in index_logins(tree_of(one))] == ["other.example.lan"]
    assert tree_of(without_index(one, "other.example.lan")) == tree_of(parse(APP))
    with pytest.raises(UsageError):
        without_index(one, "packages.example.lan")


def test_what_builds_alone_are_given_is_told_from_what_the_app_is() -> None:
    # joining and taking out may leave a blank line behind
    for text in (APP, APP + "a = 1  # x\n", "", "key = '''\nx\n'''\n"):
        assert builds_alone(parse(text), merge(parse(text), LOGIN))
        assert builds_alone(merge(parse(text), LOGIN), parse(text))
    assert not builds_alone(parse(APP), merge(merge(parse(APP), LOGIN), parse("URL = 'y'")))
    assert not builds_alone(parse(APP), parse(APP + "# a comment\n"))


def test_what_uv_reads_is_what_was_written(tmp_path: Path) -> None:
    file = tmp_path / "netrc"
    file.write_bytes(netrc(index_logins(tree_of(LOGIN))).reveal())
    file.chmod(0o600)
    found = standard_netrc.netrc(str(file)).authenticators("packages.example.lan")
    assert found == ("reader", "", PASSWORD)


def test_none_becomes_a_variable_and_it_says_why() -> None:
    for value in values_of(LOGIN):
        assert value.no_variable == "It reaches the build alone, and no app."


@pytest.mark.parametrize(
    "text",
    [
        '[holdfast]\nbuild = "hush-hush"\n',
        '[holdfast.build]\n"a.org" = "hush-hush"\n',
        '[holdfast.build."a.org"]\npassword = "hush-hush"\n',
        '[holdfast.build."a.org"]\nusername = "u"\npassword = 5\n',
        '[holdfast.build."a.org"]\nusername = "u"\npassword = "hush\\nhush"\n',
        '[holdfast.build."https://a.org"]\nusername = "u"\npassword = "hush-hush"\n',
        '[holdfast.build."a.org"]\nusername = "u"\npassword = "p"\nmore = "hush-hush"\n',
        f'[holdfast.build."a.org"]\nusername = "u"\npassword = "{"hush" * 9000}"\n',
    ],
)
def test_a_table_of_another_form_is_refused_without_its_values(text: str) -> None:
    with pytest.raises(UsageError) as told:
        parse(text)
    assert "hush" not in f"{told.value.what} {told.value.why} {told.value.next}"
    assert told.value.next
