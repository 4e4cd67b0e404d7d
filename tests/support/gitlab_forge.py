"""GitLab's API before the forge of these tests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from forge import Forge
from forge_here import ForgeHere
from installed_keys import InstalledKeys
from pytest_httpserver import HTTPServer

from holdfast.adapters.gitlab_api import GitLabApi

_KEYS = re.compile(r"/api/v4/projects/(?P<repository>.+)/deploy_keys(?:/(?P<id>\d+))?$")


def answer_account(server: HTTPServer, scopes: tuple[str, ...] = ("api",)) -> None:
    """As GitLab tells of a person's token."""
    server.expect_request("/api/v4/user").respond_with_json({"id": 7, "username": "ada"})
    token = {"id": 3, "name": "Holdfast", "scopes": list(scopes), "expires_at": "2027-01-31"}
    server.expect_request("/api/v4/personal_access_tokens/self").respond_with_json(token)


@contextmanager
def gitlab_forge(forge: Forge) -> Iterator[ForgeHere]:
    """GitLab at the host of the forge."""
    with HTTPServer("127.0.0.1", 0) as server:
        answer_account(server)
        installed = InstalledKeys(forge, server, _KEYS, {"can_push": False})
        yield ForgeHere(GitLabApi(), f"http://127.0.0.1:{server.port}/api/v4", installed)
    forge.drop_keys()
