"""GitLab's answers as its documentation has them: what is told of each, and what is kept."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from free_ports import free_ports
from gitlab_forge import answer_account
from pytest_httpserver import HTTPServer

from holdfast.adapters.gitlab_api import GitLabApi
from holdfast.domain.forge_account import (
    ForgeError,
    ForgeKind,
    ForgeUnreachable,
    NotSignedIn,
    RightState,
    TokenKind,
)
from holdfast.domain.secret import Secret

TOKEN = Secret(b"glpat-0123456789abcdefghij")
KEYS = "/api/v4/projects/team/tools/sales/deploy_keys"
NAME = "team/tools/sales"
HERE = f"git@127.0.0.1:{NAME}.git"


@pytest.fixture
def api(httpserver: HTTPServer) -> str:
    return f"http://127.0.0.1:{httpserver.port}/api/v4"


def test_of_a_token_its_scopes_and_its_end_are_told(httpserver: HTTPServer, api: str) -> None:
    answer_account(httpserver, ("read_api", "sudo"))
    found = GitLabApi().account(TOKEN, api)
    assert (found.login, found.kind, found.forge) == ("ada", TokenKind.ACCESS, ForgeKind.GITLAB)
    assert (found.host, found.expires) == ("127.0.0.1", datetime(2027, 2, 1, tzinfo=UTC))
    assert [(right.name, right.state) for right in found.rights] == [
        ("api", RightState.LACKS),
        ("read_api", RightState.SPARE),
        ("sudo", RightState.SPARE),
    ]
    sent = {request.headers["Authorization"] for request, _ in httpserver.log}
    assert sent == {f"Bearer {TOKEN.reveal().decode()}"}


def test_repositories_are_searched_among_ones_own(httpserver: HTTPServer, api: str) -> None:
    there = [
        {
            "id": number,
            "path_with_namespace": name,
            "http_url_to_repo": f"https://git.lan/{name}.git",
            "visibility": visibility,
            "description": None,
            "last_activity_at": "2026-10-01T09:00:00.000Z",
        }
        for number, (name, visibility) in enumerate(
            [(NAME, "private"), ("team/board", "internal"), ("ada/sales", "public")]
        )
    ]
    order = {"membership": "True", "order_by": "last_activity_at", "per_page": "100"}
    page = httpserver.expect_request("/api/v4/projects", query_string=order)
    page.respond_with_json(there)
    found = GitLabApi().search(TOKEN, api, "sales", "").repositories
    assert [(each.name, each.private) for each in found] == [(NAME, True), ("ada/sales", False)]
    assert found[0].address == f"https://git.lan/{NAME}.git"
    assert found[0].pushed == datetime(2026, 10, 1, 9, tzinfo=UTC)
    within = GitLabApi().search(TOKEN, api, "", "Team").repositories
    assert [(each.name, each.private) for each in within] == [(NAME, True), ("team/board", True)]


def test_a_key_is_installed_for_reading_alone(httpserver: HTTPServer, api: str) -> None:
    httpserver.expect_request(KEYS, method="POST").respond_with_json({"id": 1}, 201)
    GitLabApi().install_key(TOKEN, api, NAME, "Holdfast", "ssh-ed25519 A holdfast")
    assert httpserver.log[-1][0].json == {
        "title": "Holdfast",
        "key": "ssh-ed25519 A holdfast",
        "can_push": False,
    }


def test_that_key_alone_is_removed(httpserver: HTTPServer, api: str) -> None:
    told = [{"id": 1, "key": "ssh-ed25519 B"}, {"id": 2, "key": "ssh-ed25519 A of-the-forge"}]
    httpserver.expect_request(KEYS, method="GET").respond_with_json(told)
    httpserver.expect_request(f"{KEYS}/2", method="DELETE").respond_with_data("", 204)
    assert GitLabApi().remove_key(TOKEN, api, NAME, "ssh-ed25519 A holdfast")
    assert not GitLabApi().remove_key(TOKEN, api, NAME, "ssh-ed25519 C holdfast")
    deleted = [request.path for request, _ in httpserver.log if request.method == "DELETE"]
    assert deleted == [f"{KEYS}/2"]


@pytest.mark.parametrize(
    ("status", "kind", "what"),
    [
        (401, NotSignedIn, "does not accept the token"),
        (403, ForgeError, "does not allow the token"),
        (404, ForgeError, "does not have that"),
        (429, ForgeError, "answers no more questions"),
        (503, ForgeUnreachable, "cannot answer just now"),
        (400, ForgeError, "refused it"),
    ],
)
def test_a_refusal_says_what_to_do(
    httpserver: HTTPServer, api: str, status: int, kind: type[ForgeError], what: str
) -> None:
    httpserver.expect_request(KEYS).respond_with_json({"message": "No."}, status)
    with pytest.raises(ForgeError, match=what) as told:
        GitLabApi().install_key(TOKEN, api, NAME, "Holdfast", "ssh-ed25519 A")
    assert type(told.value) is kind
    assert len(httpserver.log) == 1
    assert TOKEN.reveal().decode() not in repr(told.value)


def test_a_page_of_somebody_in_between_is_not_understood(httpserver: HTTPServer, api: str) -> None:
    httpserver.expect_request("/api/v4/user").respond_with_data("<html>Log in</html>")
    with pytest.raises(ForgeUnreachable, match="cannot be reached") as told:
        GitLabApi().account(TOKEN, api)
    assert "not understood" in told.value.why


def test_a_token_is_carried_to_no_other_address(httpserver: HTTPServer, api: str) -> None:
    elsewhere = {"Location": f"http://localhost:{httpserver.port}/elsewhere"}
    httpserver.expect_request("/api/v4/user").respond_with_data("", 302, elsewhere)
    with pytest.raises(ForgeUnreachable):
        GitLabApi().account(TOKEN, api)
    assert [request.path for request, _ in httpserver.log] == ["/api/v4/user"]


def test_one_that_is_not_there_is_told() -> None:
    [port] = free_ports(1)
    with pytest.raises(ForgeUnreachable, match="cannot be reached"):
        GitLabApi().account(TOKEN, f"http://127.0.0.1:{port}/api/v4")
    with pytest.raises(NotSignedIn, match="This is no token"):
        GitLabApi().account(Secret("glpat-ä".encode()), "http://127.0.0.1:9/api/v4")
