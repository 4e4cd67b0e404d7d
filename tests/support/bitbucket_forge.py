"""Bitbucket Cloud's API before the forge of these tests, as Atlassian describes it."""

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

from holdfast.adapters.bitbucket_api import BitbucketApi

#: What Holdfast asks for, as Bitbucket tells a token's scopes in a header.
ALL = (
    "read:user:bitbucket, read:workspace:bitbucket, read:repository:bitbucket,"
    " admin:repository:bitbucket, write:ssh-key:bitbucket, delete:ssh-key:bitbucket"
)
_KEYS = re.compile(r"/2\.0/repositories/(?P<repository>.+)/deploy-keys(?:/(?P<id>\d+))?$")


def answer_owner(
    server: HTTPServer, *workspaces: str, scopes: str | None = ALL, lacks: bool = False
) -> None:
    """scopes: as the header has them, None where there is none. lacks: the token may not read
    workspaces."""
    user = {"type": "user", "username": "ada", "display_name": "Ada", "nickname": "ada"}
    headers = {} if scopes is None else {"X-OAuth-Scopes": scopes}
    server.expect_request("/2.0/user").respond_with_json(user, headers=headers)
    if lacks:
        refuse(server, "user/workspaces", 403, **lacking("read:workspace:bitbucket"))
        return
    listed: list[object] = [
        {"type": "workspace_access", "workspace": {"slug": each, "type": "workspace_base"}}
        for each in workspaces
    ]
    answer_list(server, "user/workspaces", listed)


def lacking(scope: str) -> dict[str, object]:
    """What is said of a token without a scope, and which it has."""
    return {
        "message": "Your credentials lack one or more required privilege scopes.",
        "detail": {"required": [scope], "granted": ["read:user:bitbucket", "read:me"]},
    }


def refuse(server: HTTPServer, page: str, status: int, **error: object) -> None:
    told = {"type": "error", "error": error}
    server.expect_request(f"/2.0/{page}").respond_with_json(told, status)


def answer_list(server: HTTPServer, page: str, listed: list[object]) -> None:
    """Two at a time, each page with the address of the next."""

    def answer(request: Request) -> Response:
        begin = int(request.args.get("after", 0))
        told: dict[str, object] = {"values": listed[begin : begin + 2], "pagelen": 2}
        if begin + 2 < len(listed):
            told["next"] = f"{request.base_url}?pagelen=2&after={begin + 2}"
        return Response(json.dumps(told), 200, mimetype="application/json")

    server.expect_request(f"/2.0/{page}", method="GET").respond_with_handler(answer)


def repository(name: str, day: int, private: bool = True) -> dict[str, object]:
    """As its lists have it. day: of October 2026, of the last push."""
    workspace = name.partition("/")[0]
    clone = {"name": "https", "href": f"https://ada@bitbucket.org/{name}.git"}
    return {
        "type": "repository",
        "full_name": name,
        "is_private": private,
        "description": "What was SOLD" if "sales" in name else "",
        "updated_on": f"2026-10-{day:02}T11:00:00.123456+00:00",
        "workspace": {"slug": workspace, "type": "workspace"},
        "links": {"clone": [clone]},
    }


@contextmanager
def bitbucket_forge(forge: Forge) -> Iterator[ForgeHere]:
    """Bitbucket at the host of the forge; its deploy keys are all for reading alone."""
    with HTTPServer("127.0.0.1", 0) as server:
        answer_owner(server, "team")
        installed = InstalledKeys(forge, server, _KEYS, {}, title="label", paged=True)
        yield ForgeHere(BitbucketApi(), f"http://127.0.0.1:{server.port}/2.0", installed)
    forge.drop_keys()
