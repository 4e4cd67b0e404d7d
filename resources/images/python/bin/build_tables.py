"""Reads the requirement tables of Pipfile, Pipfile.lock and Poetry as requirement lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

_MARKER_KEYS = (
    "os_name",
    "sys_platform",
    "platform_machine",
    "platform_system",
    "python_version",
    "python_full_version",
    "implementation_name",
)


class TableError(ValueError):
    """The entry that cannot be said as a requirement."""


def pipfile_lines(packages: Mapping[str, Any], folder: Path) -> Iterator[str]:
    """Of `[packages]`, or of a lock's `default`. Relative paths begin at `folder`."""
    for name, entry in packages.items():
        table = {"version": entry} if isinstance(entry, str) else dict(entry)
        stated = [f"{key} {table[key]}" for key in _MARKER_KEYS if key in table]
        markers = [*([table["markers"]] if table.get("markers") else []), *stated]
        version = _plain_version(table.get("version", "*"))
        hashes = "".join(f" --hash={value}" for value in table.get("hashes", ()))
        yield _line(name, table, version, markers, folder) + hashes


def poetry_lines(dependencies: Mapping[str, Any], folder: Path) -> Iterator[str]:
    """Of `[tool.poetry.dependencies]`; those that an extra asks for are left out."""
    for name, entries in dependencies.items():
        if name.lower() == "python":
            continue
        for entry in entries if isinstance(entries, list) else [entries]:
            table = {"version": entry} if isinstance(entry, str) else dict(entry)
            if table.get("optional"):
                continue
            markers = [table["markers"]] if table.get("markers") else []
            if "python" in table:
                markers += _python_markers(name, table["python"])
            yield _line(
                name, table, _poetry_version(name, table.get("version", "*")), markers, folder
            )


def sources(entries: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Indexes as options. PyPI is left to the builder's own setting, which may be a mirror."""
    for entry in entries:
        url = entry.get("url", "")
        if url and not re.match(r"https://pypi\.(?:org|python\.org)/", url):
            yield f"--extra-index-url {url}"


def _line(
    name: str, table: Mapping[str, Any], version: str, markers: Sequence[str], folder: Path
) -> str:
    extras = f"[{','.join(table['extras'])}]" if table.get("extras") else ""
    path = table.get("path") or table.get("file") or table.get("url")
    condition = f" ; {' and '.join(f'({marker})' for marker in markers)}" if markers else ""
    if "git" in table:
        version = f" @ {_git(table)}"
    elif path and "://" in path:
        version = f" @ {path}"
    elif path:
        version = f" @ {(folder / path).resolve().as_uri()}"
    return f"{name}{extras}{version}{condition}"


def _git(table: Mapping[str, Any]) -> str:
    url = table["git"]
    if "://" not in url:
        # git's short form git@host:path
        url = "ssh://" + url.replace(":", "/", 1)
    revision = next((table[key] for key in ("rev", "ref", "tag", "branch") if key in table), None)
    folder = f"#subdirectory={table['subdirectory']}" if "subdirectory" in table else ""
    return f"git+{url.removeprefix('git+')}{f'@{revision}' if revision else ''}{folder}"


def _plain_version(version: str) -> str:
    version = version.strip()
    return "" if version == "*" else version


def _poetry_version(name: str, version: str) -> str:
    if "|" in version:
        raise TableError(f"{name} = “{version}”, a choice that no requirement can say")
    return ",".join(filter(None, (_poetry_part(name, part) for part in version.split(","))))


def _poetry_part(name: str, part: str) -> str:
    part = part.strip()
    if part in ("", "*"):
        return ""
    if part[0] not in "^~" or part.startswith("~="):
        return part if part[0] in "<>=!~" else f"=={part}"
    low = part.lstrip("^~ ")
    if not re.match(r"\d+(\.\d+)*", low):
        raise TableError(f"{name} = “{part}”")
    numbers = [int(number) for number in re.match(r"[\d.]+", low)[0].strip(".").split(".")]  # type: ignore[index]
    if part[0] == "~":
        kept = min(len(numbers), 2)
    else:
        # the first number that is not 0 may not change
        kept = next((i + 1 for i, number in enumerate(numbers) if number), len(numbers))
    high = [*numbers[: kept - 1], numbers[kept - 1] + 1]
    return f">={low},<{'.'.join(map(str, high))}"


def _python_markers(name: str, version: str) -> list[str]:
    found = _poetry_version(name, version).split(",")
    return [
        re.sub(r"^([<>=!~]+)\s*(.+)$", r"python_full_version \1 '\2'", part)
        for part in found
        if part
    ]
