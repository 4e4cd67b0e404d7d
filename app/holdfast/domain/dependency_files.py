"""Which files name what a project needs, and where they are looked for."""

from __future__ import annotations

from enum import StrEnum
from pathlib import PurePosixPath


class DependencyKind(StrEnum):
    """The values that the build script knows."""

    UV_LOCK = "uv-lock"
    PIPFILE_LOCK = "pipfile-lock"
    PIPFILE = "pipfile"
    ENVIRONMENT = "environment"
    REQUIREMENTS = "requirements"
    PYPROJECT = "pyproject"
    NONE = "none"


#: In the order in which they are looked for; the first found wins, never mixed.
DEPENDENCY_FILES = {
    "uv.lock": DependencyKind.UV_LOCK,
    "Pipfile.lock": DependencyKind.PIPFILE_LOCK,
    "Pipfile": DependencyKind.PIPFILE,
    "environment.yml": DependencyKind.ENVIRONMENT,
    "environment.yaml": DependencyKind.ENVIRONMENT,
    "requirements.txt": DependencyKind.REQUIREMENTS,
    "pyproject.toml": DependencyKind.PYPROJECT,
}


def folders_of(entrypoint: str) -> tuple[str, ...]:
    """Where dependency files are looked for: the entrypoint's folder, then the root."""
    folder = str(PurePosixPath(entrypoint).parent)
    return ("",) if folder == "." else (f"{folder}/", "")
