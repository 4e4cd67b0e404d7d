"""What the window says of a new app: why deploy waits, what is refused, what will happen."""

from __future__ import annotations

import sample

from holdfast.domain.names import AppName, HostName
from holdfast.domain.requests import RepositoryFacts
from holdfast.presenters import new_app


def repository(**changes: object) -> RepositoryFacts:
    found = {
        "address": "https://git.example.lan/team/sales",
        "branches": ("main",),
        "default_branch": "main",
        "commit": sample.commit(0),
        "entrypoints": (("app.py", "streamlit"), ("two.py", "dash")),
        "dependency_file": "requirements.txt",
        "dependency_reason": "Found in the root.",
        "python": "3.13",
        "python_requirement": None,
        "debian_packages": (),
        "proposed_name": AppName("sales"),
        "proposed_host_name": HostName("sales.localhost"),
    }
    return RepositoryFacts(**{**found, **changes})  # type: ignore[arg-type]


FORM = new_app.Form("x", "main", "app.py", "3.13", "sales", "sales.localhost")


def test_deploy_says_why_it_waits() -> None:
    fine = new_app.check(FORM, frozenset(), frozenset())
    assert new_app.why_not("x", repository(), fine, connected=True) == ""
    assert "does not answer" in new_app.why_not("x", repository(), fine, connected=False)
    assert new_app.why_not("", None, fine, connected=True) == "Name a repository first."


def test_names_and_addresses_in_use_are_refused() -> None:
    errors = new_app.check(FORM, frozenset({"sales"}), frozenset({"sales.localhost"}))
    assert errors.name.startswith("sales is in use")
    assert errors.host_name == "sales.localhost leads to another app."
    assert new_app.check(new_app.Form("x"), frozenset(), frozenset()).name == "This is needed."


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
    assert new_app.entrypoint_note(repository(), "mine.py") == ""


def test_the_address_of_a_new_app_is_the_one_that_visitors_open() -> None:
    assert new_app.visitors_address("a.localhost", None) == "https://a.localhost:8443/"
    assert new_app.visitors_address("a.localhost", "127.0.0.1:8450") == "https://a.localhost:8450/"
    assert new_app.visitors_address("a.example.lan", "10.0.0.2:443") == "https://a.example.lan/"
