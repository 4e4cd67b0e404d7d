"""A credential that was pasted as a part of a repository's address."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

from holdfast.domain.secret import Secret

_WITHIN = re.compile(r"(?P<scheme>\s*https://)(?P<who>[^\s/@]+)@(?P<rest>.*)", re.I | re.S)
#: A lone word before the @ is a user's name, unless it looks like what forges give out.
_TOKEN = re.compile(r"(gh[pousr]_|github_pat_|glpat-|gldt-|ATCTT|ATBB).+|.{20,}")


@dataclass(frozen=True, slots=True)
class PastedToken:
    """user: "" where none was named."""

    token: Secret
    user: str = ""


def split_credential(text: str) -> tuple[str, PastedToken | None]:
    """The address without the credential that was pasted with it, and that credential.

    Only https addresses are split: nothing else takes a token, and `parse_repository` refuses
    a password wherever one is left.
    """
    if not (found := _WITHIN.fullmatch(text)):
        return text, None
    address = f"{found['scheme']}{found['rest']}"
    user, colon, password = found["who"].partition(":")
    if colon and password:
        return address, PastedToken(_secret(password), unquote(user))
    if colon or _TOKEN.fullmatch(user):
        return address, PastedToken(_secret(user))
    return address, None


def _secret(text: str) -> Secret:
    return Secret(unquote(text).encode())
