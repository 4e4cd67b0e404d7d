"""GitHub's API before the forge of these tests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from forge import Forge
from installed_keys import InstalledKeys
from pytest_httpserver import HTTPServer

from holdfast.adapters.github_api import GitHubApi
from holdfast.domain.forge_account import Account
from holdfast.domain.secret import Secret

TOKEN = Secret(b"ghp_forge")
_KEYS = re.compile(r"/repos/(?P<repository>.+)/keys(?:/(?P<id>\d+))?$")


@dataclass
class GitHubForge(GitHubApi):
    """GitHubApi, with the forge's host answered by a server of this machine. gone: nothing
    answers."""

    forge: Forge
    server: HTTPServer
    gone: bool = False

    def __post_init__(self) -> None:
        super().__init__()
        answer_user(self.server)
        self.installed = InstalledKeys(self.forge, self.server, _KEYS, {"read_only": True})

    def account(self, token: Secret, api: str) -> Account:
        return super().account(token, self._here)

    def install_key(self, token: Secret, api: str, repository: str, title: str, key: str) -> None:
        super().install_key(token, self._here, repository, title, key)

    def remove_key(self, token: Secret, api: str, repository: str, key: str) -> bool:
        return super().remove_key(token, self._here, repository, key)

    @property
    def _here(self) -> str:
        # the discard port: nobody listens there
        return f"http://127.0.0.1:{9 if self.gone else self.server.port}"


def answer_user(server: HTTPServer, **headers: str) -> None:
    """As GitHub tells whose token it is, and of a classic one its organisations only where it may
    see them."""
    scopes = headers.get("X-OAuth-Scopes")
    server.expect_request("/user").respond_with_json({"login": "ada"}, headers=headers)
    organisations = server.expect_request("/user/orgs")
    if scopes is not None and not {"read:org", "user"} & set(scopes.split(", ")):
        needs = "You need at least read:org scope or user scope to list your organizations."
        told = {"X-Accepted-OAuth-Scopes": "read:org, user", **headers}
        organisations.respond_with_json({"message": needs}, 403, told)
    else:
        organisations.respond_with_json([{"login": "team"}])


@contextmanager
def github_forge(forge: Forge) -> Iterator[GitHubForge]:
    with HTTPServer("127.0.0.1", 0) as server:
        yield GitHubForge(forge, server)
    forge.drop_keys()
