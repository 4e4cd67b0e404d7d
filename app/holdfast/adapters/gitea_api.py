"""The API of Gitea, which is Forgejo's too, behind the port: plain requests, a page at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import requests
from requests.auth import AuthBase

from holdfast.adapters.forge_conversation import (
    NOT_UNDERSTOOD,
    Conversation,
    conversation,
    remove_keys,
)
from holdfast.adapters.forge_refusals import typed_token
from holdfast.adapters.forge_search import MOST_LOOKED_AT, found
from holdfast.adapters.gitea_refusals import no_such_forge, refusal
from holdfast.domain.forge_account import Account, ForgeKind, Listed, Search, TokenKind
from holdfast.domain.secret import Secret

#: As many as both give at once, unless their admin says otherwise.
_PAGE = 50
#: The name of no repository: both keep it for their own pages.
_NOWHERE = "-"


class GiteaApi:
    """certificates: the file of CAs that this machine trusts, None for the library's own."""

    def __init__(self, forge: ForgeKind, certificates: Path | None = None) -> None:
        self._forge = forge
        self._verify: bool | str = str(certificates) if certificates else True

    def account(self, token: Secret, api: str) -> Account:
        with self._speaking(token, api) as line:
            login, _ = line.user()
            names: tuple[str, ...] = ()
            if belongs := line.allowed("GET", "user/orgs"):
                names = tuple(str(each["username"]) for each in line.pages("user/orgs"))
            return Account(
                login=login,
                kind=TokenKind.ACCESS,
                scopes=line.scopes() or _tried(line, login, belongs),
                organisations=names,
                api=api,
                forge=self._forge,
            )

    def search(self, token: Secret, api: str, words: str, organisation: str) -> Search:
        with self._speaking(token, api) as line:
            _, number = line.user()
            # without whose they are, a big forge would list all that are public
            there = line.pages("repos/search", uid=number, sort="updated", order="desc")
            return found(map(_shown, there), words, organisation)

    def install_key(self, token: Secret, api: str, repository: str, title: str, key: str) -> None:
        # both refuse two keys of one title, as a rotation would have them
        body = {"title": f"{title} ({key.split()[1][-8:]})", "key": key, "read_only": True}
        with self._speaking(token, api) as line:
            line.ask("POST", _keys(repository), body)

    def remove_key(self, token: Secret, api: str, repository: str, key: str) -> bool:
        with self._speaking(token, api) as line:
            return remove_keys(line, _keys(repository), key)

    @contextmanager
    def _speaking(self, token: Secret, api: str) -> Iterator[_Line]:
        given = _Token(typed_token(token, self._forge))
        with conversation(api, given, self._verify) as spoken:
            yield _Line(self._forge, spoken)


class _Token(AuthBase):
    """As both want it."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"token {self._token}"
        return request


@dataclass(frozen=True, slots=True)
class _Line:
    """One conversation with a forge."""

    forge: ForgeKind
    spoken: Conversation

    def ask(self, method: str, path: str, body: object = None, **query: object) -> Any:
        """Raises ForgeError for all but what was asked for."""
        answer = self.spoken.send(method, path, body, **query)
        if not 200 <= answer.status_code < 300:
            raise refusal(self.forge, self.spoken.api, answer)
        return answer.json() if answer.content else None

    def allowed(self, method: str, path: str, body: object = None) -> bool:
        """Whether the token's scopes admit the question, whatever its answer is."""
        answer = self.spoken.send(method, path, body)
        status = answer.status_code
        if status in (401, 429) or status >= 500 or answer.is_redirect:
            raise refusal(self.forge, self.spoken.api, answer)
        return status != 403

    def user(self) -> tuple[str, int]:
        """Name and number of the token's owner. Raises ForgeError where no such forge answers."""
        answer = self.spoken.send("GET", "user")
        if answer.status_code == 404:
            raise no_such_forge(self.forge, self.spoken.api)
        if answer.status_code != 200:
            raise refusal(self.forge, self.spoken.api, answer)
        try:
            told = answer.json()
            return str(told["login"]), int(told["id"])
        except NOT_UNDERSTOOD:
            raise no_such_forge(self.forge, self.spoken.api) from None

    def scopes(self) -> tuple[str, ...]:
        """As Gitea tells them since 1.26, Forgejo not yet; else nothing."""
        answer = self.spoken.send("GET", "token")
        told = answer.json().get("scopes") if answer.status_code == 200 else None
        return tuple(str(each) for each in told or ())

    def pages(self, path: str, **query: object) -> Iterator[Any]:
        """What a list has, one by one; its pages are asked for as they are needed."""
        for number in range(1, MOST_LOOKED_AT // _PAGE + 1):
            told = self.ask("GET", path, page=number, limit=_PAGE, **query)
            listed = told["data"] if isinstance(told, dict) else told
            if not listed:
                return
            yield from listed


def _tried(line: _Line, login: str, belongs: bool) -> tuple[str, ...]:
    """The scopes of a forge that does not tell them. To write is tried where nothing can be: a
    scope is asked for before the repository is."""
    writes = line.allowed("POST", _keys(f"{login}/{_NOWHERE}"), {})
    tried = (
        ("read:user", True),
        ("write:repository", writes),
        ("read:organization", belongs),
    )
    return tuple(scope for scope, given in tried if given)


def _keys(repository: str) -> str:
    owner, _, name = repository.rpartition("/")
    # the address of a forge below a path has more before its owner
    owner = owner.rpartition("/")[2]
    return f"repos/{quote(owner, safe='')}/{quote(name, safe='')}/keys"


def _shown(told: dict[str, Any]) -> Listed:
    return Listed(
        name=str(told["full_name"]),
        address=str(told["clone_url"]),
        private=bool(told["private"] or told.get("internal")),
        description=str(told.get("description") or ""),
        pushed=datetime.fromisoformat(told["updated_at"]),
    )
