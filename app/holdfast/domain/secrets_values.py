"""The values of a secrets document one by one, each under a name that finds it again."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

import tomlkit
from tomlkit.items import SingleKey

from holdfast.domain.build_secrets import BUILD
from holdfast.domain.errors import UsageError
from holdfast.domain.secret import Secret
from holdfast.domain.secrets_document import tree_of, why_no_variable

#: Where in the document a value stands: the names of its tables, then its own.
SecretPath = tuple[str, ...]

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_FOR_THE_BUILD = "It reaches the build alone, and no app."
_IN_A_TABLE = "Only what stands outside of a section becomes a variable."


class ValueType(StrEnum):
    """TOML's own types."""

    STRING = "string"
    INTEGER = "integer"
    FLOAT = "float"
    BOOLEAN = "boolean"
    DATETIME = "datetime"
    ARRAY = "array"


@dataclass(frozen=True, slots=True)
class SecretValue:
    """One value, without itself. name: as TOML writes it, dots between tables.

    bytes: how long it is, as text in UTF-8. no_variable: why it is no environment variable,
    None if it is one.
    """

    name: str
    path: SecretPath
    type: ValueType
    bytes: int
    no_variable: str | None

    @property
    def environment(self) -> bool:
        return self.no_variable is None


def values_of(document: Secret) -> tuple[SecretValue, ...]:
    """All values, in the document's order."""
    return tuple(
        SecretValue(
            spell(path),
            path,
            type_of(value),
            len(_text(value).encode()),
            _no_variable(path, value),
        )
        for path, value in _leaves(tree_of(document), ())
    )


def names_of(document: Secret) -> list[str]:
    """The names of all values, in the document's order; those in tables with dots."""
    return [spell(path) for path, _ in _leaves(tree_of(document), ())]


def reveal(document: Secret, path: SecretPath) -> Secret:
    """One value: a text as it is, anything else as TOML spells it. Raises UsageError."""
    value = find(tree_of(document), path)
    if value is None:
        raise no_such(path)
    if isinstance(value, dict):
        inside = ", ".join(spell((*path, *below)) for below, _ in _leaves(value, ()))
        raise UsageError(
            f"“{spell(path)}” is a section.",
            f"It holds: {inside or 'nothing'}.",
            "Name one of its values.",
        )
    return Secret(_text(value).encode())


def parse_name(text: str) -> SecretPath:
    """`database.password` is found in a table; a name with a dot of its own stands in quotes.
    Raises UsageError."""
    try:
        tree = tomllib.loads(f"{text} = 0") if "\n" not in text else {}
    except tomllib.TOMLDecodeError:
        tree = {}
    path: list[str] = []
    found: Any = tree
    while isinstance(found, dict) and len(found) == 1:
        [(name, found)] = found.items()
        path.append(name)
    if not path or found != 0:
        raise UsageError(
            f"“{text[:80]}” is not the name of a secret.",
            "A name has letters, digits, _ and -; any other stands in quotes. Dots lead into "
            "sections.",
            'Examples: API_KEY, database.password, "a name".',
        )
    return tuple(path)


def spell(path: SecretPath) -> str:
    return ".".join(name if _BARE.fullmatch(name) else SingleKey(name).as_string() for name in path)


def find(tree: Mapping[str, Any], path: SecretPath) -> Any:
    """What stands there, a table too; None where nothing does (TOML has no null)."""
    found: Any = tree
    for name in path:
        if not isinstance(found, dict) or name not in found:
            return None
        found = found[name]
    return found


def no_such(path: SecretPath) -> UsageError:
    return UsageError(
        f"There is no secret “{spell(path)}”.",
        "The app's secrets.toml does not hold that name.",
        "Names are listed with: holdfast secrets list",
    )


def type_of(value: object) -> ValueType:
    match value:
        case bool():
            return ValueType.BOOLEAN
        case int():
            return ValueType.INTEGER
        case float():
            return ValueType.FLOAT
        case str():
            return ValueType.STRING
        case datetime() | date() | time():
            return ValueType.DATETIME
    return ValueType.ARRAY


def _no_variable(path: SecretPath, value: object) -> str | None:
    if path[: len(BUILD)] == BUILD:
        return _FOR_THE_BUILD
    return _IN_A_TABLE if len(path) > 1 else why_no_variable(path[0], value)


def _leaves(table: Mapping[str, Any], above: SecretPath) -> Iterator[tuple[SecretPath, Any]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _leaves(value, (*above, name))
        else:
            yield (*above, name), value


def _text(value: object) -> str:
    return value if isinstance(value, str) else tomlkit.item(value).as_string()
