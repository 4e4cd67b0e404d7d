"""What a project asks to be installed: its dependency file, and its Debian packages."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import yaml

from holdfast.domain.dependency_files import DEPENDENCY_FILES, DependencyKind, folders_of
from holdfast.domain.errors import UsageError

#: Reads one of a tree's files; the discovery asks only for what `needed_files` named.
ReadText = Callable[[str], str]


#: A lock file is read together with what it locks.
_COMPANIONS = {"uv.lock": "pyproject.toml", "Pipfile.lock": "Pipfile"}


@dataclass(frozen=True, slots=True)
class DependencyChoice:
    """The one dependency file that counts. reason: a sentence for the deploy's log."""

    kind: DependencyKind
    path: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class CondaEnvironment:
    """What pip can install of an environment.yml. python: its pin as a specifier, or None."""

    requirements: tuple[str, ...]
    python: str | None


def choose_dependency_file(
    tree: Collection[str], entrypoint: str, read: ReadText
) -> DependencyChoice:
    """Choose by Streamlit's order, and say why."""
    for folder in folders_of(entrypoint):
        for name, kind in DEPENDENCY_FILES.items():
            path = folder + name
            if path not in tree or (
                kind is DependencyKind.PYPROJECT and not _lists_dependencies(read(path))
            ):
                continue
            where = "the entrypoint's folder" if folder else "the repository's root"
            others = [
                other
                for other in DEPENDENCY_FILES
                if other not in (name, _COMPANIONS.get(name)) and folder + other in tree
            ]
            beside = f"; {', '.join(others)} beside it is not used" if others else ""
            return DependencyChoice(kind, path, f"{path}: the first found in {where}{beside}.")
    return DependencyChoice(
        DependencyKind.NONE, None, "No dependency file: the framework alone is installed."
    )


def _lists_dependencies(text: str) -> bool:
    """Many a pyproject.toml only configures tools: such a one names no dependencies."""
    data = parse_toml("pyproject.toml", text)
    return "project" in data or "poetry" in data.get("tool", {})


def parse_toml(path: str, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(
            f"{path} is not valid TOML.", f"{error}.", "Correct it in the repository."
        ) from error


# ---- environment.yml ---------------------------------------------------------------------------

#: Of conda alone: compilers, system libraries and drivers. No PyPI project stands for them.
_CONDA_ONLY = re.compile(
    r"_.*|.*-ng|lib(gcc|stdcxx|gomp|blas|cblas|lapack|gfortran|cxx|ffi|png|tiff|zlib)\b.*|r(-.*)?"
    r"|(cuda|cudatoolkit|cudnn|nccl|mkl|mkl-service|intel-openmp|tbb|openblas|blas)(-.*)?"
    r"|(gcc|gxx|gfortran|clang|clangxx|binutils|ld_impl|sysroot)(_.*)?|.*compilers?|nodejs"
    r"|openssl|ca-certificates|sqlite|tk|zlib|xz|bzip2|readline|ncurses|libuuid|git|make|conda"
)
#: What an environment has anyway.
_GIVEN = {"python", "pip"}
_CONDA = re.compile(
    r"(?:[A-Za-z0-9_./-]+::)?(?P<name>[A-Za-z0-9_][A-Za-z0-9._-]*)\s*(?P<version>.*)"
)
_VERSION = re.compile(r"[0-9][A-Za-z0-9.+!_]*(\.\*)?")


def parse_environment_yml(text: str, path: str = "environment.yml") -> CondaEnvironment:
    """Read what pip can install; UsageError that names what conda alone can give."""
    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise UsageError(
            f"{path} is not valid YAML.", _first_line(error), "Correct it in the repository."
        ) from error
    entries = data.get("dependencies") if isinstance(data, dict) else None
    if not isinstance(entries, list):
        raise UsageError(
            f"{path} lists no dependencies.",
            "A list named “dependencies” is expected at its top.",
            "Correct it in the repository, or write a requirements.txt instead.",
        )
    requirements: list[str] = []
    conda_only: list[str] = []
    python: str | None = None
    for entry in entries:
        if isinstance(entry, dict):
            requirements += [str(line) for line in entry.get("pip") or []]
            continue
        match = _CONDA.fullmatch(str(entry).strip())
        version = _from_conda_version(match["version"]) if match else None
        if match is None or version is None or _CONDA_ONLY.fullmatch(match["name"].lower()):
            conda_only.append(str(entry).strip()[:60])
        elif match["name"].lower() == "python":
            python = version or None
        elif match["name"].lower() not in _GIVEN:
            requirements.append(match["name"] + version)
    if conda_only:
        raise _conda_only(path, conda_only)
    return CondaEnvironment(tuple(requirements), python)


def _from_conda_version(text: str) -> str | None:
    """`=1.2` is any 1.2 for conda, `=1.2.3=build` and `==1.2.3` are exact; None: unreadable."""
    text = text.strip()
    if not text or text == "*":
        return ""
    exact = text.startswith("==")
    bare = text.lstrip("=").strip()
    version, _, build = bare.partition("=")
    if _VERSION.fullmatch(version):
        fuzzy = not exact and not build and not version.endswith("*")
        return f"=={version}.*" if fuzzy else f"=={version}"
    if re.fullmatch(r"(?:[<>!~]=?\s*[0-9][A-Za-z0-9.*+!]*\s*,?\s*)+", text):
        return re.sub(r"\s", "", text).rstrip(",")
    return None


def _conda_only(path: str, names: list[str]) -> UsageError:
    shown = ", ".join(names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")
    return UsageError(
        f"{path} asks for what conda alone can give: {shown}.",
        "Holdfast installs Python packages from an index and system libraries from Debian.",
        "Take them out, name Debian's packages in packages.txt, or write a requirements.txt.",
    )


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else ""


# ---- packages.txt ------------------------------------------------------------------------------

#: Debian policy 5.6.1, with apt's `=version`. apt reads a trailing hyphen as “remove”.
_PACKAGE = re.compile(
    r"[a-z0-9][a-z0-9+.-]*[a-z0-9+](:[a-z0-9]+)?(=[A-Za-z0-9.+~:-]*[A-Za-z0-9+~])?"
)


def parse_packages(text: str) -> tuple[str, ...]:
    """Debian packages of a packages.txt, in order and once each; UsageError names a wrong line."""
    packages: dict[str, None] = {}
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        for word in line.partition("#")[0].split():
            if not _PACKAGE.fullmatch(word):
                raise UsageError(
                    f"Line {number} of packages.txt is not the name of a Debian package.",
                    f"It says “{word[:60]}”; options, addresses and patterns are not admitted.",
                    "Write one package's name on each line, as on packages.debian.org.",
                )
            packages[word] = None
    return tuple(packages)
