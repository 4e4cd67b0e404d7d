"""What is found in a repository: app, dependency file, Python, Debian packages."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from packaging.specifiers import SpecifierSet

from holdfast.domain.dependencies import (
    choose_dependency_file,
    parse_environment_yml,
    parse_packages,
)
from holdfast.domain.dependency_files import DependencyKind
from holdfast.domain.discovery import Project, discover, entrypoints, needed_files
from holdfast.domain.errors import DeployFailed, RepositoryError, UsageError
from holdfast.domain.python_version import PythonRequirement, choose_python, from_poetry

ST = "import streamlit as st"
OFFERED = ("3.11", "3.12", "3.13")


def look(files: Mapping[str, str], entrypoint: str | None = None) -> Project:
    """Discover while only what `needed_files` names can be read."""
    readable = {path: files[path] for path in needed_files(files.keys(), entrypoint)}
    return discover(files.keys(), readable.__getitem__, entrypoint)


@pytest.mark.parametrize(
    ("files", "first"),
    [
        ({"app.py": ST, "streamlit_app.py": ""}, "streamlit_app.py"),
        ({"main.py": ST, "app.py": "x = 1", "requirements.txt": "pandas"}, "main.py"),
        ({"app.py": "import ui", "requirements.txt": "streamlit>=1"}, "app.py"),
        ({"Home.py": ST, "pages/app.py": ST, "zzz.py": ST}, "Home.py"),
        (
            {"Chatbot.py": ST, "app_test.py": ST, "pages/1_x.py": ST, "conftest.py": ST},
            "Chatbot.py",
        ),
        ({"tests/app.py": ST, "src/app.py": ST, "docs/conf.py": ""}, "src/app.py"),
        ({"Procfile": "release: x\nweb: gunicorn app:app\n", "app.py": "import flask"}, "Procfile"),
        ({"Procfile": "web: sh setup.sh && streamlit run app.py", "app.py": ST}, "app.py"),
    ],
)
def test_the_likeliest_entrypoint_comes_first(files: dict[str, str], first: str) -> None:
    assert look(files).entrypoint.path == first


def test_all_candidates_come_with_their_framework() -> None:
    files = {"a.py": "import gradio", "b.py": ST, "c.py": "import os", "app.py": "import dash"}
    found = entrypoints(files.keys(), files.__getitem__)
    assert [(app.path, app.framework.value) for app in found] == [
        ("app.py", "dash"),
        ("a.py", "gradio"),
        ("b.py", "streamlit"),
    ]


def test_a_repository_without_an_app_says_so() -> None:
    with pytest.raises(RepositoryError, match="No app was found"):
        look({"README.md": "", "tool.py": "print()"})


def test_with_a_start_command_everything_else_is_found_as_for_an_app() -> None:
    conda = "dependencies:\n - python=3.11\n - pip:\n   - idna\n"
    files = {"server.py": "print(1)", "environment.yml": conda, "packages.txt": "jq\n"}
    found = discover(files.keys(), files.__getitem__, command="python server.py")
    assert (found.entrypoint.path, found.entrypoint.command) == ("", "python server.py")
    assert found.packages == ("jq",)
    assert found.conda is not None and found.conda.requirements == ("idna",)
    assert found.python.specifier.contains("3.11") and not found.python.specifier.contains("3.13")


def test_an_entrypoint_that_is_not_there_names_the_near_one() -> None:
    with pytest.raises(RepositoryError) as caught:
        look({"ui/App.py": ST}, "app.py")
    assert "ui/App.py" in caught.value.why


def test_a_named_entrypoint_without_a_framework_is_run_by_streamlit() -> None:
    assert look({"x.py": "import ui"}, "x.py").entrypoint.framework == "streamlit"
    files = {"x.py": "import ui", "requirements.txt": "flask"}
    assert look(files, "x.py").entrypoint.framework == "flask"


LOCK = 'requires-python = ">=3.12"'
ORDER = {
    "uv.lock": LOCK,
    "Pipfile.lock": "{}",
    "Pipfile": "",
    "environment.yml": "dependencies: [pandas]",
    "requirements.txt": "pandas",
    "pyproject.toml": "[project]\nname = 'x'",
}


def test_the_first_dependency_file_wins_in_streamlits_order() -> None:
    files = {"app.py": ST, **ORDER}
    for name in ORDER:
        assert look(files).dependencies.path == name
        del files[name]
    nothing = look(files).dependencies
    assert (nothing.kind, nothing.path) == (DependencyKind.NONE, None)


def test_the_entrypoints_folder_goes_before_the_root() -> None:
    files = {"a/b/app.py": ST, "a/b/pyproject.toml": "[project]\n", **ORDER}
    choice = look(files, "a/b/app.py").dependencies
    assert choice.path == "a/b/pyproject.toml"
    assert "entrypoint's folder" in choice.reason
    del files["a/b/pyproject.toml"]
    files["a/requirements.txt"] = "a folder between them is not looked at"
    assert look(files, "a/b/app.py").dependencies.path == "uv.lock"


def test_the_reason_names_what_is_not_used() -> None:
    files = {"app.py": "", "uv.lock": LOCK, "pyproject.toml": "", "requirements.txt": ""}
    reason = choose_dependency_file(files.keys(), "app.py", files.__getitem__).reason
    assert reason == (
        "uv.lock: the first found in the repository's root; requirements.txt beside it is not used."
    )


def test_a_pyproject_that_only_configures_tools_is_no_dependency_file() -> None:
    files = {"ui/app.py": ST, "ui/pyproject.toml": "[tool.ruff]", "requirements.txt": ""}
    assert look(files, "ui/app.py").dependencies.path == "requirements.txt"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"uv.lock": 'requires-python = ">=3.12, <3.13"'}, "3.12"),
        ({"pyproject.toml": "[project]\nrequires-python = '<3.12'"}, "3.11"),
        ({"requirements.txt": "", "pyproject.toml": "project = {requires-python='<3.13'}"}, "3.12"),
        ({"pyproject.toml": "[tool.poetry.dependencies]\npython = '~3.11'"}, "3.11"),
        ({"pyproject.toml": "[tool.poetry.dependencies]\npython = '^3.9'"}, "3.13"),
        ({"Pipfile": "[requires]\npython_version = '3.12'"}, "3.12"),
        ({"Pipfile.lock": '{"_meta": {"requires": {"python_version": "3.11"}}}'}, "3.11"),
        ({"environment.yml": "dependencies: [python=3.11, pandas]"}, "3.11"),
        ({"environment.yml": "dependencies: ['python>=3.10,<3.13', pandas]"}, "3.12"),
        ({"runtime.txt": "python-3.12.4"}, "3.12"),
        ({".python-version": "3.11\n"}, "3.11"),
        ({".python-version": "3.8\n"}, "3.13"),
        ({".python-version": "3.11\n", "uv.lock": 'requires-python = ">=3.12"'}, "3.13"),
        ({}, "3.13"),
    ],
)
def test_the_python_is_the_newest_that_the_project_admits(
    files: dict[str, str], expected: str
) -> None:
    project = look({"app.py": ST, **files})
    assert choose_python(None, project.python, OFFERED) == expected


def test_a_project_that_admits_none_of_the_pythons_names_both_sides() -> None:
    project = look({"app.py": ST, "pyproject.toml": "[project]\nrequires-python = '<3.9'"})
    with pytest.raises(DeployFailed) as caught:
        choose_python(None, project.python, OFFERED)
    assert "<3.9" in caught.value.what
    assert "pyproject.toml" in caught.value.why
    assert "3.13, 3.12, 3.11" in caught.value.why


def test_a_python_asked_for_is_taken_if_it_is_offered() -> None:
    requirement = PythonRequirement(SpecifierSet("<3.12"))
    assert choose_python("3.12.1", requirement, OFFERED) == "3.12"
    with pytest.raises(UsageError):
        choose_python("3.9", requirement, OFFERED)


@pytest.mark.parametrize("patch", [">=3.12.4", "==3.12.7", "!=3.12.0,<3.13"])
def test_patch_releases_do_not_exclude_their_minor_version(patch: str) -> None:
    assert choose_python(None, PythonRequirement(SpecifierSet(patch)), ["3.12"]) == "3.12"


def test_poetrys_constraints() -> None:
    assert from_poetry("^3.10") == ">=3.10,<4"
    assert from_poetry("~3.10.2") == ">=3.10.2,<3.11"
    assert from_poetry(">=3.9,<3.13,!=3.9.7") == ">=3.9,<3.13,!=3.9.7"
    assert from_poetry("3.11.*") == "==3.11.*"
    assert from_poetry("^3.9 || ^4") is None


def test_environment_yml_gives_what_pip_can_install() -> None:
    found = parse_environment_yml(
        "name: x\nchannels: [conda-forge]\ndependencies:\n"
        "  - python=3.11\n  - pip\n  - numpy=1.26\n  - pandas=2.1.4=py311_0\n  - scipy==1.11\n"
        "  - conda-forge::streamlit>=1.30, <2\n  - altair 5.*\n  - plotly\n"
        "  - pip:\n    - openai>=1\n    - -e .\n"
    )
    assert found.python == "==3.11.*"
    assert found.requirements == (
        "numpy==1.26.*",
        "pandas==2.1.4",
        "scipy==1.11",
        "streamlit>=1.30,<2",
        "altair==5.*",
        "plotly",
        "openai>=1",
        "-e .",
    )


def test_what_conda_alone_can_give_is_named() -> None:
    with pytest.raises(UsageError) as caught:
        parse_environment_yml(
            "dependencies: [pandas, cudatoolkit=11.8, mkl, _libgcc_mutex=0.1=main, gxx_linux-64,"
            " libstdcxx-ng, 'numpy[version=1]']"
        )
    for name in ("cudatoolkit", "mkl", "_libgcc_mutex", "gxx_linux-64", "libstdcxx-ng", "[version"):
        assert name in caught.value.what
    assert "pandas" not in caught.value.what


@pytest.mark.parametrize("text", ["a: [", "[]", "dependencies: pandas", "", "!!python/name:os"])
def test_an_environment_yml_that_is_none(text: str) -> None:
    with pytest.raises(UsageError):
        parse_environment_yml(text)


def test_packages_txt() -> None:
    text = "\ufefflibgl1  # OpenCV\r\n\n# x\ng++ libstdc++6\nlibgl1\nffmpeg=7:5.1.6-0+deb12u1\n"
    assert parse_packages(text) == ("libgl1", "g++", "libstdc++6", "ffmpeg=7:5.1.6-0+deb12u1")


@pytest.mark.parametrize(
    "line",
    [
        *("--allow-unauthenticated", "-y", "systemd-", "lib*", "./x.deb", "/tmp/x.deb", "a;b"),
        *("$(x)", "Upper", "https://x.example/a.deb", "x/../y", "a=b c=--d"),
    ],
)
def test_packages_txt_admits_names_alone(line: str) -> None:
    with pytest.raises(UsageError, match=r"Line 2 of packages\.txt"):
        parse_packages(f"ffmpeg\n{line}\n")
