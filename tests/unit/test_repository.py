"""Addresses as people paste them, and those that must never reach git."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.domain.errors import UsageError
from holdfast.domain.names import propose_app_name
from holdfast.domain.repository import (
    RepositoryKind,
    parse_branch,
    parse_entrypoint,
    parse_repository,
    within_refs,
)

COMMIT = "0d41c9e2" * 5


@pytest.mark.parametrize(
    ("pasted", "url"),
    [
        ("https://github.com/acme/sales", "https://github.com/acme/sales"),
        (" https://GitHub.com/acme/sales.git/ \n", "https://github.com/acme/sales.git"),
        ("github.com/acme/sales", "https://github.com/acme/sales"),
        ("https://github.com/acme/sales?tab=readme-ov-file#run", "https://github.com/acme/sales"),
        ("https://git.example:8443/team/sub/x.git", "https://git.example:8443/team/sub/x.git"),
        ("https://gitlab.com:443/a/b/c", "https://gitlab.com/a/b/c"),
        ("git@github.com:acme/sales.git", "git@github.com:acme/sales.git"),
        ("github.com:acme/sales.git", "git@github.com:acme/sales.git"),
        ("ssh://git@git.example:2222/~me/x.git", "ssh://git@git.example:2222/~me/x.git"),
        ("ssh://git.example/x.git", "ssh://git@git.example/x.git"),
        ("ssh://deploy@[2001:db8::1]/x.git", "ssh://deploy@[2001:db8::1]/x.git"),
        (
            "https://dev.azure.com/org/My%20Project/_git/r",
            "https://dev.azure.com/org/My%20Project/_git/r",
        ),
        ("https://git.example/größe/x", "https://git.example/gr%C3%B6%C3%9Fe/x"),
        ("https://git.example/gr%c3%b6%c3%9Fe/x", "https://git.example/gr%C3%B6%C3%9Fe/x"),
        ("https://git.example/a b/100%25;$(x)", "https://git.example/a%20b/100%25%3B%24%28x%29"),
        ("https://git.example/a/src/b/x", "https://git.example/a/src/b/x"),
        ("file:///srv/my%20code", "/srv/my code"),
        ("/srv/x/../y/", "/srv/y"),
    ],
)
def test_an_address_is_read(pasted: str, url: str) -> None:
    assert parse_repository(pasted).url == url


@pytest.mark.parametrize(
    ("page", "branch", "entrypoint", "folder"),
    [
        ("https://github.com/o/r/tree/main", "main", None, None),
        ("https://github.com/o/r/tree/main/apps/a", "main", None, "apps/a"),
        ("https://github.com/o/r/blob/dev/a/app.py#L10-L20", "dev", "a/app.py", None),
        ("https://github.com/o/r/blob/main/1_%F0%9F%91%8B_Hi.py", "main", "1_👋_Hi.py", None),
        ("https://gitlab.com/g/s/r/-/blob/main/app.py?ref_type=heads", "main", "app.py", None),
        ("https://codeberg.org/o/r/src/branch/main/app.py", "main", "app.py", None),
        ("https://codeberg.org/o/r/src/branch/main/apps", "main", None, "apps"),
        ("https://bitbucket.org/o/r/src/main/", "main", None, None),
        ("https://bitbucket.org/o/r/src/main/apps/app.py?at=main", "main", "apps/app.py", None),
        ("https://bitbucket.org/o/r/src/main/apps/", "main", None, "apps"),
        (f"https://bitbucket.org/o/r/src/{COMMIT}/app.py?at=main", "main", "app.py", None),
    ],
)
def test_a_web_page_names_repository_branch_and_file(
    page: str, branch: str, entrypoint: str | None, folder: str | None
) -> None:
    address = parse_repository(page)
    assert (address.branch, address.entrypoint, address.folder) == (branch, entrypoint, folder)
    assert address.name in ("r",)
    assert address.url.endswith("/r")


def test_a_branch_with_slashes_is_told_from_the_path_once_branches_are_known() -> None:
    address = parse_repository("https://github.com/o/r/blob/fix/login/ui/app.py")
    known = within_refs(address, ["main", "fix", "fix/login"], ["fix/login/ui"])
    assert (known.branch, known.entrypoint) == ("fix/login", "ui/app.py")
    assert within_refs(address, ["main"], []) == address


@pytest.mark.parametrize(
    ("page", "pin", "entrypoint", "folder"),
    [
        ("https://github.com/o/r/tree/v1.0", "v1.0", None, None),
        ("https://github.com/o/r/blob/v1.0/ui/app.py", "v1.0", "ui/app.py", None),
        ("https://github.com/o/r/tree/release/2.0/ui", "release/2.0", None, "ui"),
        ("https://github.com/o/r/releases/tag/release/2.0", "release/2.0", None, None),
        ("https://gitlab.com/g/s/r/-/tree/v1.0?ref_type=tags", "v1.0", None, None),
        ("https://gitlab.com/g/s/r/-/tags/v1.0", "v1.0", None, None),
        ("https://gitlab.com/g/s/r/-/releases/release/2.0", "release/2.0", None, None),
        ("https://codeberg.org/o/r/src/tag/v1.0/ui/app.py", "v1.0", "ui/app.py", None),
        ("https://codeberg.org/o/r/src/tag/release/2.0", "release/2.0", None, None),
        ("https://codeberg.org/o/r/releases/tag/v1.0", "v1.0", None, None),
        ("https://bitbucket.org/o/r/src/v1.0/ui/", "v1.0", None, "ui"),
        (f"https://github.com/o/r/tree/{COMMIT}", COMMIT, None, None),
        (f"https://github.com/o/r/blob/{COMMIT}/ui/app.py", COMMIT, "ui/app.py", None),
        (f"https://github.com/o/r/commit/{COMMIT}", COMMIT, None, None),
        ("https://github.com/o/r/commit/0d41c9e", "0d41c9e", None, None),
        (f"https://gitlab.com/g/s/r/-/commit/{COMMIT}", COMMIT, None, None),
        (f"https://codeberg.org/o/r/src/commit/{COMMIT}/ui", COMMIT, None, "ui"),
        (f"https://bitbucket.org/o/r/commits/{COMMIT}", COMMIT, None, None),
    ],
)
def test_a_web_page_of_a_tag_or_a_commit_pins_to_it(
    page: str, pin: str, entrypoint: str | None, folder: str | None
) -> None:
    known = within_refs(parse_repository(page), ["main", "v1"], ["v1.0", "release/2.0", "main"])
    assert (known.branch, known.pin) == (None, pin)
    assert (known.entrypoint, known.folder) == (entrypoint, folder)
    assert known.url.endswith("/r") and known.is_page


def test_of_a_branch_and_a_tag_of_one_name_a_page_shows_the_branch_unless_it_says_tag() -> None:
    names = {"branches": ["v1.0"], "tags": ["v1.0"]}
    either = within_refs(parse_repository("https://github.com/o/r/tree/v1.0"), **names)
    assert (either.branch, either.pin) == ("v1.0", None)
    tag = within_refs(parse_repository("https://codeberg.org/o/r/src/tag/v1.0"), **names)
    assert (tag.branch, tag.pin) == (None, "v1.0")


def test_a_page_of_what_is_there_no_more_is_still_of_a_branch() -> None:
    gone = within_refs(parse_repository("https://github.com/o/r/tree/v9"), ["main"], ["v1.0"])
    assert (gone.branch, gone.pin) == ("v9", None)


def test_relative_paths_and_home_become_absolute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/ada")
    assert parse_repository("./sales").url == f"{tmp_path}/sales"
    assert parse_repository("..").url == str(tmp_path.parent)
    assert parse_repository("~/sales").url == "/home/ada/sales"
    assert parse_repository("~/sales").kind is RepositoryKind.LOCAL


@pytest.mark.parametrize(
    "pasted",
    [
        "https://ada:hunter2@github.com/o/r",
        "https://hunter2@github.com/o/r",
        "ssh://git:hunter2@github.com/o/r",
        "https://ada:hunter2@[bad/o/r",
        "https://ada:hunter2@github.com:port/o/r",
        "http://ada:hunter2@github.com/o/r",
        "ftp://ada:hunter2@github.com/o/r",
    ],
)
def test_a_credential_is_refused_and_never_repeated(pasted: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_repository(pasted)
    error: BaseException | None = caught.value
    while error is not None:
        assert "hunter2" not in f"{error}{error!r}"
        error = error.__cause__


@pytest.mark.parametrize(
    "pasted",
    [
        "",
        "git://github.com/o/r",
        "http://github.com/o/r",
        "http://127.0.0.1:8080/r.git",
        "ext::sh -c touch% /tmp/x",
        "fd::17",
        "--upload-pack=touch /tmp/x",
        "-oProxyCommand=touch",
        "ssh://-oProxyCommand=touch/x",
        "ssh://git@-oProxyCommand=touch/x",
        "git@-oProxyCommand=touch:x",
        "-x@host:path",
        "git@host:--upload-pack=touch",
        "git@host:a/../../b",
        "git@host:a b",
        "git@host:a;touch${IFS}x",
        "ssh://host/$(touch x)",
        "https://github.com/o/r\nhttps://evil.example",
        "https://github.com/o/%0ar",
        "https://github.com/o/%7Fr",
        "https://github.com/o/%E2%80%AEr",
        "https://github.com/o/%ffr",
        "https://github.com/o/%2Dr",
        "https://github.com/o/%2E%2E/r",
        "https://github.com/%2F/o/r",
        "https://github.com/o/../../r",
        "https://github.com/",
        "https:///o/r",
        "https://github.com/o/r/pull/7",
        "https://github.com/o/r/blob/main/../../etc/passwd",
        "file://server/share",
        "C:\\code\\app",
        "owner/name",
        "just-a-word",
    ],
)
def test_what_is_no_safe_address_is_refused_with_a_next_step(pasted: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_repository(pasted)
    assert caught.value.next


def test_a_name_is_shown_and_proposed_as_it_is_spelled() -> None:
    address = parse_repository("https://git.example/team/Große Übersicht.git")
    assert address.name == "Große Übersicht"
    assert propose_app_name(address.url) == "grosse-ubersicht"
    assert parse_repository(address.url) == address


@given(st.text(max_size=40))
def test_an_https_path_becomes_one_that_is_read_the_same_again(path: str) -> None:
    try:
        address = parse_repository(f"https://git.example/o/{path}")
    except UsageError:
        return
    assert re.fullmatch(r"https://git\.example/[A-Za-z0-9%._~/+@,=:-]+", address.url)
    assert parse_repository(address.url).url == address.url


@given(st.text(max_size=60))
def test_no_text_gives_git_an_option_or_a_helper_program(text: str) -> None:
    try:
        address = parse_repository(text)
    except UsageError:
        return
    assert not address.url.startswith("-")
    assert address.url.startswith(("https://", "ssh://", "/")) or "@" in address.url
    assert "::" not in address.url.partition("[")[0] or address.kind is RepositoryKind.LOCAL


@pytest.mark.parametrize("name", ["main", "feature/x", "v1.2", "refs/heads/main", "é"])
def test_a_branch(name: str) -> None:
    assert parse_branch(name) == name.removeprefix("refs/heads/")


@pytest.mark.parametrize(
    "name",
    [
        *("", "-b", "--all", "a..b", "a b", "a~1", "a^", "a:b", "a?", "a*", "a[", "a\\b", "a@{1}"),
        *("@", "HEAD", "/a", "a/", "a//b", ".a", "a/.b", "a.lock", "a.", "refs/tags/v1", "a\x7f"),
        "x" * 300,
    ],
)
def test_not_a_branch(name: str) -> None:
    with pytest.raises(UsageError):
        parse_branch(name)


@pytest.mark.parametrize("path", ["app.py", "./a/b.py", "pages/1_📈 Plot.py"])
def test_an_entrypoint(path: str) -> None:
    assert parse_entrypoint(path) == path.removeprefix("./")


@pytest.mark.parametrize(
    "path", ["", "/app.py", "../app.py", "a/../b.py", "-m", "a//b", ".git/x.py", "a\\b", "a\nb"]
)
def test_not_an_entrypoint(path: str) -> None:
    with pytest.raises(UsageError):
        parse_entrypoint(path)
