"""What is asked of Forgejo and Gitea, and what the tests answer in their place, against the types
that others made of the two forges' own descriptions of their API: neither description is in a
package by itself, so that no server can be made of one, as of GitHub's."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from gitea_forge import answer_keys, answer_owner, answer_search
from pytest_httpserver import HTTPServer
from werkzeug import Request

from holdfast.adapters.gitea_api import GiteaApi
from holdfast.domain.forge_account import ForgeKind
from holdfast.domain.secret import Secret

pytestmark = pytest.mark.forge

NODE_MODULES = Path(__file__).parents[2] / "build" / "mock" / "node_modules"
TOKEN = Secret(b"0123456789abcdef0123456789abcdef01234567")
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGdlcm1hbnk0 holdfast team/sales"
_KEYS = "/api/v1/repos/team/sales/keys"
#: By method and path below the API: the path as it is described, the type that Forgejo's has, and
#: the part and the function that Gitea's has.
_DESCRIBED = {
    "GET user": ("/user", "UserGetCurrent", "user", "userGetCurrent"),
    "GET user/orgs": ("/user/orgs", "OrgListCurrentUserOrgs", "user", "orgListCurrentUserOrgs"),
    "GET repos/search": ("/repos/search", "RepoSearch", "repos", "repoSearch"),
    "GET keys": ("/repos/{owner}/{repo}/keys", "RepoListKeys", "repos", "repoListKeys"),
    "POST keys": ("/repos/{owner}/{repo}/keys", "RepoCreateKey", "repos", "repoCreateKey"),
    "DELETE keys": ("/repos/{owner}/{repo}/keys/{id}", "RepoDeleteKey", "repos", "repoDeleteKey"),
}
_HEAD = """import type * as forgejo from "@llamaduck/forgejo-ts";
import type { giteaApi } from "gitea-js";
type Gitea = ReturnType<typeof giteaApi>;
"""


def test_what_is_asked_and_answered_is_described(httpserver: HTTPServer, tmp_path: Path) -> None:
    api = f"http://127.0.0.1:{httpserver.port}/api/v1"
    answer_owner(httpserver)
    answer_search(httpserver, "ada/notes", "team/sales")
    made = {"id": 1, "key": KEY, "title": "Holdfast", "read_only": True}
    httpserver.expect_request(_KEYS, method="POST").respond_with_json(made, 201)
    httpserver.expect_request(f"{_KEYS}/1", method="DELETE").respond_with_data("", 204)
    answer_keys(httpserver, _KEYS, [made])
    forge = GiteaApi(ForgeKind.FORGEJO)
    assert forge.account(TOKEN, api).login == "ada"
    assert len(forge.search(TOKEN, api, "", "").repositories) == 2
    forge.install_key(TOKEN, api, "team/sales", "Holdfast", KEY)
    assert forge.remove_key(TOKEN, api, "team/sales", KEY)
    seen = set()
    lines = [_HEAD]
    for number, (request, response) in enumerate(httpserver.log):
        name = _name(request)
        # Gitea has it since 1.26; the other stands for a refusal, and sends nothing that is valid
        if name in ("GET token", "POST nowhere"):
            continue
        seen.add(name)
        answer = response.get_json() if response.get_data() else None
        lines.append(_typed(number, name, request, response.status_code, answer))
    assert seen == set(_DESCRIBED)
    assert _check(tmp_path, "\n".join(lines)) == ""


def test_what_is_not_described_is_found(tmp_path: Path) -> None:
    lines = [_HEAD]
    for number, wrong in enumerate(('{sorted: "updated"}', '{page: "one"}', "{Limit: 50}")):
        asked = f'{{url: "/repos/search", query: {wrong}}}'
        lines += [
            f"export const a{number}: forgejo.RepoSearchData = {asked};",
            f'export const b{number}: Parameters<Gitea["repos"]["repoSearch"]> = [{wrong}];',
        ]
    assert _check(tmp_path, "\n".join(lines)).count("error TS") == 6


def _name(request: Request) -> str:
    below = request.path.removeprefix("/api/v1/")
    if "/keys" in below:
        below = "nowhere" if "/-/" in below else "keys"
    return f"{request.method} {below}"


def _typed(number: int, name: str, request: Request, status: int, answer: object) -> str:
    """The question as both describe it, and the answer as Forgejo does."""
    url, forgejo, part, function = _DESCRIBED[name]
    query = {key: int(text) if text.isdigit() else text for key, text in request.args.items()}
    path: dict[str, object] = {"owner": "team", "repo": "sales"} if "owner" in url else {}
    if "{id}" in url:
        path["id"] = int(request.path.rpartition("/")[2])
    body = request.get_json() if request.get_data() else None
    asked = {"url": url, "query": query, "path": path, "body": body}
    given = [*path.values(), *(each for each in (query, body) if each)]
    lines = [
        f"export const a{number}: forgejo.{forgejo}Data = {_literal(asked)};",
        f'export const c{number}: Parameters<Gitea["{part}"]["{function}"]> = {json.dumps(given)};',
    ]
    if answer is not None:
        kind = f"forgejo.{forgejo}Responses[{status}]"
        lines.append(f"export const b{number}: {kind} = {json.dumps(answer)};")
    return "\n".join(lines)


def _literal(asked: dict[str, object]) -> str:
    return json.dumps({name: value for name, value in asked.items() if value})


def _check(folder: Path, text: str) -> str:
    """What the compiler has to say of it."""
    assert (NODE_MODULES / "typescript").exists(), "make build/mock/installed brings the types"
    (folder / "node_modules").symlink_to(NODE_MODULES)
    (folder / "asked.ts").write_text(text)
    options = [
        "--noEmit",
        "--strict",
        "--skipLibCheck",
        "--module",
        "nodenext",
        "--target",
        "es2022",
    ]
    compiler = NODE_MODULES / ".bin" / "tsc"
    checked = subprocess.run(
        [compiler, *options, "asked.ts"], cwd=folder, capture_output=True, text=True, timeout=120
    )
    return checked.stdout + checked.stderr
