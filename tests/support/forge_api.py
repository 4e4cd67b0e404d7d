"""GitHub's deploy keys before the forge of these tests: what is installed there opens its SSH."""

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

from holdfast.adapters.github_api import GitHubApi
from holdfast.domain.forge_account import Account
from holdfast.domain.secret import Secret

TOKEN = Secret(b"ghp_forge")
_KEYS = re.compile(r"/repos/(?P<repository>.+)/keys(?:/(?P<id>\d+))?$")


@dataclass
class ForgeApi(GitHubApi):
    """GitHubApi, with the forge's host answered by a server of this machine. gone: nothing
    answers. keys: by number, (repository, key without its comment)."""

    forge: Forge
    server: HTTPServer
    gone: bool = False
    keys: dict[int, tuple[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__()
        self._numbers = itertools.count(1)
        self.server.expect_request(re.compile("^/user$")).respond_with_json({"login": "ada"})
        self.server.expect_request(re.compile("^/user/orgs$")).respond_with_json([])
        self.server.expect_request(_KEYS).respond_with_handler(self._answer)

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

    def _answer(self, request: Request) -> Response:
        matched = _KEYS.match(request.path)
        assert matched is not None
        repository, number = matched["repository"], matched["id"]
        if request.method == "POST":
            told = request.get_json()
            assert told["read_only"] is True
            made = next(self._numbers)
            self.keys[made] = (repository, " ".join(told["key"].split()[:2]))
        elif request.method == "DELETE":
            del self.keys[int(number)]
        self._write()
        listed = [
            {"id": at, "key": key, "url": f"{self._here}/repos/{repository}/keys/{at}"}
            for at, (of, key) in self.keys.items()
            if of == repository
        ]
        if request.method == "GET":
            return _json(listed, 200)
        return _json(listed[-1], 201) if request.method == "POST" else Response(status=204)

    def _write(self) -> None:
        self.forge.drop_keys()
        for repository, key in self.keys.values():
            self.forge.add_key(key, repository)


@contextmanager
def forge_api(forge: Forge) -> Iterator[ForgeApi]:
    with HTTPServer("127.0.0.1", 0) as server:
        yield ForgeApi(forge, server)
    forge.drop_keys()


def _json(told: object, status: int) -> Response:
    return Response(json.dumps(told), status, mimetype="application/json")
