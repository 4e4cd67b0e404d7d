"""The package indexes that a dependency file names beside PyPI."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

_PUBLIC = frozenset({"pypi.org", "pypi.python.org", "files.pythonhosted.org"})
#: As pip knows them, https://pip.pypa.io/en/stable/reference/requirements-file-format/
_OPTION = re.compile(r"^\s*(?:-i|--index-url|--extra-index-url|-f|--find-links)[ =]\s*(\S+)", re.M)


def named_indexes(path: str, text: str) -> tuple[str, ...]:
    """Their hosts, once each, and nothing else of their addresses: those may hold a password. A
    file that cannot be read names none: a deploy tells why."""
    found = {host for url in _addresses(path, text) if (host := _host(url)) not in _PUBLIC | {""}}
    return tuple(sorted(found))


def _addresses(path: str, text: str) -> Iterator[str]:
    name = path.rpartition("/")[2]
    try:
        if name == "Pipfile.lock":
            yield from _listed(json.loads(text), "_meta", "sources")
        elif name in ("Pipfile", "pyproject.toml", "uv.lock"):
            yield from _of_tables(tomllib.loads(text))
        else:
            yield from _OPTION.findall(text)
    except (ValueError, RecursionError):
        return


def _of_tables(data: dict[str, Any]) -> Iterator[str]:
    for place in (("source",), ("tool", "uv", "index"), ("tool", "poetry", "source")):
        yield from _listed(data, *place)
    # of uv.lock: each package tells where it comes from
    yield from _listed(data, "package", field=("source", "registry"))


def _listed(data: object, *place: str, field: tuple[str, ...] = ("url",)) -> Iterator[str]:
    entries = _inside(data, *place)
    for entry in entries if isinstance(entries, list) else ():
        url = _inside(entry, *field)
        if isinstance(url, str):
            yield url


def _inside(data: object, *place: str) -> Any:
    for name in place:
        data = data.get(name) if isinstance(data, dict) else None
    return data


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
