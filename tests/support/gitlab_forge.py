"""GitLab's deploy keys before the forge of these tests: what is installed there opens its SSH."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from forge import Forge
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from holdfast.adapters.gitlab_api import GitLabApi
from holdfast.domain.forge_account import Account
from holdfast.domain.secret import Secret

_KEYS = re.compile(r"/api/v4/projects/(?P<repository>.+)/deploy_keys(?:/(?P<id>\d+))?$")


@dataclass
class GitLabForge(GitLabApi):
    """GitLabApi, with the forge's host answered by a server of this machine. keys: by number,
    (repository, key without its comment)."""

    forge: Forge
    server: HTTPServer
    keys: dict[int, tuple[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__()
        self._numbers = itertools.count(1)
        answer_account(self.server)
        self.server.expect_request(_KEYS).respond_with_handler(self._answer)

    def account(self, token: Secret, api: str) -> Account:
        return super().account(token, self._here)

    def install_key(self, token: Secret, api: str, repository: str, title: str, key: str) -> None:
        super().install_key(token, self._here, repository, title, key)

    def remove_key(self, token: Secret, api: str, repository: str, key: str) -> bool:
        return super().remove_key(token, self._here, repository, key)

    @property
    def _here(self) -> str:
        return f"http://127.0.0.1:{self.server.port}/api/v4"

    def _answer(self, request: Request) -> Response:
        matched = _KEYS.match(request.path)
        assert matched is not None
        repository, number = matched["repository"], matched["id"]
        if request.method == "POST":
            told = request.get_json()
            assert told["can_push"] is False
            self.keys[next(self._numbers)] = (repository, " ".join(told["key"].split()[:2]))
        elif request.method == "DELETE":
            del self.keys[int(number)]
        self.forge.drop_keys()
        for of, key in self.keys.values():
            self.forge.add_key(key, of)
        listed = [
            {"id": at, "key": key, "can_push": False}
            for at, (of, key) in self.keys.items()
            if of == repository
        ]
        if request.method == "GET":
            return _json(listed, 200)
        return _json(listed[-1], 201) if request.method == "POST" else Response(status=204)


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


def _json(told: object, status: int) -> Response:
    return Response(json.dumps(told), status, mimetype="application/json")
