"""Changes of a secrets document: its values join, are set and unset, its comments stay."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

import tomlkit

from holdfast.domain.build_secrets import BUILD, index_logins
from holdfast.domain.errors import UsageError
from holdfast.domain.secret import Secret
from holdfast.domain.secrets_document import parse, tree_of
from holdfast.domain.secrets_values import SecretPath, find, names_of, no_such, parse_name, spell


@dataclass(frozen=True, slots=True)
class Difference:
    """By name, each in the document's order; never a value."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]


def difference(old: Secret, new: Secret) -> Difference:
    before, after = names_of(old), names_of(new)
    kept = [name for name in after if name in set(before)]
    return Difference(
        added=tuple(name for name in after if name not in set(before)),
        changed=tuple(name for name in kept if not _is_alike(old, new, parse_name(name))),
        removed=tuple(name for name in before if name not in set(after)),
    )


def merge(old: Secret, new: Secret) -> Secret:
    """`old` with the values of `new` in it, tables joined; comments and order of `old` stay."""
    added = tree_of(new)
    wanted = _joined(tree_of(old), added)
    return _changed(old, wanted, lambda document: _join_into(document, tomlkit.parse(new.reveal())))


def with_value(old: Secret, path: SecretPath, value: Secret, toml: bool) -> Secret:
    """`old` with one value set. toml: `value` is spelled in TOML (5432, true, ["a"]); else it is
    a text. Raises UsageError, also where a section would be replaced by a value or a value by a
    section."""
    tree = tree_of(old)
    if isinstance(find(tree, path), dict):
        raise UsageError(
            f"“{spell(path)}” is a section.",
            "Setting it would drop all that it holds.",
            f"Set one of its values, or unset it first: holdfast secrets unset APP {spell(path)}",
        )
    for length in range(1, len(path)):
        above = path[:length]
        if find(tree, above) is not None and not isinstance(find(tree, above), dict):
            raise UsageError(
                f"“{spell(above)}” is a value, and no section.",
                f"“{spell(path)}” would stand in it.",
                f"Unset it first: holdfast secrets unset APP {spell(above)}",
            )
    return merge(old, _single(path, value, toml))


def without(old: Secret, path: SecretPath) -> Secret:
    """`old` without a value, or without a whole section. Raises UsageError if it is not there."""
    wanted = tree_of(old)
    if find(wanted, path) is None:
        raise no_such(path)
    _drop(wanted, path)
    return _changed(old, wanted, lambda document: _drop(document, path))


def index_document(host: str, username: str, password: Secret) -> Secret:
    """A document that holds the login of one package index alone. Raises UsageError."""
    document = tomlkit.document()
    values = {"username": username, "password": _utf_8(password)}
    document[BUILD[0]] = {BUILD[1]: {host: values}}
    return parse(tomlkit.dumps(document))


def without_index(document: Secret, host: str) -> Secret:
    """Without the login of one package index; with the last one goes the table that they stood in.
    Raises UsageError if it is not there."""
    path = (*BUILD, host)
    tree = tree_of(document)
    if find(tree, path) is None:
        raise no_such(path)
    return for_app(document) if len(tree[BUILD[0]][BUILD[1]]) == 1 else without(document, path)


def for_app(document: Secret) -> Secret:
    """What the app itself is given: all but the secrets for the build."""
    tree = tree_of(document)
    if find(tree, BUILD) is None:
        return document
    return without(document, BUILD if len(tree[BUILD[0]]) > 1 else BUILD[:1])


def builds_alone(old: Secret, new: Secret) -> bool:
    """Whether they differ in what builds are given, and in no value of the app's."""
    logins = [index_logins(tree_of(each)) for each in (old, new)]
    return logins[0] != logins[1] and _is_same(for_app(new), tree_of(for_app(old)))


def _is_alike(old: Secret, new: Secret, path: SecretPath) -> bool:
    before, after = find(tree_of(old), path), find(tree_of(new), path)
    return bool(_spelled(before) == _spelled(after))


def _single(path: SecretPath, value: Secret, toml: bool) -> Secret:
    spelled = _utf_8(value) if toml else _spell_text(_utf_8(value))
    document = parse(f"{spell(path)} = {spelled}\n")
    found = find(tree_of(document), path)
    if toml and (isinstance(found, dict) or len(tree_of(document)) != 1):
        raise UsageError(
            "The value is not one value.",
            "It holds a section or several lines of TOML.",
            "Set each value by its own name, or use: holdfast secrets import --merge",
        )
    return document


def _utf_8(value: Secret) -> str:
    try:
        return value.reveal().decode()
    except UnicodeDecodeError:
        pass
    raise UsageError(
        "The value is no text.",
        "It is not UTF-8, and TOML holds nothing else.",
        "Encode it first, with base64 for example.",
    )


def _spell_text(text: str) -> str:
    """On one line. Releases of Streamlit that read with the library toml lose a text that begins
    with an escaped quote: such a one stands in single quotes, where it can."""
    literal = text.startswith('"') and "'" not in text and text.isprintable()
    return tomlkit.string(text, literal=literal).as_string()


def _changed(
    old: Secret, wanted: dict[str, Any], change: Callable[[MutableMapping[str, Any]], object]
) -> Secret:
    edited = _edited(old, change)
    if edited is not None and _is_same(edited, wanted):
        return parse(edited.reveal())
    # the editor lost its way in an unusual layout: values matter more than comments
    return parse(tomlkit.dumps(wanted))


def _edited(old: Secret, change: Callable[[MutableMapping[str, Any]], object]) -> Secret | None:
    try:
        document = tomlkit.parse(old.reveal())
        change(document)
        return Secret(tomlkit.dumps(document).encode())
    except (tomlkit.exceptions.TOMLKitError, ValueError, TypeError, LookupError, AttributeError):
        return None


def _join_into(target: MutableMapping[str, Any], source: Mapping[str, Any]) -> None:
    for name, value in source.items():
        there = target.get(name)
        if isinstance(value, Mapping) and isinstance(there, MutableMapping):
            _join_into(there, value)
        else:
            target[name] = value


def _drop(target: MutableMapping[str, Any], path: SecretPath) -> None:
    for name in path[:-1]:
        target = target[name]
    del target[path[-1]]


def _joined(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    joined = dict(old)
    for name, value in new.items():
        there = joined.get(name)
        if isinstance(value, dict) and isinstance(there, dict):
            joined[name] = _joined(there, value)
        else:
            joined[name] = value
    return joined


def _is_same(document: Secret, wanted: Mapping[str, Any]) -> bool:
    try:
        return bool(_spelled(tree_of(document)) == _spelled(wanted))
    except UsageError:
        return False


def _spelled(value: Any) -> Any:
    """As texts with their types, because `nan` does not equal itself and 1 equals true."""
    if isinstance(value, Mapping):
        return {name: _spelled(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_spelled(inner) for inner in value]
    return type(value).__name__, str(value)
