"""Bitbucket Cloud's API behind the port: plain requests, a workspace and a page at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from heapq import merge
from pathlib import Path
from typing import Any
from urllib.parse import quote

import requests
from requests.auth import HTTPBasicAuth

from holdfast.adapters.bitbucket_refusals import granted, leads_out, refusal
from holdfast.adapters.forge_conversation import Conversation, conversation, remove_keys
from holdfast.adapters.forge_refusals import typed_token
from holdfast.adapters.forge_search import found
from holdfast.domain.forge_account import (
    Account,
    ForgeKind,
    Listed,
    Search,
    TokenKind,
    web_root,
)
from holdfast.domain.secret import Secret

#: As many as it gives at once.
_PAGE = 100
#: By which it tells a token's scopes, where it does.
_SCOPES = "x-oauth-scopes"
_NEVER = datetime.min.replace(tzinfo=UTC)


class BitbucketApi:
    """certificates: the file of CAs that this machine trusts, None for the library's own. Its
    tokens come with whose they are before them: `credential` of the domain."""

    def __init__(self, certificates: Path | None = None) -> None:
        self._verify: bool | str = str(certificates) if certificates else True

    def account(self, token: Secret, api: str) -> Account:
        with self._speaking(token, api) as line:
            answer = line.ask("GET", "user")
            told = answer.json()
            scopes = _scopes(answer)
            spaces = line.spoken.send("GET", "user/workspaces", pagelen=_PAGE)
            lacks = spaces.status_code == 403
            if lacks:
                scopes = scopes or granted(spaces)
            return Account(
                login=str(told.get("username") or told.get("nickname") or told["display_name"]),
                kind=TokenKind.API,
                scopes=scopes,
                organisations=() if lacks else tuple(line.workspaces()),
                api=api,
                forge=ForgeKind.BITBUCKET,
            )

    def search(self, token: Secret, api: str, words: str, organisation: str) -> Search:
        with self._speaking(token, api) as line:
            # there is no list of all that one may see
            within = [organisation] if organisation else list(line.workspaces())
            lists = [line.repositories(workspace) for workspace in within]
            there = merge(*lists, key=lambda each: each.pushed or _NEVER, reverse=True)
            return found(there, words, organisation)

    def install_key(self, token: Secret, api: str, repository: str, title: str, key: str) -> None:
        # its deploy keys are all for reading alone
        with self._speaking(token, api) as line:
            line.ask("POST", _keys(repository), {"label": title, "key": key})

    def remove_key(self, token: Secret, api: str, repository: str, key: str) -> bool:
        with self._speaking(token, api) as line:
            return remove_keys(line, _keys(repository), key)

    @contextmanager
    def _speaking(self, token: Secret, api: str) -> Iterator[_Line]:
        owner, _, given = token.reveal().partition(b":")
        auth = HTTPBasicAuth(owner, typed_token(Secret(given), ForgeKind.BITBUCKET))
        with conversation(api, auth, self._verify) as spoken:
            yield _Line(spoken)


@dataclass(frozen=True, slots=True)
class _Line:
    """One conversation with Bitbucket."""

    spoken: Conversation

    def ask(
        self, method: str, path: str, body: object = None, **query: object
    ) -> requests.Response:
        """Raises ForgeError for all but what was asked for."""
        answer = self.spoken.send(method, path, body, **query)
        if not 200 <= answer.status_code < 300:
            raise refusal(self.spoken.api, answer)
        return answer

    def workspaces(self) -> Iterator[str]:
        for each in self.pages("user/workspaces"):
            yield str(each["workspace"]["slug"])

    def repositories(self, workspace: str) -> Iterator[Listed]:
        path = f"repositories/{quote(workspace, safe='')}"
        for each in self.pages(path, role="member", sort="-updated_on"):
            yield _shown(each, self.spoken.api)

    def pages(self, path: str, **query: object) -> Iterator[Any]:
        """What a list has, one by one; its pages are asked for as they are needed."""
        api = self.spoken.api
        told = self.ask("GET", path, pagelen=_PAGE, **query).json()
        yield from told["values"]
        while then := told.get("next"):
            if not str(then).startswith(f"{api}/"):
                raise leads_out(api)
            told = self.ask("GET", str(then).removeprefix(f"{api}/")).json()
            yield from told["values"]


def _scopes(answer: requests.Response) -> tuple[str, ...] | None:
    told = answer.headers.get(_SCOPES)
    return None if told is None else tuple(each.strip() for each in told.split(",") if each.strip())


def _keys(repository: str) -> str:
    return f"repositories/{quote(repository)}/deploy-keys"


def _shown(told: dict[str, Any], api: str) -> Listed:
    name = str(told["full_name"])
    pushed = told.get("updated_on")
    return Listed(
        name=name,
        # the one that is told has the user's name in it
        address=f"{web_root(api)}/{name}.git",
        private=bool(told["is_private"]),
        description=str(told.get("description") or ""),
        pushed=datetime.fromisoformat(pushed) if pushed else None,
    )
