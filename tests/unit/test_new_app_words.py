"""What the window says of a new app: why deploy waits, what is refused, what will happen."""

from __future__ import annotations

from dataclasses import replace

import sample

from holdfast.domain.asked_secrets import AskedSecret
from holdfast.domain.contents import Contents
from holdfast.domain.names import AppName, HostName
from holdfast.domain.pin import Pin
from holdfast.domain.requests import Candidate, RepositoryFacts
from holdfast.presenters import new_app

APP = Candidate("app.py", "streamlit", "requirements.txt", "Found in the root.", "3.13")
TWO = Candidate("two/app.py", "dash", "two/uv.lock", "Found beside it.", "3.11", "<3.12")


def repository(**changes: object) -> RepositoryFacts:
    found = {
        "address": "https://git.example.lan/team/sales",
        "branches": ("main",),
        "default_branch": "main",
        "commit": sample.commit(0),
        "candidates": (APP, TWO),
        "debian_packages": (),
        "proposed_name": AppName("sales"),
        "proposed_host_name": HostName("sales.localhost"),
        "contents": Contents(files=3, size_bytes=2 << 20),
    }
    return RepositoryFacts(**{**found, **changes})  # type: ignore[arg-type]


TAG = Pin(commit=sample.commit(0).id, tag="v1")
FORM = new_app.Form("x", "main", "app.py", "3.13", "sales", "sales.localhost")


def test_deploy_says_why_it_waits() -> None:
    fine = new_app.check(FORM, None, frozenset(), frozenset())
    assert new_app.why_not(FORM, repository(), fine, connected=True) == ""
    assert "does not answer" in new_app.why_not(FORM, repository(), fine, connected=False)
    other = replace(FORM, entrypoint="mine.py")
    assert "not been looked at" in new_app.why_not(other, repository(), fine, connected=True)
    assert (
        new_app.why_not(new_app.Form(""), None, fine, connected=True) == "Name a repository first."
    )


def test_branches_and_tags_of_one_name_are_told_apart() -> None:
    both = repository(branches=("main", "v1"), tags=("v1",))
    (branches, (_, first)), (tags, (same,)) = new_app.offered(both)
    assert (branches, tags, first.name, same.name) == ("Branches", "Tags", "v1", "v1")
    assert first != same == new_app.read_ref(replace(both, pin=TAG))
    assert [heading for heading, _ in new_app.offered(repository())] == [""]


def test_a_tag_is_asked_for_by_the_plain_address() -> None:
    page = replace(FORM, repository="https://git.example.lan/team/sales/tree/main", pin="v1")
    asked = new_app.request(replace(page, branch=""), repository(pin=TAG))
    assert (asked.repository, asked.branch, asked.pin) == (repository().address, None, "v1")
    told = new_app.what_will_happen(page, repository(pin=TAG))
    assert ("Fetch the tag v1", "Commit a41f9c2. The app is pinned to it.") in told


def test_a_commit_that_was_read_is_offered_and_asked_for_by_its_id() -> None:
    commit = sample.commit(2).id
    read = repository(pin=Pin(commit=commit), commit=sample.commit(2), tags=("v1",))
    offered = dict(new_app.offered(read))
    assert list(offered) == ["Branches", "Tags", "Commit"]
    (ref,) = offered["Commit"]
    assert (ref, ref.shown) == (new_app.read_ref(read), commit[:7])
    form = replace(FORM, branch="", pin=ref.name)
    assert new_app.request(form, read).pin == commit
    told = new_app.what_will_happen(form, read)
    assert (f"Fetch the commit {commit[:7]}", "The app is pinned to it.") in told


def test_names_and_addresses_in_use_are_refused() -> None:
    errors = new_app.check(FORM, None, frozenset({"sales"}), frozenset({"sales.localhost"}))
    assert errors.name.startswith("sales is in use")
    assert errors.host_name == "sales.localhost leads to another app."
    assert (
        new_app.check(new_app.Form("x"), None, frozenset(), frozenset()).name == "This is needed."
    )


def test_only_what_differs_is_asked_for() -> None:
    asked = new_app.request(FORM, repository())
    assert (asked.python, asked.command) == (None, None)
    assert (asked.memory_bytes, asked.cpus) == (1 << 30, 1.0)
    older = new_app.Form("x", "main", "app.py", "3.12", "sales", "sales.localhost")
    assert new_app.request(older, repository()).python == "3.12"


