"""A credential that was pasted as a part of a repository's address."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

from holdfast.domain.secret import Secret

#: All before the last @ of the host's part is who asks: a user's name may be a mail address.
_WITHIN = re.compile(
    r"(?P<scheme>\s*https://)(?P<who>[^\s/]+)@(?P<rest>[^\s/@]*(?:/.*)?)", re.I | re.S
)
#: A word without a password is a user's name, however long, unless it looks like what forges give
#: out: with a prefix of their own, or the 40 or 64 hexadecimal digits of Gitea's.
_TOKEN = re.compile(
    r"(gh[pousr]_|github_pat_|gl(pat|dt|oas|cbt|rt|ptt|ft|soat)-|AT(CTT|BB|ATT)).+"
    r"|[0-9a-f]{40}|[0-9a-f]{64}"
)


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
