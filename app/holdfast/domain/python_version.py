"""The Python an app runs on: what its project admits, and the choice among what is offered."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import Version

from holdfast.domain.dependencies import (
    DependencyChoice,
    ReadText,
    parse_environment_yml,
    parse_toml,
)
from holdfast.domain.dependency_files import folders_of
from holdfast.domain.errors import DeployFailed, UsageError


@dataclass(frozen=True, slots=True)
class PythonRequirement:
    """What a project says of its Python.

    specifier: what it admits, with the file that says so in `source` (None: nothing says).
    preferred: a version that its author works with ("3.12"); taken if it is offered.
    """

    specifier: SpecifierSet = field(default_factory=SpecifierSet)
    source: str | None = None
    preferred: str | None = None


def python_requirement(
    tree: Collection[str], entrypoint: str, choice: DependencyChoice, read: ReadText
) -> PythonRequirement:
    """Read it from the chosen dependency file first, then from a pyproject.toml near it."""
    specifier, source = "", None
    candidates = [choice.path] if choice.path else []
    candidates += [f"{folder}pyproject.toml" for folder in folders_of(entrypoint)]
    for path in candidates:
        if path in tree and (found := _stated(path, read(path))):
            specifier, source = found, path
            break
    try:
        admitted = SpecifierSet(specifier)
    except InvalidSpecifier as error:
        raise UsageError(
            f"The Python version in {source} cannot be read.",
            f"It says “{specifier[:60]}”.",
            "Write it as “>=3.11” there, or choose one with --python.",
        ) from error
    return PythonRequirement(admitted, source, _preferred(tree, entrypoint, read))


def choose_python(
    requested: str | None, requirement: PythonRequirement, offered: Sequence[str]
) -> str:
    """The version asked for, else the preferred one, else the newest that the project admits.

    offered: minor versions that the node can give ("3.13"). Raises UsageError for a version
    that is not offered, DeployFailed where none of them fits.
    """
    newest_first = sorted(offered, key=Version, reverse=True)
    listed = ", ".join(newest_first) or "none"
    if requested is not None:
        wanted = ".".join(requested.strip().split(".")[:2])
        if wanted not in offered:
            raise UsageError(
                f"Python {requested[:20]} is not offered.",
                f"This node offers {listed}.",
                "Choose one of them, or leave the choice to Holdfast.",
            )
        return wanted
    fitting = [version for version in newest_first if admits(requirement.specifier, version)]
    if requirement.preferred in fitting:
        return requirement.preferred
    if not fitting:
        raise DeployFailed(
            f"No Python on this node suits the project: it asks for {requirement.specifier}.",
            f"{requirement.source} says so; this node offers {listed}.",
            "Widen it in the repository, or choose a version with --python.",
        )
    return fitting[0]


def admits(specifier: SpecifierSet, minor: str) -> bool:
    """Whether some patch release of this minor version satisfies the specifier."""
    return any(specifier.contains(f"{minor}.{patch}") for patch in range(40))


def _stated(path: str, text: str) -> str | None:
    name = path.rpartition("/")[2]
    if name in ("pyproject.toml", "uv.lock"):
        return _from_project(parse_toml(path, text))
    if name in ("Pipfile", "Pipfile.lock"):
        # both spell `python_version = "3.11"`, one in TOML and one in JSON
        found = re.search(r'"?python_(?:full_)?version"?\s*[=:]\s*["\'](\d+\.\d+)', text)
        return f"=={found[1]}.*" if found else None
    if name.startswith("environment."):
        return parse_environment_yml(text, path).python
    return None


def _from_project(data: dict[str, Any]) -> str | None:
    stated = data.get("project", {}).get("requires-python") or data.get("requires-python")
    if stated is None:
        poetry = data.get("tool", {}).get("poetry", {}).get("dependencies", {}).get("python")
        stated = from_poetry(poetry) if isinstance(poetry, str) else None
    return str(stated) if stated else None


def from_poetry(text: str) -> str | None:
    """Poetry's constraint as a specifier; None for unions, which specifiers cannot say."""
    if "|" in text:
        return None
    return ",".join(filter(None, (_poetry_part(part.strip()) for part in text.split(","))))


def _poetry_part(part: str) -> str:
    if part in ("", "*"):
        return ""
    numbers = [int(number) for number in re.findall(r"\d+", part)]
    low = ".".join(map(str, numbers))
    if part.startswith("^"):
        return f">={low},<{numbers[0] + 1}"
    if part.startswith("~") and not part.startswith("~="):
        high = f"{numbers[0]}.{numbers[1] + 1}" if len(numbers) > 1 else str(numbers[0] + 1)
        return f">={low},<{high}"
    return part if part[0] in "<>=!~" else f"=={part}"


def _preferred(tree: Collection[str], entrypoint: str, read: ReadText) -> str | None:
    """`.python-version` (pyenv, uv) or `runtime.txt` (Heroku): the author's machine, not a rule."""
    for folder in folders_of(entrypoint):
        for name in ("runtime.txt", ".python-version"):
            if folder + name in tree:
                found = re.search(r"^\s*(?:python-|cpython-)?(\d+\.\d+)", read(folder + name))
                if found:
                    return found[1]
    return None
