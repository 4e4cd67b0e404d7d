"""What a repository holds: the files that may be its app, and all a build has to know of it."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from holdfast.domain.dependencies import (
    CondaEnvironment,
    DependencyChoice,
    ReadText,
    choose_dependency_file,
    parse_environment_yml,
    parse_packages,
)
from holdfast.domain.dependency_files import DEPENDENCY_FILES, DependencyKind, folders_of
from holdfast.domain.errors import RepositoryError
from holdfast.domain.frameworks import Entrypoint, Framework, detect, mentioned
from holdfast.domain.python_version import PythonRequirement, python_requirement
from holdfast.domain.statistics import statistics_said

#: The names that Streamlit's own documentation uses, in the order of their weight.
_USUAL = ("streamlit_app.py", "app.py", "main.py", "Home.py")
_TESTS = re.compile(r"(^|/)(tests?/|test_|conftest\.py|setup\.py|noxfile\.py)|_test\.py$")
#: `pages/` holds further pages of a Streamlit app, never an app.
_NOT_APPS = re.compile(r"(^|/)(pages|\.[^/]*|node_modules|site-packages|venv)/")
_STREAMLIT = ".streamlit/config.toml"
_BESIDE = ("runtime.txt", ".python-version", "Procfile", _STREAMLIT)
#: A repository may hold thousands of scripts; an app is found among the first.
_MOST_CANDIDATES = 100


@dataclass(frozen=True, slots=True)
class Project:
    """What a build and a start have to know of one app of a repository."""

    entrypoint: Entrypoint
    dependencies: DependencyChoice
    python: PythonRequirement
    packages: tuple[str, ...]
    """Debian packages of packages.txt."""
    conda: CondaEnvironment | None = None
    """What pip can install of an environment.yml, where that is the dependency file."""
    statistics: bool | None = None
    """What it says about usage statistics; None: nothing."""


def needed_files(tree: Collection[str], entrypoint: str | None = None) -> tuple[str, ...]:
    """The files that have to be read before `discover` can decide, those that exist."""
    paths = [entrypoint] if entrypoint else _possible(tree)
    wanted = dict.fromkeys(paths)
    wanted["packages.txt"] = None
    for path in paths or ["app.py"]:
        for folder in folders_of(path):
            wanted |= dict.fromkeys(folder + name for name in (*DEPENDENCY_FILES, *_BESIDE))
    return tuple(path for path in wanted if path in tree)


def discover(
    tree: Collection[str],
    read: ReadText,
    entrypoint: str | None = None,
    command: str | None = None,
) -> Project:
    """All there is to know; RepositoryError where there is no such entrypoint, or none at all.
    command: the admin's own, with which no entrypoint is needed."""
    found = named_entrypoint(tree, read, entrypoint) if entrypoint else _first(tree, read, command)
    choice = choose_dependency_file(tree, found.path, read)
    conda = None
    if choice.path and choice.kind is DependencyKind.ENVIRONMENT:
        conda = parse_environment_yml(read(choice.path), choice.path)
    return Project(
        found,
        choice,
        python_requirement(tree, found.path, choice, read),
        parse_packages(read("packages.txt")) if "packages.txt" in tree else (),
        conda,
        statistics_said(read(path) for path in _configurations(found.path) if path in tree),
    )


def _configurations(entrypoint: str) -> list[str]:
    """Streamlit's own files, the one that counts most last."""
    return [folder + _STREAMLIT for folder in reversed(folders_of(entrypoint))]


def entrypoints(tree: Collection[str], read: ReadText) -> tuple[Entrypoint, ...]:
    """Files that look like an app, the likeliest first.

    A Procfile's `web:` line goes before the file it starts, unless that is a Streamlit app,
    which Holdfast starts with settings of its own.
    """
    found: list[Entrypoint] = []
    for path in _possible(tree):
        name = path.rpartition("/")[2]
        detected = detect(read(path))
        if detected is None and "/" not in path and name in _USUAL:
            detected = _by_dependencies(tree, path, read)
        if name == "streamlit_app.py":
            detected = (Framework.STREAMLIT, None)
        if detected:
            found.append(Entrypoint(path, *detected))
    web = _web_line(read("Procfile")) if "Procfile" in tree else None
    if web:
        first = next((i for i, app in enumerate(found) if app.framework != "streamlit"), len(found))
        found.insert(first, Entrypoint("Procfile", Framework.COMMAND, command=web))
    return tuple(found)


def named_entrypoint(tree: Collection[str], read: ReadText, path: str) -> Entrypoint:
    """The entrypoint an admin named; a file that imports no framework is run by Streamlit."""
    if path not in tree:
        name = path.rpartition("/")[2].lower()
        near = [other for other in tree if other.rpartition("/")[2].lower() == name][:3]
        raise RepositoryError(
            f"The repository has no file {path}.",
            f"There is {', '.join(sorted(near))}." if near else "",
            "Choose another with --file; its path begins at the repository's root.",
        )
    if path.rpartition("/")[2] == "Procfile":
        if web := _web_line(read(path)):
            return Entrypoint(path, Framework.COMMAND, command=web)
        raise RepositoryError(
            f"{path} has no line that begins with “web:”.", next="Add one, or choose a file."
        )
    detected = detect(read(path)) or _by_dependencies(tree, path, read)
    return Entrypoint(path, *(detected or (Framework.STREAMLIT, None)))


def _first(tree: Collection[str], read: ReadText, command: str | None) -> Entrypoint:
    found = entrypoints(tree, read)
    if found:
        return found[0]
    if command is None:
        raise no_app()
    return Entrypoint("", Framework.COMMAND, command=command)


def no_app() -> RepositoryError:
    return RepositoryError(
        "No app was found in the repository.",
        "No Python file imports a framework that Holdfast knows, and there is no Procfile.",
        "Name the file with --file, or a start command with --command.",
    )


def _possible(tree: Collection[str]) -> list[str]:
    """Python files in the order of how likely each is the app: usual names, root before deeper."""

    def rank(path: str) -> tuple[int, int, str]:
        name = path.rpartition("/")[2]
        usual = _USUAL.index(name) if name in _USUAL else len(_USUAL)
        return path.count("/"), usual, path

    fitting = [
        path
        for path in tree
        if path.endswith(".py")
        and not _TESTS.search(path)
        and not _NOT_APPS.search(path)
        and (path.count("/") == 0 or (path.count("/") <= 2 and path.rpartition("/")[2] in _USUAL))
    ]
    return sorted(fitting, key=rank)[:_MOST_CANDIDATES]


def _by_dependencies(
    tree: Collection[str], path: str, read: ReadText
) -> tuple[Framework, None] | None:
    chosen = choose_dependency_file(tree, path, read).path
    framework = mentioned(read(chosen)) if chosen else None
    return (framework, None) if framework else None


def _web_line(procfile: str) -> str | None:
    found = re.search(r"^web:[ \t]*(\S.*)$", procfile, re.MULTILINE)
    return found[1].strip() if found else None
