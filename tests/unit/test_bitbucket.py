"""What is told of Bitbucket's answers, and what is asked of it."""

from __future__ import annotations

from datetime import UTC, datetime
from traceback import format_exception

import pytest
from bitbucket_forge import answer_list, answer_owner, lacking, refuse, repository
from pytest_httpserver import HTTPServer

from holdfast.adapters.bitbucket_api import BitbucketApi
from holdfast.domain.forge_account import (
    ForgeError,
    ForgeKind,
    ForgeUnreachable,
    NotSignedIn,
    RightState,
    SignIn,
    TokenKind,
    credential,
    wanted_scopes,
)
from holdfast.domain.secret import Secret

OWN = SignIn(forge=ForgeKind.BITBUCKET, user="ada@example.org")
TOKEN = credential(OWN, Secret(b"ATATT3xFfGF0=secret"))
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGdlcm1hbnk0 holdfast team/sales"
KEYS = "repositories/team/sales/deploy-keys"
BITBUCKET = BitbucketApi()
HAS, LACKS, SPARE = RightState.HAS, RightState.LACKS, RightState.SPARE


@pytest.fixture
def api(httpserver: HTTPServer) -> str:
    return f"http://127.0.0.1:{httpserver.port}/2.0"


def test_whose_token_it_is_and_what_it_may_do_is_told(httpserver: HTTPServer, api: str) -> None:
    answer_owner(httpserver, "team", "ada-berg", "others")
    account = BITBUCKET.account(TOKEN, api)
    assert (account.login, account.kind, account.expires) == ("ada", TokenKind.API, None)
    assert account.organisations == ("team", "ada-berg", "others")
    assert [(each.name, each.state) for each in account.rights] == [
        (scope, HAS) for scope in wanted_scopes(ForgeKind.BITBUCKET)
    ]
    for request, _ in httpserver.log:
        given = request.authorization
        assert given is not None
        assert (given.username, given.password) == ("ada@example.org", "ATATT3xFfGF0=secret")


def test_no_scope_contains_another(httpserver: HTTPServer, api: str) -> None:
    answer_owner(httpserver, scopes="read:user:bitbucket, write:repository:bitbucket")
    rights = {each.name: each.state for each in BITBUCKET.account(TOKEN, api).rights}
    assert rights["read:user:bitbucket"] is HAS
    assert rights["read:repository:bitbucket"] is LACKS
    assert rights["write:repository:bitbucket"] is SPARE


def test_scopes_are_read_from_a_refusal_where_nothing_else_tells_them(
    httpserver: HTTPServer, api: str
) -> None:
    answer_owner(httpserver, scopes=None, lacks=True)
    account = BITBUCKET.account(TOKEN, api)
    assert account.organisations == ()
    rights = {each.name: each.state for each in account.rights}
    assert (rights["read:user:bitbucket"], rights["read:me"]) == (HAS, SPARE)
    assert rights["read:workspace:bitbucket"] is LACKS
    httpserver.clear()
    answer_owner(httpserver, "team", scopes=None)
    untold = BITBUCKET.account(TOKEN, api)
    assert {each.state for each in untold.rights} == {RightState.UNTOLD}


def test_every_workspace_is_searched_the_last_pushed_to_first(
    httpserver: HTTPServer, api: str
) -> None:
    answer_owner(httpserver, "team", "ada-berg")
    team = [repository("team/sales", 9), repository("team/old", 3), repository("team/older", 2)]
    answer_list(httpserver, "repositories/team", list(team))
    answer_list(httpserver, "repositories/ada-berg", [repository("ada-berg/notes", 5, False)])
    every = BITBUCKET.search(TOKEN, api, "", "").repositories
    names = ["team/sales", "ada-berg/notes", "team/old", "team/older"]
    assert [each.name for each in every] == names
    [sales] = BITBUCKET.search(TOKEN, api, "sold SALES", "").repositories
    assert (sales.private, every[1].private) == (True, False)
    assert sales.address == f"{api.removesuffix('/2.0')}/team/sales.git"
    assert sales.pushed == datetime(2026, 10, 9, 11, 0, 0, 123456, tzinfo=UTC)
    first = next(request for request, _ in httpserver.log if request.path.endswith("/team"))
    assert dict(first.args) == {"role": "member", "sort": "-updated_on", "pagelen": "100"}
    before = len(httpserver.log)
    within = BITBUCKET.search(TOKEN, api, "", "ada-berg").repositories
    assert [each.name for each in within] == ["ada-berg/notes"]
    assert len(httpserver.log) == before + 1