def test_what_will_happen_speaks_of_what_was_found() -> None:
    told = new_app.what_will_happen(FORM, repository(debian_packages=("gdal-bin",)))
    headlines = [headline for headline, _ in told]
    assert "Install requirements.txt and 1 Debian package" in headlines
    assert headlines[-1] == "Serve https://sales.localhost:8443/"


def test_entrypoints_are_explained() -> None:
    assert new_app.entrypoint_note(repository(), "app.py") == (
        "Found: streamlit; 1 other candidate."
    )
    assert "Nobody has looked at it yet" in new_app.entrypoint_note(repository(), "mine.py")


def test_what_is_shown_goes_with_the_entrypoint_that_is_chosen() -> None:
    assert new_app.dependency_line(TWO) == ("two/uv.lock", "Found beside it.")
    assert "“<3.12”" in new_app.python_reason(TWO)
    form = replace(FORM, entrypoint="two/app.py", python="3.11")
    assert new_app.request(form, repository()).python is None
    assert new_app.request(replace(form, python="3.13"), repository()).python == "3.13"
    headlines = [headline for headline, _ in new_app.what_will_happen(form, repository())]
    assert "Install two/uv.lock" in headlines
    assert new_app.dependency_line(None) == ("Not known", "")


def test_without_an_app_its_file_or_a_command_is_asked_for() -> None:
    facts = repository(candidates=(Candidate("", "command", python="3.13"),))
    form = replace(FORM, entrypoint="")
    none = frozenset[str]()
    assert new_app.check(form, facts, none, none).entrypoint.startswith("None was found. Name")
    by_command = replace(form, command="python server.py")
    assert new_app.check(by_command, facts, none, none).first == ""
    assert new_app.request(by_command, facts).entrypoint is None
    assert new_app.entrypoint_note(facts, "") == ""


def test_what_would_fail_is_refused_where_it_was_found() -> None:
    broken = Candidate("app.py", why_not="pyproject.toml is not valid TOML.")
    none = frozenset[str]()
    errors = new_app.check(FORM, repository(candidates=(broken, TWO)), none, none)
    assert errors.entrypoint == broken.why_not
    unsuited = replace(APP, python="", why_no_python="No Python on this node suits the project.")
    facts = repository(candidates=(unsuited,))
    assert new_app.check(replace(FORM, python=""), facts, none, none).python
    assert new_app.check(FORM, facts, none, none).first == ""


def test_the_address_of_a_new_app_is_the_one_that_visitors_open() -> None:
    assert new_app.visitors_address("a.localhost", None) == "https://a.localhost:8443/"
    assert new_app.visitors_address("a.localhost", "127.0.0.1:8450") == "https://a.localhost:8450/"
    assert new_app.visitors_address("a.example.lan", "10.0.0.2:443") == "https://a.example.lan/"


def test_what_else_was_found_begins_with_what_is_missing() -> None:
    assert new_app.also_found(repository(), "app.py") == (("Size", "3 files, 2 MiB"),)
    unsent = dict(new_app.also_found(repository(uncommitted=3), "app.py"))
    assert unsent["Not committed"].startswith("3 files have changes that are not committed")
    asked = tuple(AskedSecret((f"KEY_{at}",), True, "app.py line 1") for at in range(8))
    held = Contents(9, 5 << 20, 2, 4 << 20, asked, ("a/.streamlit/secrets.toml",), ("libs/b",))
    private = replace(APP, indexes=("packages.example.lan",))
    facts = repository(contents=held, candidates=(private, TWO))
    told = dict(new_app.also_found(facts, "app.py"))
    assert list(told) == [
        "Missing secrets",
        "Committed secrets",
        "Package indexes",
        "Submodules",
        "Git LFS",
        "Size",
    ]
    assert told["Missing secrets"].startswith("KEY_0, KEY_1, KEY_2, KEY_3, KEY_4, KEY_5 and 2 more")
    assert (told["Submodules"], told["Git LFS"]) == ("libs/b", "2 files, 4 MiB")
    assert "Package indexes" not in dict(new_app.also_found(facts, "two/app.py"))
