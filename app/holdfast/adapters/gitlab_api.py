"""GitLab's API behind the port: python-gitlab, with its refusals in a user's words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests
from gitlab import Gitlab
from gitlab.exceptions import GitlabError, GitlabParsingError

from holdfast.adapters.github_refusals import unreachable
from holdfast.domain.forge_account import (
    GITLAB_API,
    Account,
    ForgeError,
    ForgeKind,
    ForgeUnreachable,
    NotSignedIn,
    TokenKind,
    web_host,
)
from holdfast.domain.secret import Secret

_SECONDS = 15
#: A limit that is reached is told, and not waited for.
_AT_ONCE: Any = {"obey_rate_limit": False}
#: What the library raises of a page that somebody in between answers with.
_NOT_UNDERSTOOD = (AttributeError, LookupError, TypeError, ValueError)


class GitLabApi:
    """certificates: the file of CAs that this machine trusts, None for the library's own."""

    def __init__(self, certificates: Path | None = None) -> None:
        self._verify: bool | str = str(certificates) if certificates else True

    def account(self, token: Secret, api: str) -> Account:
        with self._speaking(token, api) as client:
            user = client.http_get("/user", **_AT_ONCE)
            if not isinstance(user, dict):
                raise TypeError("no JSON")
            told = client.personal_access_tokens.get("self", **_AT_ONCE)
            return Account(
                login=str(user["username"]),
                kind=TokenKind.ACCESS,
                scopes=tuple(str(scope) for scope in told.scopes),
                expires=_end(told.expires_at),
                api=api,
                forge=ForgeKind.GITLAB,
            )

    def install_key(self, token: Secret, api: str, repository: str, title: str, key: str) -> None:
        with self._speaking(token, api) as client:
            keys = client.projects.get(repository, lazy=True).keys
            keys.create({"title": title, "key": key, "can_push": False}, **_AT_ONCE)

    def remove_key(self, token: Secret, api: str, repository: str, key: str) -> bool:
        wanted = key.split()[:2]
        with self._speaking(token, api) as client:
            keys = client.projects.get(repository, lazy=True).keys
            there = keys.list(iterator=True, **_AT_ONCE)
            found = [each.id for each in there if str(each.key).split()[:2] == wanted]
            for each in found:
                keys.delete(each, **_AT_ONCE)
        return bool(found)

    @contextmanager
    def _speaking(self, token: Secret, api: str) -> Iterator[Gitlab]:
        try:
            given = token.reveal().decode("ascii")
        except UnicodeDecodeError:
            raise NotSignedIn(
                "This is no token.",
                "A token consists of letters, digits, hyphens and underscores.",
                "Copy it once more from GitLab's settings.",
            ) from None
        with requests.Session() as session:
            # a token is carried to no other address
            session.max_redirects = 0
            client = Gitlab(
                api.removesuffix(GITLAB_API),
                # GitLab takes one of a person's own there too
                oauth_token=given,
                ssl_verify=self._verify,
                timeout=_SECONDS,
                per_page=100,
                keep_base_url=True,
                session=session,
            )
            try:
                yield client
            except GitlabParsingError as error:
                raise unreachable(api, error) from None
            except GitlabError as error:
                raise _refusal(error, api) from None
            except (requests.RequestException, *_NOT_UNDERSTOOD) as error:
                raise unreachable(api, error) from None


def _end(told: object) -> datetime | None:
    """GitLab's tokens end with a day."""
    if not isinstance(told, str) or not told:
        return None
    return datetime.strptime(told, "%Y-%m-%d").replace(tzinfo=UTC) + timedelta(days=1)


def _refusal(error: GitlabError, api: str) -> ForgeError:
    host, status, told = web_host(api), error.response_code, str(error.error_message)
    if status == 401:
        return NotSignedIn(
            f"{host} does not accept the token.",
            "It has expired, or it was revoked.",
            "Sign in again: holdfast gitlab sign-in",
        )
    if status == 429:
        return ForgeError(
            f"{host} answers no more questions for now.",
            "So many were asked that its limit is reached.",
            "Try again in some minutes.",
        )
    if status == 404:
        return ForgeError(
            f"{host} does not have that, or does not show it to this token.",
            "GitLab says “not found” of what a token may not see.",
            "Check the name, and what the token may do: holdfast gitlab show",
        )
    if status == 403:
        return ForgeError(
            f"{host} does not allow the token to do that.",
            "It needs the scope api, and its owner has to be a maintainer of the project.",
            "Sign in with another one: holdfast gitlab sign-in",
        )
    if status is None or status >= 500:
        return ForgeUnreachable(
            f"{host} cannot answer just now.",
            f"It says {status or told[:100]}.",
            "Try again later.",
        )
    return ForgeError(f"{host} refused it.", f"GitLab says: {told[:200]}")