def test_a_key_is_installed_and_it_alone_removed(httpserver: HTTPServer, api: str) -> None:
    httpserver.expect_request(f"/2.0/{KEYS}", method="POST").respond_with_json({"id": 77})
    BITBUCKET.install_key(TOKEN, api, "team/sales", "Holdfast", KEY)
    assert httpserver.log[-1][0].json == {"label": "Holdfast", "key": KEY}
    bare = " ".join(KEY.split()[:2])
    others: list[object] = [{"id": n, "key": f"ssh-ed25519 B{n}"} for n in range(3)]
    answer_list(httpserver, KEYS, [*others, {"id": 77, "key": bare}])
    httpserver.expect_request(f"/2.0/{KEYS}/77", method="DELETE").respond_with_data("", 204)
    assert BITBUCKET.remove_key(TOKEN, api, "team/sales", KEY)
    assert not BITBUCKET.remove_key(TOKEN, api, "team/sales", "ssh-ed25519 C holdfast")
    deleted = [request.path for request, _ in httpserver.log if request.method == "DELETE"]
    assert deleted == [f"/2.0/{KEYS}/77"]


@pytest.mark.parametrize(
    ("status", "error", "kind", "what", "why"),
    [
        (401, {}, NotSignedIn, "does not accept the token", "without scopes"),
        (403, lacking("write:ssh-key:bitbucket"), ForgeError, "allow the token", "write:ssh-key"),
        (403, {"message": "No admin"}, ForgeError, "allow the token", "No admin"),
        (404, {"message": "Not found"}, ForgeError, "does not have that", "not found"),
        (400, {"fields": {"key": "Someone already has it"}}, ForgeError, "already", "Someone"),
        (400, {"message": "Invalid key"}, ForgeError, "refused it", "Invalid key"),
        (410, {"message": "CHANGE-2770"}, ForgeError, "refused it", "CHANGE-2770"),
        (429, {}, ForgeError, "answers no more questions", "limit"),
        (503, {}, ForgeUnreachable, "cannot answer just now", "503"),
    ],
)
def test_a_refusal_says_why_and_what_to_do(
    httpserver: HTTPServer,
    api: str,
    status: int,
    error: dict[str, object],
    kind: type[ForgeError],
    what: str,
    why: str,
) -> None:
    refuse(httpserver, KEYS, status, **error)
    with pytest.raises(ForgeError, match=what) as told:
        BITBUCKET.install_key(TOKEN, api, "team/sales", "Holdfast", KEY)
    assert type(told.value) is kind
    assert why in told.value.why
    assert len(httpserver.log) == 1
    assert "secret" not in "".join(format_exception(told.value))


@pytest.mark.parametrize("content", ["<html>Log in</html>", "[]", '{"values": [7]}', "{}"])
def test_a_page_of_somebody_in_between_is_not_understood(
    httpserver: HTTPServer, api: str, content: str
) -> None:
    httpserver.expect_request("/2.0/user").respond_with_data(content)
    httpserver.expect_request(f"/2.0/{KEYS}").respond_with_data(content)
    with pytest.raises(ForgeUnreachable, match="cannot be reached") as told:
        BITBUCKET.remove_key(TOKEN, api, "team/sales", KEY)
    assert "not understood" in told.value.why
    with pytest.raises(ForgeUnreachable, match="cannot be reached"):
        BITBUCKET.account(TOKEN, api)


def test_a_token_is_carried_to_no_other_address(httpserver: HTTPServer, api: str) -> None:
    elsewhere = f"http://localhost:{httpserver.port}/2.0/{KEYS}"
    httpserver.expect_request(f"/2.0/{KEYS}", method="POST").respond_with_data(
        "", 307, {"Location": elsewhere}
    )
    httpserver.expect_request(f"/2.0/{KEYS}").respond_with_json({"values": [], "next": elsewhere})
    with pytest.raises(ForgeError, match="another address"):
        BITBUCKET.install_key(TOKEN, api, "team/sales", "Holdfast", KEY)
    with pytest.raises(ForgeError, match="goes on at another address"):
        BITBUCKET.remove_key(TOKEN, api, "team/sales", KEY)
    assert len(httpserver.log) == 2


def test_what_no_header_can_carry_is_no_token(api: str) -> None:
    with pytest.raises(NotSignedIn, match="This is no token"):
        BITBUCKET.account(credential(OWN, Secret("ä".encode())), api)
