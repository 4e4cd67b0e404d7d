"""When an environment may be used again: the same inputs must mean the same packages."""

from __future__ import annotations

import pytest

from holdfast.domain.discovery import Project, discover
from holdfast.node.builder import environment_inputs

APP = "import streamlit\n"


def project(name: str, text: str) -> Project:
    files = {"streamlit_app.py": APP, name: text}
    return discover(files.keys(), files.__getitem__)


def inputs(name: str, text: str, commit: str = "a", image: str = "one") -> str:
    return environment_inputs(project(name, text), text, image, commit)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("requirements.txt", "streamlit\npandas>=2\n"),
        ("environment.yml", "dependencies: [python=3.12, pandas, {pip: [streamlit]}]\n"),
        ("uv.lock", 'version = 1\n[[package]]\nname = "streamlit"\nversion = "1.50.0"\n'),
    ],
)
def test_a_code_change_keeps_the_environment(name: str, text: str) -> None:
    assert inputs(name, text, commit="a") == inputs(name, text, commit="b")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("requirements.txt", "-r more.txt\n"),
        ("requirements.txt", "streamlit\n./package\n"),
        ("requirements.txt", "package @ file:///mnt/build/code/package\n"),
        ("environment.yml", "dependencies: [{pip: [./package]}]\n"),
        ("Pipfile", '[packages]\npackage = {path = "package"}\n'),
        ("uv.lock", '[[package]]\nname = "app"\nsource = { editable = "." }\n'),
        ("pyproject.toml", '[project]\nname = "app"\nversion = "1"\n'),
    ],
)
def test_what_takes_files_of_the_repository_follows_its_commits(name: str, text: str) -> None:
    assert inputs(name, text, commit="a") != inputs(name, text, commit="b")


def test_another_python_or_requirement_is_another_environment() -> None:
    given = inputs("requirements.txt", "streamlit\n")
    assert given != inputs("requirements.txt", "streamlit\n", image="two")
    assert given != inputs("requirements.txt", "streamlit\nsix\n")
