"""The API of Gitea and Forgejo before the forge of these tests."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager

from forge import Forge
from forge_here import ForgeHere
from installed_keys import InstalledKeys
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from holdfast.adapters.gitea_api import GiteaApi
from holdfast.domain.forge_account import ForgeKind

#: As Gitea answers where a token lacks a scope; Forgejo, and Gitea before, end otherwise.
NEEDS = "token does not have at least one of required scope(s), required=[{}], token scope=misc"
NEEDS_AS_FORGEJO = "token does not have at least one of required scope(s): [{}]"
_KEYS = re.compile(r"/api/v1/repos/(?P<repository>.+)/keys(?:/(?P<id>\d+))?$")


def answer_owner(
    server: HTTPServer, *lacks: str, told: list[str] | None = None, words: str = NEEDS
) -> None:
    """As both tell of a token, without these scopes. told: its scopes, as new Giteas have a page
    for."""
    user = {"id": 7, "login": "ada", "full_name": "", "is_admin": False}
    pages: dict[str, tuple[str, object]] = {
        "user": ("read:user", user),
        "user/orgs": ("read:organization", [{"id": 9, "username": "team", "name": "team"}]),
    }
    for page, (scope, content) in pages.items():
        if scope in lacks:
            refuse(server, page, words.format(scope))
        elif isinstance(content, list):
            answer_keys(server, f"/api/v1/{page}", content)
        else:
            server.expect_request(f"/api/v1/{page}").respond_with_json(content)
    missing: object = {"message": "not found", "errors": None}
    token = missing if told is None else {"id": 3, "name": "Holdfast", "scopes": told}
    asked = server.expect_request("/api/v1/token")
    asked.respond_with_json(token, 404 if told is None else 200)
    if "write:repository" in lacks:
        refuse(server, "repos/ada/-/keys", words.format("write:repository"))
    else:
        nowhere = server.expect_request("/api/v1/repos/ada/-/keys", method="POST")
        nowhere.respond_with_json(missing, 404)


def refuse(server: HTTPServer, page: str, message: str, status: int = 403) -> None:
    told = {"message": message, "url": "https://git.example/api/swagger"}
    server.expect_request(f"/api/v1/{page}").respond_with_json(told, status)


def answer_keys(server: HTTPServer, page: str, listed: list[dict[str, object]]) -> None:
    """A list as both give it, a page at a time."""

    def answer(request: Request) -> Response:
        return _json(_page(listed, request))

    server.expect_request(page, method="GET").respond_with_handler(answer)


def answer_search(server: HTTPServer, *names: str) -> None:
    """Of repositories: private below team, public below ada."""
    listed: list[dict[str, object]] = [
        {
            "full_name": name,
            "clone_url": f"https://git.lan/{name}.git",
            "private": name.startswith("team"),
            "internal": name.startswith("Team"),
            "description": "What was SOLD" if "sales" in name else "",
            "updated_at": "2026-10-01T11:00:00+02:00",
        }
        for name in names
    ]

    def answer(request: Request) -> Response:
        return _json({"ok": True, "data": _page(listed, request)})

    server.expect_request("/api/v1/repos/search").respond_with_handler(answer)


def _page(listed: list[dict[str, object]], request: Request) -> list[dict[str, object]]:
    limit = int(request.args.get("limit", 50))
    begin = (int(request.args.get("page", 1)) - 1) * limit
    return listed[begin : begin + limit]


def _json(told: object) -> Response:
    return Response(json.dumps(told), 200, mimetype="application/json")


@contextmanager
def gitea_forge(forge: Forge) -> Iterator[ForgeHere]:
    """Forgejo at the host of the forge; it has no two keys of one title."""
    with HTTPServer("127.0.0.1", 0) as server:
        answer_owner(server)
        installed = InstalledKeys(forge, server, _KEYS, {"read_only": True}, titles_differ=True)
        api = GiteaApi(ForgeKind.FORGEJO)
        yield ForgeHere(api, f"http://127.0.0.1:{server.port}/api/v1", installed)
    forge.drop_keys()
