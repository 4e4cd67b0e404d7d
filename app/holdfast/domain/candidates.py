"""The files of a repository that may be its app, each with all that a deploy of it would use."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from holdfast.domain.dependencies import ReadText
from holdfast.domain.discovery import Project, discover, entrypoints, needed_files
from holdfast.domain.errors import HoldfastError
from holdfast.domain.named_indexes import named_indexes
from holdfast.domain.python_version import choose_python
from holdfast.domain.requests import Candidate

#: Stands for the admin's own start command where no file was found.
_BY_COMMAND = "true"


def files_of_candidates(tree: Collection[str], named: str | None) -> tuple[str, ...]:
    """The files that have to be read before `find_candidates` can tell, those that exist."""
    wanted = needed_files(tree) + (needed_files(tree, named) if named else ())
    return tuple(dict.fromkeys(wanted))


def find_candidates(
    tree: Collection[str], read: ReadText, named: str | None, pythons: Sequence[str]
) -> tuple[Candidate, ...]:
    """The likeliest first, and before all the one that was named, whatever it is. Where nothing
    was found or named, what a start command alone would have."""
    paths = [entry.path for entry in entrypoints(tree, read)]
    if named:
        paths = [named, *(path for path in paths if path != named)]
    return tuple(_candidate(tree, read, path, pythons) for path in paths or [""])


def _candidate(
    tree: Collection[str], read: ReadText, path: str, pythons: Sequence[str]
) -> Candidate:
    try:
        project = discover(tree, read, path or None, None if path else _BY_COMMAND)
    except HoldfastError as error:
        return Candidate(path, why_not=str(error))
    python, why_no_python = _python(project, pythons)
    file = project.dependencies.path
    return Candidate(
        path=path,
        framework=project.entrypoint.framework.value,
        dependency_file=file,
        dependency_reason=project.dependencies.reason,
        python=python,
        python_requirement=str(project.python.specifier) or None,
        why_no_python=why_no_python,
        indexes=named_indexes(file, read(file)) if file else (),
    )


def _python(project: Project, pythons: Sequence[str]) -> tuple[str, str]:
    try:
        return choose_python(None, project.python, pythons), ""
    except HoldfastError as error:
        return "", str(error)
