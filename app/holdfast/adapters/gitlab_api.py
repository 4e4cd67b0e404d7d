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

from holdfast.adapters.forge_refusals import (
    limit_reached,
    not_allowed,
    refusal,
    typed_token,
    unreachable,
)
from holdfast.adapters.forge_search import found
from holdfast.domain.forge_account import (
    GITLAB_API,
    Account,
    ForgeError,
    ForgeKind,
    Listed,
    Search,
    TokenKind,
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

    def search(self, token: Secret, api: str, words: str, organisation: str) -> Search:
        with self._speaking(token, api) as client:
            there = client.projects.list(
                membership=True, order_by="last_activity_at", iterator=True, **_AT_ONCE
            )
            return found(map(_shown, there), words, organisation)

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
        given = typed_token(token, ForgeKind.GITLAB)
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


def _shown(project: Any) -> Listed:
    return Listed(
        name=str(project.path_with_namespace),
        address=str(project.http_url_to_repo),
        private=project.visibility != "public",
        description=str(project.description or ""),
        pushed=datetime.fromisoformat(project.last_activity_at),
    )


def _end(told: object) -> datetime | None:
    """GitLab's tokens end with a day."""
    if not isinstance(told, str) or not told:
        return None
    return datetime.strptime(told, "%Y-%m-%d").replace(tzinfo=UTC) + timedelta(days=1)


def _refusal(error: GitlabError, api: str) -> ForgeError:
    status = error.response_code
    if status == 429:
        return limit_reached(api)
    if status == 403:
        return not_allowed(
            api,
            "It needs the scope api, and its owner has to be a maintainer of the project.",
            f"Sign in with another one: {ForgeKind.GITLAB.sign_in}",
        )
    return refusal(ForgeKind.GITLAB, api, status, str(error.error_message))
