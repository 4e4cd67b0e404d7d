"""Which secrets a repository's code asks for by name, and which secrets are committed to it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from holdfast.domain.errors import UsageError
from holdfast.domain.secret import Secret
from holdfast.domain.secrets_document import environment_of, parse, tree_of, why_no_variable
from holdfast.domain.secrets_values import SecretPath, find, spell, values_of

#: What belongs to every system, and is no secret.
_USUAL = frozenset({"HOSTNAME", "LANG", "PWD", "SHELL", "TERM", "TMPDIR", "TZ", "USER"})
#: What st.secrets itself can do.
_METHODS = frozenset(
    {"get", "items", "keys", "values", "to_dict", "has_key", "load_if_toml_exists"}
)
_COMMITTED = ".streamlit/secrets.toml"
_EXAMPLE = "secrets.toml.example"


@dataclass(frozen=True, slots=True)
class AskedSecret:
    """One name that the code reads. variable: from the environment, not from st.secrets. where:
    file and line, the first. optional: the code goes on without it."""

    path: SecretPath
    variable: bool
    where: str
    optional: bool = False

    @property
    def name(self) -> str:
        return spell(self.path)


def worth_reading(paths: Iterable[str]) -> list[str]:
    """The files that may ask for secrets."""
    return sorted(path for path in paths if path.endswith((".py", _EXAMPLE)))


def committed_secrets(paths: Iterable[str]) -> tuple[str, ...]:
    """The secrets files of Streamlit's that a repository brings along."""
    return tuple(sorted(p for p in paths if p == _COMMITTED or p.endswith(f"/{_COMMITTED}")))


def asked_secrets(files: Mapping[str, str]) -> tuple[AskedSecret, ...]:
    """Each name once, by name. A file that this Python cannot parse asks for nothing."""
    found: dict[tuple[SecretPath, bool], AskedSecret] = {}
    for file, text in sorted(files.items()):
        for each in _asked(file, text):
            known = found.get((each.path, each.variable))
            if known is None or (known.optional and not each.optional):
                found[each.path, each.variable] = each
    return tuple(sorted(found.values(), key=lambda each: each.name))


def missing_secrets(document: Secret, asked: Iterable[AskedSecret]) -> tuple[AskedSecret, ...]:
    """Those that the document does not hold."""
    tree, variables = tree_of(document), environment_of(document)
    return tuple(
        each
        for each in asked
        if not (each.path[0] in variables if each.variable else find(tree, each.path) is not None)
    )


def _asked(file: str, text: str) -> list[AskedSecret]:
    look = _example if file.endswith(_EXAMPLE) else _code
    try:
        return list(look(file, text))
    # the last two: it is nested so deeply that Python gives up, in its parser or here
    except (UsageError, SyntaxError, ValueError, RecursionError, MemoryError):
        return []


def _example(file: str, text: str) -> Iterator[AskedSecret]:
    for value in values_of(parse(text)):
        yield AskedSecret(value.path, variable=False, where=file)


def _code(file: str, text: str) -> Iterator[AskedSecret]:
    tree = ast.parse(text)
    names = _imported(tree)
    whole = {id(node.value) for node in ast.walk(tree) if isinstance(node, _CHAIN)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _call(file, node, names)
        elif isinstance(node, _CHAIN) and id(node) not in whole:
            yield from _chain(file, node, names)


_CHAIN = (ast.Attribute, ast.Subscript)


def _imported(tree: ast.AST) -> dict[str, str]:
    """Local names of streamlit, os and what is imported from them, by what they stand for."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {a.asname or a.name: a.name for a in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module in ("streamlit", "os"):
            found |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
    return found


def _dotted(node: ast.expr, names: Mapping[str, str]) -> tuple[str, ...]:
    """`st.secrets["db"].user` as (streamlit, secrets, db, user); () for anything else."""
    match node:
        case ast.Name(id=name):
            return tuple(names[name].split(".")) if name in names else ()
        case ast.Attribute(value=inner, attr=name):
            above = _dotted(inner, names)
            return (*above, name) if above else ()
        case ast.Subscript(value=inner, slice=ast.Constant(value=str(name))):
            above = _dotted(inner, names)
            return (*above, name) if above else ()
    return ()


def _chain(file: str, node: ast.expr, names: Mapping[str, str]) -> Iterator[AskedSecret]:
    where = f"{file} line {node.lineno}"
    match _dotted(node, names):
        case ("streamlit", "secrets", *path) if path:
            if isinstance(node, ast.Attribute) and path[-1] in _METHODS:
                path = path[:-1]
            if path:
                yield AskedSecret(tuple(path), variable=False, where=where)
        case ("os", "environ", name) if isinstance(node, ast.Subscript) and _may_ask(name):
            yield AskedSecret((name,), variable=True, where=where)


def _call(file: str, node: ast.Call, names: Mapping[str, str]) -> Iterator[AskedSecret]:
    if not node.args or not isinstance(node.args[0], ast.Constant):
        return
    asked, where = node.args[0].value, f"{file} line {node.lineno}"
    optional = len(node.args) + len(node.keywords) > 1
    if not isinstance(asked, str):
        return
    match _dotted(node.func, names):
        case ("os", "getenv") | ("os", "environ", "get") if _may_ask(asked):
            yield AskedSecret((asked,), variable=True, where=where, optional=optional)
        case ("streamlit", "secrets", *path, "get"):
            yield AskedSecret((*path, asked), variable=False, where=where, optional=optional)
        case ("streamlit", "connection"):
            # what it connects to may also stand in the call
            path = ["connections", asked]
            yield AskedSecret(tuple(path), variable=False, where=where, optional=True)


def _may_ask(name: str) -> bool:
    return name not in _USUAL and why_no_variable(name, "") is None and "=" not in name
