"""Secrets for the build: passwords of package indexes, in a table that no app is given.

`[holdfast.build."packages.example.lan"]` holds `username` and `password`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from holdfast.domain.errors import UsageError
from holdfast.domain.secret import Secret

#: Where they stand in an app's document.
BUILD = ("holdfast", "build")
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
#: Bytes: they pass through a pipe, which holds 64 KiB before anybody reads.
_MOST = 32_768


@dataclass(frozen=True, slots=True)
class IndexLogin:
    host: str
    username: str
    password: str


def index_logins(tree: Mapping[str, Any]) -> tuple[IndexLogin, ...]:
    """Of a document's tree. Raises UsageError, without any value, for a table of another form."""
    table = tree.get(BUILD[0], {})
    hosts = table.get(BUILD[1], {}) if isinstance(table, dict) else {}
    if not isinstance(hosts, dict):
        raise _malformed("“holdfast.build” is no section.")
    found = tuple(_login(host, values) for host, values in hosts.items())
    if len(netrc(found).reveal()) > _MOST:
        raise _malformed("All of it together is too long.")
    return found


def netrc(logins: tuple[IndexLogin, ...]) -> Secret:
    """As uv reads it."""
    lines = (
        f"machine {each.host} login {_quoted(each.username)} password {_quoted(each.password)}\n"
        for each in logins
    )
    return Secret("".join(lines).encode())


def _login(host: str, values: Any) -> IndexLogin:
    if not _HOST.fullmatch(host):
        raise _malformed(f"“{host[:80]}” is no host: name it without https:// and without a port.")
    if not isinstance(values, dict) or set(values) != {"username", "password"}:
        raise _malformed(f"The section of {host} holds other names, or lacks one of these.")
    for name, value in values.items():
        if not isinstance(value, str) or not value.isprintable():
            raise _malformed(f"The {name} of {host} is not a text on one line.")
    return IndexLogin(host, values["username"], values["password"])


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _malformed(why: str) -> UsageError:
    return UsageError(
        "The secrets for the build cannot be understood.",
        why,
        'A section [holdfast.build."packages.example.lan"] holds username and password.',
    )
