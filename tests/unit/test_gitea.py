"""What is told of the answers of Gitea and Forgejo, and what is kept of a token."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from pathlib import Path
from traceback import format_exception

import pytest
from free_ports import free_ports
from gitea_forge import NEEDS, NEEDS_AS_FORGEJO, answer_keys, answer_owner, answer_search, refuse
from lan import make_certificate
from pytest_httpserver import HTTPServer

from holdfast.adapters.gitea_api import GiteaApi
from holdfast.domain.forge_account import (
    ForgeError,
    ForgeKind,
    ForgeUnreachable,
    NotSignedIn,
    RightState,
    TokenKind,
)
from holdfast.domain.secret import Secret

TOKEN = Secret(b"0123456789abcdef0123456789abcdef01234567")
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGdlcm1hbnk0 holdfast team/sales"
KEYS = "/api/v1/repos/team/sales/keys"
GITEA = GiteaApi(ForgeKind.GITEA)
HAS, LACKS, SPARE = RightState.HAS, RightState.LACKS, RightState.SPARE


@pytest.fixture
def api(httpserver: HTTPServer) -> str:
    return f"http://127.0.0.1:{httpserver.port}/api/v1"


@pytest.mark.parametrize("forge", [ForgeKind.GITEA, ForgeKind.FORGEJO])
def test_whose_token_it_is_is_told(httpserver: HTTPServer, api: str, forge: ForgeKind) -> None:
    answer_owner(httpserver)
    account = GiteaApi(forge).account(TOKEN, api)
    assert (account.login, account.kind, account.forge) == ("ada", TokenKind.ACCESS, forge)
    assert (account.host, account.expires, account.organisations) == ("127.0.0.1", None, ("team",))
    assert {right.state for right in account.rights} == {HAS}
    sent = {request.headers["Authorization"] for request, _ in httpserver.log}
    assert sent == {f"token {TOKEN.reveal().decode()}"}


def test_the_scopes_are_those_that_the_forge_tells(httpserver: HTTPServer, api: str) -> None:
    answer_owner(httpserver, told=["read:user", "read:repository", "write:admin"])
    account = GITEA.account(TOKEN, api)
    assert [(right.name, right.state) for right in account.rights] == [
        ("read:user", HAS),
        ("write:repository", LACKS),
        ("read:organization", LACKS),
        ("read:repository", SPARE),
        ("write:admin", SPARE),
    ]
    assert {request.method for request, _ in httpserver.log} == {"GET"}


@pytest.mark.parametrize("words", [NEEDS, NEEDS_AS_FORGEJO])
def test_scopes_that_are_not_told_are_tried(httpserver: HTTPServer, api: str, words: str) -> None:
    answer_owner(httpserver, "write:repository", "read:organization", words=words)
    account = GITEA.account(TOKEN, api)
    assert account.organisations == ()
    assert [(right.name, right.state) for right in account.rights] == [
        ("read:user", HAS),
        ("write:repository", LACKS),
        ("read:organization", LACKS),
    ]


@pytest.mark.parametrize("words", [NEEDS, NEEDS_AS_FORGEJO])
def test_the_scope_that_is_lacking_is_named(httpserver: HTTPServer, api: str, words: str) -> None:
    answer_owner(httpserver, "read:user", words=words)
    with pytest.raises(ForgeError, match="does not allow the token") as told:
        GITEA.account(TOKEN, api)
    assert told.value.why == "It would need: read:user."
    assert told.value.next == "Sign in with a token that has that right: holdfast gitea sign-in"


def test_repositories_are_searched_among_ones_own(httpserver: HTTPServer, api: str) -> None:
    answer_owner(httpserver)
    names = [*(f"ada/r{n}" for n in range(60)), "team/sales", "Team/Board"]
    answer_search(httpserver, *names)
    [found] = GITEA.search(TOKEN, api, "sold SALES", "").repositories
    assert (found.name, found.private) == ("team/sales", True)
    assert found.address == "https://git.lan/team/sales.git"
    assert found.pushed == datetime(2026, 10, 1, 9, tzinfo=UTC)
    asked = [dict(request.args) for request, _ in httpserver.log if "search" in request.path]
    order = {"uid": "7", "sort": "updated", "order": "desc", "limit": "50"}
    assert asked == [{**order, "page": str(page)} for page in (1, 2, 3)]
    within = GITEA.search(TOKEN, api, "", "TEAM").repositories
    assert [(each.name, each.private) for each in within] == [
        ("team/sales", True),
        ("Team/Board", True),
    ]
    all_of_them = GITEA.search(TOKEN, api, "", "")
    assert (len(all_of_them.repositories), all_of_them.more) == (50, True)


def test_a_key_is_installed_for_reading_alone(httpserver: HTTPServer, api: str) -> None:
    httpserver.expect_request(KEYS, method="POST").respond_with_json({"id": 1}, 201)
    # the address of a forge that is below a path begins with that
    for name in ("team/sales", "git/team/sales"):
        GITEA.install_key(TOKEN, api, name, "Holdfast", KEY)
        assert httpserver.log[-1][0].json == {
            "title": "Holdfast (cm1hbnk0)",
            "key": KEY,
            "read_only": True,
        }


def test_that_key_alone_is_removed(httpserver: HTTPServer, api: str) -> None:
    others: list[dict[str, object]] = [{"id": n, "key": f"ssh-ed25519 B{n}"} for n in range(50)]
    answer_keys(httpserver, KEYS, [*others, {"id": 77, "key": f"{KEY} of-the-forge"}])
    httpserver.expect_request(f"{KEYS}/77", method="DELETE").respond_with_data("", 204)
    assert GITEA.remove_key(TOKEN, api, "team/sales", KEY)
    assert not GITEA.remove_key(TOKEN, api, "team/sales", "ssh-ed25519 C holdfast")
    deleted = [request.path for request, _ in httpserver.log if request.method == "DELETE"]
    assert deleted == [f"{KEYS}/77"]


@pytest.mark.parametrize(
    ("status", "message", "kind", "what", "why"),
    [
        (401, "token is required", NotSignedIn, "does not accept the token", "expired"),
        (403, NEEDS.format("write:repository"), ForgeError, "allow the token", "write:repository"),
        (403, "user should be an owner", ForgeError, "allow the token", "should be an owner"),
        (404, "not found", ForgeError, "does not have that", "not found"),
        (422, "This key has already been added to this repository", ForgeError, "already", "added"),
        (422, "Key content has been used as non-deploy key", ForgeError, "already", "non-deploy"),
        (422, "SSH is disabled", ForgeError, "refused it", "SSH is disabled"),
        (429, "slow down", ForgeError, "answers no more questions", "limit"),
        (503, "down", ForgeUnreachable, "cannot answer just now", "503"),
    ],
)
def test_a_refusal_says_why_and_what_to_do(
    httpserver: HTTPServer,
    api: str,
    status: int,
    message: str,
    kind: type[ForgeError],
    what: str,
    why: str,
) -> None:
    refuse(httpserver, "repos/team/sales/keys", message, status)
    with pytest.raises(ForgeError, match=what) as told:
        GITEA.install_key(TOKEN, api, "team/sales", "Holdfast", KEY)
    assert type(told.value) is kind
    assert why in told.value.why
    assert len(httpserver.log) == 1
    assert TOKEN.reveal().decode() not in "".join(format_exception(told.value))


def test_when_to_ask_again_is_told(httpserver: HTTPServer, api: str) -> None:
    answer = httpserver.expect_request("/api/v1/user")
    answer.respond_with_json({}, 429, headers={"Retry-After": "30"})
    with pytest.raises(ForgeError, match="answers no more questions") as told:
        GITEA.account(TOKEN, api)
    assert told.value.next == "Try again in 30 seconds."


@pytest.mark.parametrize(
    ("status", "content"),
    [(404, "<html>"), (200, "<html>Log in</html>"), (200, "[]"), (200, '{"username": "ada"}')],
)
def test_what_is_no_gitea_is_told(
    httpserver: HTTPServer, api: str, status: int, content: str
) -> None:
    httpserver.expect_request("/api/v1/user").respond_with_data(content, status)
    with pytest.raises(ForgeError, match="No Forgejo answers at") as told:
        GiteaApi(ForgeKind.FORGEJO).account(TOKEN, api)
    assert told.value.next.endswith("holdfast forgejo sign-in --api https://HOST/api/v1")


def test_a_page_of_somebody_in_between_is_not_understood(httpserver: HTTPServer, api: str) -> None:
    httpserver.expect_request(KEYS).respond_with_data("<html>Log in</html>")
    with pytest.raises(ForgeUnreachable, match="cannot be reached") as told:
        GITEA.remove_key(TOKEN, api, "team/sales", KEY)
    assert "not understood" in told.value.why


def test_a_token_is_carried_to_no_other_address(httpserver: HTTPServer, api: str) -> None:
    elsewhere = {"Location": f"http://localhost:{httpserver.port}/elsewhere"}
    httpserver.expect_request(KEYS).respond_with_data("", 307, elsewhere)
    with pytest.raises(ForgeError, match="another address") as told:
        GITEA.install_key(TOKEN, api, "team/sales", "Holdfast", KEY)
    assert "renamed" in told.value.why
    assert [request.path for request, _ in httpserver.log] == [KEYS]


def test_a_netrc_of_the_users_does_not_take_its_place(
    httpserver: HTTPServer, api: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login eve password other\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    answer_owner(httpserver)
    assert GITEA.account(TOKEN, api).login == "ada"
    assert httpserver.log[0][0].headers["Authorization"].startswith("token ")


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    shown = tmp_path / "server.pem"
    make_certificate(shown, "127.0.0.1")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(shown)
    with HTTPServer("127.0.0.1", 0, ssl_context=context) as server:
        answer_owner(server)
        api = f"https://127.0.0.1:{server.port}/api/v1"
        with pytest.raises(ForgeUnreachable, match="cannot be reached") as told:
            GITEA.account(TOKEN, api)
        assert "certificate" in told.value.why and "CA of your own" in told.value.next
        assert server.log == []
        trusting = GiteaApi(ForgeKind.GITEA, shown)
        assert trusting.account(TOKEN, api).login == "ada"


def test_one_that_is_not_there_is_told() -> None:
    [port] = free_ports(1)
    with pytest.raises(ForgeUnreachable, match="cannot be reached"):
        GITEA.account(TOKEN, f"http://127.0.0.1:{port}/api/v1")
    with pytest.raises(NotSignedIn, match="This is no token"):
        GITEA.account(Secret("ä".encode()), "http://127.0.0.1:9/api/v1")
