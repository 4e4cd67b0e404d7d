"""The hosts from which an app's pages seem to load, by what its repository says: a proposal for
what they may load from, each with the place where it was found."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from holdfast.domain.page_sources import is_host, takes_statistics

#: So many are proposed; a repository that names more lists them for another purpose.
_MOST = 40
_READ = (".py", ".html", ".htm", ".css", ".js", ".mjs", ".jsx", ".ts", ".tsx")
_CONFIGURATION = ".streamlit/config.toml"
_ADDRESS = re.compile(r"""https://([^\s/"'`<>()\\?#|,;]+)""")
#: Where a click leads is not loaded: links of Markdown, which an image is not, and of HTML. Neither
#: goes on past where another one may begin: a file of brackets alone would take minutes.
_LINK = re.compile(r"""(?<!!)\[[^\[\]\n]*\]\(https://[^()\s]*\)|<a\s[^<>]*>""", re.IGNORECASE)
#: A server that is chosen at random, as addresses of map tiles have it.
_CHOSEN = re.compile(r"^\{[^{}]*\}\.")
#: What a process asks by these, no browser does.
_ASKED_BY_THE_APP = frozenset({"aiohttp", "httpx", "requests", "urllib", "urllib3"})
#: What loads by itself, and from where.
_LIBRARIES = {
    "folium": (
        "cdn.jsdelivr.net",
        "cdnjs.cloudflare.com",
        "code.jquery.com",
        "netdna.bootstrapcdn.com",
        "*.openstreetmap.org",
    ),
    "pydeck": ("*.cartocdn.com",),
}
#: The same of Streamlit's own maps.
_MAPS = {"map": "*.cartocdn.com", "pydeck_chart": "*.cartocdn.com"}


@dataclass(frozen=True, slots=True)
class UsedHost:
    """host: as a page's sources are listed. where: file and line, the first."""

    host: str
    where: str


def worth_reading(paths: Iterable[str]) -> list[str]:
    """The files that may name a host."""
    return sorted(p for p in paths if p.endswith((*_READ, _CONFIGURATION)))


def used_hosts(files: Mapping[str, str]) -> tuple[UsedHost, ...]:
    """Each host once, by its name. What cannot be parsed names none."""
    found: dict[str, UsedHost] = {}
    for file, text in sorted(files.items()):
        for host, line in _hosts(file, text):
            known = _CHOSEN.sub("*.", host.lower()).rstrip(".")
            if is_host(known) and not takes_statistics(known):
                where = f"{file} line {line}" if line else file
                found.setdefault(known, UsedHost(known, where))
    return tuple(sorted(found.values(), key=lambda each: each.host))[:_MOST]


def _hosts(file: str, text: str) -> list[tuple[str, int]]:
    look = _code if file.endswith(".py") else _settings if file.endswith(".toml") else _page
    try:
        return list(look(text))
    # the last two: it is nested so deeply that Python gives up, in its parser or here
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


def _page(text: str) -> Iterator[tuple[str, int]]:
    for number, line in enumerate(text.splitlines(), 1):
        for host in _named(line):
            yield host, number


def _settings(text: str) -> Iterator[tuple[str, int]]:
    """Values alone: what is commented out loads nothing."""
    for value in _values(tomllib.loads(text)):
        for host in _named(value):
            yield host, 0


def _values(part: Any) -> Iterator[str]:
    match part:
        case str():
            yield part
        case dict():
            for each in part.values():
                yield from _values(each)
        case list():
            for each in part:
                yield from _values(each)


def _code(text: str) -> Iterator[tuple[str, int]]:
    tree = ast.parse(text)
    passed_over = set(_not_loaded(tree))
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(value)) if id(node) not in passed_over:
                for host in _named(value):
                    yield host, node.lineno
            case ast.Import(names=names):
                for each in names:
                    yield from ((h, node.lineno) for h in _LIBRARIES.get(_root(each.name), ()))
            case ast.ImportFrom(module=str(module), level=0):
                yield from ((host, node.lineno) for host in _LIBRARIES.get(_root(module), ()))
            case ast.Call(func=ast.Attribute(value=ast.Name(id="st" | "streamlit"), attr=attr)):
                if attr in _MAPS:
                    yield _MAPS[attr], node.lineno


def _not_loaded(tree: ast.AST) -> Iterator[int]:
    """The ids of constants that are no part of a page: docstrings, and what the app itself asks."""
    for node in ast.walk(tree):
        match node:
            case ast.Expr(value=ast.Constant() as told):
                yield id(told)
            case ast.Call(func=func) if _dotted_root(func) in _ASKED_BY_THE_APP:
                yield from (id(each) for each in ast.walk(node) if isinstance(each, ast.Constant))


def _dotted_root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _root(module: str) -> str:
    return module.partition(".")[0]


def _named(text: str) -> list[str]:
    return _ADDRESS.findall(_LINK.sub(" ", text))
