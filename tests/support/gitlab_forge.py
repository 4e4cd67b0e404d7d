"""GitLab's API before the forge of these tests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from forge import Forge
from installed_keys import InstalledKeys
from pytest_httpserver import HTTPServer

from holdfast.adapters.gitlab_api import GitLabApi
from holdfast.domain.forge_account import Account
from holdfast.domain.secret import Secret

_KEYS = re.compile(r"/api/v4/projects/(?P<repository>.+)/deploy_keys(?:/(?P<id>\d+))?$")


@dataclass
class GitLabForge(GitLabApi):
    """GitLabApi, with the forge's host answered by a server of this machine."""

    forge: Forge
    server: HTTPServer

    def __post_init__(self) -> None:
        super().__init__()
        answer_account(self.server)
        self.installed = InstalledKeys(self.forge, self.server, _KEYS, {"can_push": False})

    def account(self, token: Secret, api: str) -> Account:
        return super().account(token, self._here)

    def install_key(self, token: Secret, api: str, repository: str, title: str, key: str) -> None:
        super().install_key(token, self._here, repository, title, key)

    def remove_key(self, token: Secret, api: str, repository: str, key: str) -> bool:
        return super().remove_key(token, self._here, repository, key)

    @property
    def _here(self) -> str:
        return f"http://127.0.0.1:{self.server.port}/api/v4"


def answer_account(server: HTTPServer, scopes: tuple[str, ...] = ("api",)) -> None:
    """As GitLab tells of a person's token."""
    server.expect_request("/api/v4/user").respond_with_json({"id": 7, "username": "ada"})
    token = {"id": 3, "name": "Holdfast", "scopes": list(scopes), "expires_at": "2027-01-31"}
    server.expect_request("/api/v4/personal_access_tokens/self").respond_with_json(token)


@contextmanager
def gitlab_forge(forge: Forge) -> Iterator[GitLabForge]:
    with HTTPServer("127.0.0.1", 0) as server:
        yield GitLabForge(forge, server)
    forge.drop_keys()
