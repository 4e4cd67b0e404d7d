"""GitHub's API behind the port: PyGithub, with its refusals in a user's words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from itertools import islice
from pathlib import Path
from urllib.parse import urlsplit

import requests
from github import Auth, Github
from github.GithubException import GithubException, RateLimitExceededException
from github.Repository import Repository
from oauthlib.oauth2 import DeviceClient, OAuth2Error

from holdfast.adapters.forge_refusals import typed_token, unreachable
from holdfast.adapters.forge_search import MOST_LOOKED_AT, found
from holdfast.adapters.github_refusals import device_refusal, refusal
from holdfast.domain.forge_account import (
    Account,
    DeviceCode,
    ForgeKind,
    Listed,
    Search,
    token_kind,
    web_root,
)
from holdfast.domain.secret import Secret

_SECONDS = 15
#: What the library raises of a page that somebody in between answers with, and of a redirect to
#: another host, to which it does not carry the token.
_NOT_UNDERSTOOD = (
    AssertionError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
)
#: Of a token that is made by the code in a browser: to see private repositories and to install
#: deploy keys, and to tell organisations.
_SCOPES = "repo read:org"
#: What whoever stands before GitHub says, or GitHub where it has no time.
_NO_ANSWER = frozenset((*range(300, 400), 429, *range(500, 600)))
_EXPIRES = "github-authentication-token-expiration"


class GitHubApi:
    """certificates: the file of CAs that this machine trusts, None for the library's own."""

    def __init__(self, certificates: Path | None = None) -> None:
        self._verify: bool | str = str(certificates) if certificates else True

    def account(self, token: Secret, api: str) -> Account:
        with self._speaking(token, api) as client:
            headers, told = client.requester.requestJsonAndCheck("GET", "/user")
            login, scopes = str(told["login"]), headers.get("x-oauth-scopes")
            return Account(
                login=login,
                kind=token_kind(token),
                scopes=None if scopes is None else _listed(str(scopes)),
                expires=_moment(headers),
                organisations=_organisations(client),
                api=api,
            )

    def search(self, token: Secret, api: str, words: str, organisation: str) -> Search:
        with self._speaking(token, api) as client:
            there = client.get_user().get_repos(sort="pushed")
            return found(map(_shown, there), words, organisation)

    def install_key(self, token: Secret, api: str, repository: str, title: str, key: str) -> None:
        with self._speaking(token, api) as client:
            client.get_repo(repository).create_key(title, key, read_only=True)

    def remove_key(self, token: Secret, api: str, repository: str, key: str) -> bool:
        wanted = key.split()[:2]
        with self._speaking(token, api) as client:
            place = client.get_repo(repository)
            found = [each.id for each in place.get_keys() if each.key.split()[:2] == wanted]
            for each in found:
                place.get_key(each).delete()
        return bool(found)

    def begin_device_flow(self, client_id: str, api: str) -> DeviceCode:
        told = self._post(api, "device/code", {"client_id": client_id, "scope": _SCOPES}).json()
        if "device_code" not in told:
            raise device_refusal(str(told.get("error", "")))
        try:
            page = str(told["verification_uri"])
            if urlsplit(page).scheme != "https":
                # it is opened in a browser
                raise ValueError(page)
            return DeviceCode(
                user_code=str(told["user_code"]),
                page=page,
                device_code=Secret(str(told["device_code"]).encode()),
                client_id=client_id,
                api=api,
                interval=int(told.get("interval", 5)),
                lasts=int(told.get("expires_in", 900)),
            )
        except _NOT_UNDERSTOOD as error:
            raise unreachable(api, error) from None

    def ask_device(self, code: DeviceCode) -> Secret | DeviceCode:
        client = DeviceClient(code.client_id)
        body = client.prepare_request_body(
            code.device_code.reveal().decode(), include_client_id=True
        )
        answer = self._post(code.api, "oauth/access_token", body)
        try:
            token = client.parse_request_body_response(answer.text)
        except OAuth2Error as refused:
            if refused.error == "authorization_pending":
                return code
            if refused.error == "slow_down":
                return replace(code, interval=code.interval + 5)
            raise device_refusal(str(refused.error)) from None
        except _NOT_UNDERSTOOD as error:
            raise unreachable(code.api, error) from None
        return Secret(str(token["access_token"]).encode())

    def _post(self, api: str, page: str, body: str | dict[str, str]) -> requests.Response:
        address = f"{web_root(api)}/login/{page}"
        headers = {"Accept": "application/json"}
        if isinstance(body, str):
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            answer = requests.post(
                address,
                data=body,
                headers=headers,
                timeout=_SECONDS,
                verify=self._verify,
                allow_redirects=False,
            )
            understood = answer.status_code not in _NO_ANSWER and isinstance(answer.json(), dict)
        except (requests.RequestException, ValueError) as error:
            raise unreachable(address, error) from None
        if not understood:
            raise unreachable(address, ValueError(answer.status_code))
        return answer

    @contextmanager
    def _speaking(self, token: Secret, api: str) -> Iterator[Github]:
        client = Github(
            auth=Auth.Token(typed_token(token, ForgeKind.GITHUB)),
            base_url=api,
            timeout=_SECONDS,
            per_page=100,
            verify=self._verify,
            # a limit that is reached is told, and not waited for
            retry=None,
            seconds_between_requests=None,
            # what a list leaves out is not asked for one by one
            lazy=True,
        )
        try:
            yield client
        except GithubException as error:
            raise refusal(error, api) from None
        except (requests.RequestException, *_NOT_UNDERSTOOD) as error:
            raise unreachable(api, error) from None
        finally:
            client.close()


def _organisations(client: Github) -> tuple[str, ...]:
    try:
        return tuple(each.login for each in islice(client.get_user().get_orgs(), MOST_LOOKED_AT))
    except RateLimitExceededException:
        raise
    except GithubException as error:
        # so it is told that a classic token lacks read:org, which nothing else needs
        if error.status != HTTPStatus.FORBIDDEN:
            raise
        return ()


def _shown(repository: Repository) -> Listed:
    return Listed(
        name=repository.full_name,
        address=repository.clone_url,
        private=repository.private,
        description=repository.description or "",
        pushed=repository.pushed_at,
    )


def _listed(header: str) -> tuple[str, ...]:
    return tuple(scope for each in header.split(",") if (scope := each.strip()))


def _moment(headers: Mapping[str, object]) -> datetime | None:
    """As GitHub writes it: 2027-01-31 09:00:00 UTC, or with an offset."""
    text = str(headers.get(_EXPIRES) or "").replace(" UTC", " +0000")
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S %z").astimezone(UTC)
    except ValueError:
        return None
