"""What differs between two commits, and whether a running app can be brought from one to the
other without a restart."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from holdfast.domain.app import Release
from holdfast.domain.dependency_files import DEPENDENCY_FILES, folders_of
from holdfast.domain.frameworks import Framework

#: What decides how an app is built or started, beside its dependency files.
_SET_UP = ("packages.txt", "Procfile", "runtime.txt", ".python-version", ".gitmodules")
#: Streamlit reads most of its configuration at its start alone.
_CONFIGURATION = ".streamlit/config.toml"
_SUBMODULE = "160000"
#: A dependency file that refers to other lists, or to packages in the repository itself.
_OTHER_LISTS = re.compile(r"^\s*(-r|-c|--requirement|--constraint)\b", re.MULTILINE)
_LIST = re.compile(r"\.(txt|in)$")
_OWN_PACKAGES = re.compile(
    r"^\s*(-e|--editable|\./|\.\.|\.$|/|file:)|@ file:"
    r"|\b(editable|directory|path)\b\"?\s*[=:]\s*(true|\"(?!\.\"))",
    re.MULTILINE,
)
#: Where a project's own package is, which is installed into the environment.
_PROJECTS = ("pyproject.toml", "uv.lock")


class ChangeKind(StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Change:
    """One file that differs. submodule: it is another repository's commit, not a file."""

    path: str
    kind: ChangeKind
    submodule: bool = False


_KINDS = {"A": ChangeKind.ADDED, "D": ChangeKind.DELETED}


def parse_changes(raw: bytes) -> tuple[Change, ...]:
    """The output of `git diff-tree -r --raw -z --no-renames`: `:MODE MODE ID ID LETTER`, NUL, the
    path, NUL."""
    words = raw.decode(errors="surrogateescape").split("\0")
    found = []
    for facts, path in zip(words[::2], words[1::2], strict=False):
        before, after, _, _, letter = facts.removeprefix(":").split(" ")
        kind = _KINDS.get(letter[:1], ChangeKind.CHANGED)
        found.append(Change(path, kind, _SUBMODULE in (before, after)))
    return tuple(found)


def why_redeploy(release: Release, changes: Iterable[Change], dependencies: str) -> str | None:
    """Why these changes of the repository take more than new files, in a sentence; None: they are
    code alone. dependencies: the text of the dependency file, empty if there is none."""
    if release.framework != Framework.STREAMLIT or release.command is not None:
        return "The app's framework does not watch its files, so it is started anew."
    if _OWN_PACKAGES.search(dependencies):
        return f"{release.dependency_file} installs packages out of the repository itself."
    lists = _OTHER_LISTS.search(dependencies) is not None
    folder, _, name = (release.dependency_file or "").rpartition("/")
    installed = f"{folder}/src/".lstrip("/") if name in _PROJECTS else None
    set_up = {
        folder + name
        for folder in folders_of(release.entrypoint)
        for name in (*DEPENDENCY_FILES, *_SET_UP, _CONFIGURATION)
    }
    for change in changes:
        if change.submodule:
            return f"The submodule {change.path} changed."
        if change.path in set_up or change.path.endswith("/.gitmodules"):
            return f"{change.path} changed."
        if lists and _LIST.search(change.path):
            return f"{change.path} changed, which the dependency file may refer to."
        if installed and change.path.startswith(installed):
            return f"{change.path} may be of a package that is installed."
        if change.path == release.entrypoint and change.kind is ChangeKind.DELETED:
            return f"{change.path} is gone."
    return None
