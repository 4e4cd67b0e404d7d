"""What is told of each file of a repository that may be its app."""

from __future__ import annotations

from collections.abc import Mapping

from holdfast.domain.candidates import files_of_candidates, find_candidates
from holdfast.domain.requests import Candidate

ST = "import streamlit"


def look(files: Mapping[str, str], named: str | None = None) -> dict[str, Candidate]:
    """Look while only what `files_of_candidates` names can be read."""
    readable = {path: files[path] for path in files_of_candidates(files.keys(), named)}
    found = find_candidates(files.keys(), readable.__getitem__, named, ["3.13", "3.11"])
    return {each.path: each for each in found}


def test_each_has_the_dependencies_and_the_python_of_its_own_folder() -> None:
    found = look(
        {
            "app.py": ST,
            "requirements.txt": "",
            "two/app.py": "import dash",
            "two/pyproject.toml": "[project]\nrequires-python = '<3.12'",
        }
    )
    assert list(found) == ["app.py", "two/app.py"]
    root, two = found.values()
    assert (root.framework, root.dependency_file, root.python) == (
        "streamlit",
        "requirements.txt",
        "3.13",
    )
    assert (two.framework, two.dependency_file, two.python, two.python_requirement) == (
        "dash",
        "two/pyproject.toml",
        "3.11",
        "<3.12",
    )


def test_a_named_file_comes_first_whatever_it_is() -> None:
    files = {"app.py": ST, "tools/deep/report.py": "print(1)", "tools/deep/uv.lock": ""}
    found = look(files, "tools/deep/report.py")
    assert list(found) == ["tools/deep/report.py", "app.py"]
    assert found["tools/deep/report.py"].dependency_file == "tools/deep/uv.lock"
    assert list(look(files, "app.py")) == ["app.py"]


def test_a_named_file_that_is_missing_leaves_the_others() -> None:
    found = look({"app.py": ST}, "nowhere.py")
    assert "has no file nowhere.py" in found["nowhere.py"].why_not
    assert found["app.py"].why_not == ""


def test_where_none_is_found_a_start_command_has_the_roots_dependencies() -> None:
    found = look({"tool.py": "print()", "requirements.txt": "", "README.md": ""})
    assert [(path, each.dependency_file) for path, each in found.items()] == [
        ("", "requirements.txt")
    ]


def test_what_would_fail_is_told_of_the_one_that_it_concerns() -> None:
    found = look({"app.py": ST, "two/app.py": ST, "two/pyproject.toml": "[project"})
    assert "two/pyproject.toml" not in found["app.py"].why_not
    assert "is not valid TOML" in found["two/app.py"].why_not
    old = look({"app.py": ST, "pyproject.toml": "[project]\nrequires-python='<3.8'"})["app.py"]
    assert (old.python, old.why_not) == ("", "")
    assert "No Python on this node suits" in old.why_no_python
