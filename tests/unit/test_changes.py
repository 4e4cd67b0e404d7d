"""What a push may change without a restart, and what not."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sample

from holdfast.domain.app import Release
from holdfast.domain.changes import Change, ChangeKind, parse_changes, why_redeploy
from holdfast.domain.names import AppName

_ID = "1" * 40


def release(**different: object) -> Release:
    made = sample.releases(AppName("board"))[0]
    facts = {"entrypoint": "pages/app.py", "dependency_file": "requirements.txt", **different}
    return replace(made, framework="streamlit", command=None, **facts)  # type: ignore[arg-type]


def changed(*paths: str) -> list[Change]:
    return [Change(path, ChangeKind.CHANGED) for path in paths]


def test_gits_own_words_are_read() -> None:
    raw = (
        (
            f":100644 100755 {_ID} {_ID} M\0a name\tof two\0"
            f":000000 120000 {_ID} {_ID} A\0été\0"
            f":100644 000000 {_ID} {_ID} D\0gone\0"
            f":160000 160000 {_ID} {_ID} M\0library\0"
            f":100644 120000 {_ID} {_ID} T\0link\0"
        ).encode()
        + f":000000 100644 {_ID} {_ID} A\0".encode()
        + b"\xff\0"
    )
    assert parse_changes(raw) == (
        Change("a name\tof two", ChangeKind.CHANGED),
        Change("été", ChangeKind.ADDED),
        Change("gone", ChangeKind.DELETED),
        Change("library", ChangeKind.CHANGED, submodule=True),
        Change("link", ChangeKind.CHANGED),
        Change("\udcff", ChangeKind.ADDED),
    )
    assert parse_changes(b"") == ()


def test_code_and_other_files_go_live() -> None:
    paths = changed("pages/app.py", "lib/x.py", "data/rows.csv", "docs/requirements.txt", ".env")
    assert why_redeploy(release(), paths, "streamlit\n--index-url https://x\n") is None


@pytest.mark.parametrize(
    "path",
    [
        "requirements.txt",
        "pages/requirements.txt",
        "uv.lock",
        "pages/pyproject.toml",
        "packages.txt",
        "Procfile",
        "runtime.txt",
        ".python-version",
        ".gitmodules",
        ".streamlit/config.toml",
    ],
)
def test_what_decides_how_it_is_built_or_started_does_not(path: str) -> None:
    assert why_redeploy(release(), changed("x.py", path), "") == f"{path} changed."


def test_a_submodule_or_a_lost_entrypoint_does_not() -> None:
    module = [Change("library", ChangeKind.CHANGED, submodule=True)]
    assert why_redeploy(release(), module, "") == "The submodule library changed."
    gone = [Change("pages/app.py", ChangeKind.DELETED)]
    assert why_redeploy(release(), gone, "") == "pages/app.py is gone."


def test_another_framework_or_a_command_does_not() -> None:
    flask = replace(release(), framework="flask")
    own = replace(release(), command="streamlit run app.py")
    for other in (flask, own):
        assert "does not watch" in (why_redeploy(other, changed("x.py"), "") or "")


@pytest.mark.parametrize(
    ("dependencies", "path", "why"),
    [
        ("-r more/base.txt\n", "more/base.txt", "may refer to"),
        ("-e .\n", "x.py", "out of the repository itself"),
        ("./library\n", "x.py", "out of the repository itself"),
        ("library @ file:library\n", "x.py", "out of the repository itself"),
    ],
)
def test_files_that_are_installed_do_not(dependencies: str, path: str, why: str) -> None:
    assert why in (why_redeploy(release(), changed(path), dependencies) or "")


def test_a_projects_own_package_does_not() -> None:
    project = release(dependency_file="uv.lock")
    lock = '[[package]]\nname = "board"\nsource = { editable = "." }\n'
    assert why_redeploy(project, changed("app.py"), lock) is None
    assert "installed" in (why_redeploy(project, changed("src/board/x.py"), lock) or "")
    other = lock.replace('"."', '"../library"')
    assert "repository itself" in (why_redeploy(project, changed("app.py"), other) or "")
