"""GitHub's answers as they were recorded: what is told of each, and what is kept of a token."""

from __future__ import annotations

import json
import socket
from datetime import UTC, datetime
from typing import Any

import pytest
from free_ports import free_ports
from github_forge import answer_user
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from holdfast.adapters.github_api import GitHubApi
from holdfast.domain.forge_account import (
    DeviceCode,
    ForgeError,
    ForgeUnreachable,
    NotSignedIn,
    RightState,
    TokenKind,
    rights_of,
)
from holdfast.domain.secret import Secret

TOKEN = Secret(b"ghp_0123456789abcdefghijklmnopqrstuvwxyz")
KEYS = "/repos/team/sales/keys"


@pytest.fixture
def api(httpserver: HTTPServer) -> str:
    return f"http://127.0.0.1:{httpserver.port}"


def refuse(httpserver: HTTPServer, status: int, message: str, **headers: str) -> None:
    told = {"message": message, "documentation_url": "https://docs.github.com/rest"}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    httpserver.expect_request("/user").respond_with_json(told, status, named)


class TestAccount:
    def test_of_a_classic_token_tells_scopes_and_end(
        self, httpserver: HTTPServer, api: str
    ) -> None:
        told = {
            "X-OAuth-Scopes": "repo, read:org, delete_repo",
            "github-authentication-token-expiration": "2027-01-31 09:00:00 UTC",
        }
        answer_user(httpserver, **told)
        found = GitHubApi().account(TOKEN, api)
        assert (found.login, found.kind, found.organisations) == (
            "ada",
            TokenKind.CLASSIC,
            ("team",),
        )
        assert found.expires == datetime(2027, 1, 31, 9, tzinfo=UTC)
        assert [(right.name, right.state) for right in found.rights] == [
            ("repo", RightState.HAS),
            ("read:org", RightState.HAS),
            ("delete_repo", RightState.SPARE),
        ]
        sent = httpserver.log[0][0].headers["Authorization"]
        assert sent == f"token {TOKEN.reveal().decode()}"

    def test_of_a_classic_token_may_be_unable_to_see_organisations(
        self, httpserver: HTTPServer, api: str
    ) -> None:
        answer_user(httpserver, **{"X-OAuth-Scopes": "repo"})
        found = GitHubApi().account(TOKEN, api)
        assert (found.login, found.organisations) == ("ada", ())
        assert [(right.name, right.state, right.needed) for right in found.rights] == [
            ("repo", RightState.HAS, True),
            ("read:org", RightState.LACKS, False),
        ]

    def test_whose_organisations_the_limit_hides_is_told_so(
        self, httpserver: HTTPServer, api: str
    ) -> None:
        httpserver.expect_request("/user").respond_with_json({"login": "ada"})
        limit = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1798707600"}
        message = {"message": "API rate limit exceeded for user ID 1."}
        httpserver.expect_request("/user/orgs").respond_with_json(message, 403, limit)
        with pytest.raises(ForgeError) as told:
            GitHubApi().account(TOKEN, api)
        assert told.value.next == "Try again after 09:00 UTC."

    def test_of_a_fine_grained_token_tells_that_nothing_is_told(
        self, httpserver: HTTPServer, api: str
    ) -> None:
        answer_user(httpserver)
        found = GitHubApi().account(Secret(b"github_pat_11AAAA"), api)
        assert (found.kind, found.expires) == (TokenKind.FINE_GRAINED, None)
        assert {right.state for right in found.rights} == {RightState.UNTOLD}

    def test_without_any_scope_lacks_all(self, httpserver: HTTPServer, api: str) -> None:
        answer_user(httpserver, **{"X-OAuth-Scopes": ""})
        found = GitHubApi().account(TOKEN, api)
        assert {right.state for right in found.rights} == {RightState.LACKS}

    def test_a_wider_scope_contains_a_smaller_one(self) -> None:
        states = {right.name: right.state for right in rights_of(("repo", "admin:org", "gist"))}
        assert states["read:org"] is RightState.HAS
        assert states["gist"] is RightState.SPARE
        assert states["admin:org"] is RightState.SPARE


class TestRefusals:
    def account(self, api: str) -> ForgeError:
        with pytest.raises(ForgeError) as told:
            GitHubApi().account(TOKEN, api)
        assert told.value.next
        assert TOKEN.reveal().decode() not in f"{told.value}{told.value.__cause__}"
        return told.value

    def test_expired(self, httpserver: HTTPServer, api: str) -> None:
        refuse(httpserver, 401, "Bad credentials")
        error = self.account(api)
        assert isinstance(error, NotSignedIn)
        assert "expired" in error.why

    def test_the_limit_says_until_when(self, httpserver: HTTPServer, api: str) -> None:
        limit = {"X_RateLimit_Remaining": "0", "X_RateLimit_Reset": "1798707600"}
        refuse(httpserver, 403, "API rate limit exceeded for user ID 1.", **limit)
        assert self.account(api).next == "Try again after 09:00 UTC."
        assert len(httpserver.log) == 1

    def test_the_second_limit_says_how_long(self, httpserver: HTTPServer, api: str) -> None:
        message = "You have exceeded a secondary rate limit. Please wait a few minutes."
        refuse(httpserver, 403, message, Retry_After="60")
        assert self.account(api).next == "Try again in 60 seconds."

    def test_single_sign_on_names_the_page(self, httpserver: HTTPServer, api: str) -> None:
        page = "https://github.com/orgs/team/sso?authorization_request=AZSCKtL4U8yX1H3sCQIVnVgmjmon5fWxks5YrqhJgah0b2tlbl9pZM4EuMz4"
        message = "Resource protected by organization SAML enforcement."
        refuse(httpserver, 403, message, X_GitHub_SSO=f"required; url={page}")
        assert page in self.account(api).next

    def test_a_right_that_is_missing_is_named(self, httpserver: HTTPServer, api: str) -> None:
        message = "Resource not accessible by personal access token"
        needs = "administration=write"
        refuse(httpserver, 403, message, X_Accepted_GitHub_Permissions=needs)
        assert "administration: write" in self.account(api).why

    def test_not_found(self, httpserver: HTTPServer, api: str) -> None:
        httpserver.expect_request(KEYS).respond_with_json({"message": "Not Found"}, 404)
        with pytest.raises(ForgeError, match="does not have that, or does not show it"):
            GitHubApi().install_key(TOKEN, api, "team/sales", "title", "ssh-ed25519 AAAA")

    @pytest.mark.parametrize("status", [500, 502, 503])
    def test_a_fault_of_githubs_is_not_asked_again(
        self, httpserver: HTTPServer, api: str, status: int
    ) -> None:
        refuse(httpserver, status, "Server Error")
        assert isinstance(self.account(api), ForgeUnreachable)
        assert len(httpserver.log) == 1

    def test_no_network(self) -> None:
        [port] = free_ports(1)
        assert isinstance(self.account(f"http://127.0.0.1:{port}"), ForgeUnreachable)

    def test_a_page_of_somebody_in_between(self, httpserver: HTTPServer, api: str) -> None:
        httpserver.expect_request("/user").respond_with_data("<html>Sign in to the hotel</html>")
        error = self.account(api)
        assert isinstance(error, ForgeUnreachable)
        assert "not understood" in error.why

    def test_a_redirect_to_another_host_is_not_followed(
        self, httpserver: HTTPServer, api: str
    ) -> None:
        elsewhere = {"Location": f"http://localhost:{httpserver.port}/elsewhere"}
        httpserver.expect_request("/user").respond_with_data("", 301, elsewhere)
        assert isinstance(self.account(api), ForgeUnreachable)
        assert len(httpserver.log) == 1

    def test_a_connection_that_breaks_off(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            port = listening.getsockname()[1]
            listening.shutdown(socket.SHUT_RDWR)
            assert isinstance(self.account(f"http://127.0.0.1:{port}"), ForgeUnreachable)

    def test_what_is_no_token_is_not_sent(self, httpserver: HTTPServer, api: str) -> None:
        with pytest.raises(NotSignedIn, match="no token"):
            GitHubApi().account(Secret("gëheim".encode()), api)
        assert httpserver.log == []


def listed(name: str, **more: Any) -> dict[str, Any]:
    address = f"https://github.com/{name}.git"
    told = {"full_name": name, "clone_url": address, "private": False, "pushed_at": None}
    return {**told, "description": None, **more}


class TestSearch:
    def test_follows_pages_and_filters_by_words_and_organisation(
        self, httpserver: HTTPServer, api: str
    ) -> None:
        first = [listed("team/sales", private=True, description="Board of SALES"), listed("ada/x")]
        again = {"Link": f'<{api}/user/repos?page=2>; rel="next"'}
        later = [listed("other/sales-board", pushed_at="2026-10-01T09:00:00Z")]
        second = httpserver.expect_request("/user/repos", query_string="page=2")
        second.respond_with_json(later)
        httpserver.expect_request("/user/repos").respond_with_json(first, headers=again)
        github = GitHubApi()
        found = github.search(TOKEN, api, "sales Board", "")
        assert [each.name for each in found.repositories] == ["team/sales", "other/sales-board"]
        assert (found.repositories[0].private, found.more) == (True, False)
        assert found.repositories[1].pushed == datetime(2026, 10, 1, 9, tzinfo=UTC)
        [only] = github.search(TOKEN, api, "", "TEAM").repositories
        assert only.name == "team/sales"

    def test_says_that_there_are_more(self, httpserver: HTTPServer, api: str) -> None:
        many = [listed(f"team/r{number}") for number in range(51)]
        httpserver.expect_request("/user/repos").respond_with_json(many)
        found = GitHubApi().search(TOKEN, api, "", "")
        assert (len(found.repositories), found.more) == (50, True)


class TestDeviceFlow:
    CODE = DeviceCode("WDJB-MJHT", "page", Secret(b"3584d8"), "Iv1.team", "", 5)

    def ask(self, httpserver: HTTPServer, api: str, **answer: Any) -> Secret | DeviceCode:
        asked: list[dict[str, str]] = []

        def answered(request: Request) -> Response:
            asked.append(request.form.to_dict())
            return Response(json.dumps(answer), mimetype="application/json")

        page = httpserver.expect_request("/login/oauth/access_token", method="POST")
        page.respond_with_handler(answered)
        code = DeviceCode(**{**_fields(self.CODE), "api": api})
        try:
            return GitHubApi().ask_device(code)
        finally:
            assert asked == [
                {
                    "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
                    "device_code": "3584d8",
                    "client_id": "Iv1.team",
                }
            ]

    def test_begins_with_a_code(self, httpserver: HTTPServer, api: str) -> None:
        answer = {
            "device_code": "3584d8",
            "user_code": "WDJB-MJHT",
            "verification_uri": "https://github.com/login/device",
            "expires_in": 900,
            "interval": 5,
        }
        page = httpserver.expect_request(
            "/login/device/code", method="POST", data="client_id=Iv1.team&scope=repo+read%3Aorg"
        )
        page.respond_with_json(answer)
        code = GitHubApi().begin_device_flow("Iv1.team", api)
        assert (code.user_code, code.page) == ("WDJB-MJHT", "https://github.com/login/device")
        assert (code.interval, code.lasts) == (5, 900)
        assert "3584d8" not in repr(code)

    def test_an_unknown_client_is_told(self, httpserver: HTTPServer, api: str) -> None:
        page = httpserver.expect_request("/login/device/code")
        page.respond_with_json({"error": "Not Found"}, 404)
        with pytest.raises(NotSignedIn) as told:
            GitHubApi().begin_device_flow("nobody", api)
        assert "client ID" in told.value.why

    @pytest.mark.parametrize(
        "answer",
        [
            [],
            {"device_code": "3584d8"},
            {"device_code": "3584d8", "user_code": "W", "verification_uri": "file:///etc/passwd"},
        ],
    )
    def test_what_is_no_code_is_not_understood(
        self, httpserver: HTTPServer, api: str, answer: Any
    ) -> None:
        httpserver.expect_request("/login/device/code").respond_with_json(answer)
        with pytest.raises(ForgeUnreachable) as told:
            GitHubApi().begin_device_flow("Iv1.team", api)
        assert "not understood" in told.value.why

    def test_follows_no_redirect(self, httpserver: HTTPServer, api: str) -> None:
        elsewhere = {"Location": f"{api}/elsewhere"}
        page = httpserver.expect_request("/login/oauth/access_token")
        page.respond_with_data("{}", 307, elsewhere)
        with pytest.raises(ForgeUnreachable):
            GitHubApi().ask_device(DeviceCode(**{**_fields(self.CODE), "api": api}))
        assert [request.path for request, _ in httpserver.log] == ["/login/oauth/access_token"]

    def test_waits_until_it_is_typed(self, httpserver: HTTPServer, api: str) -> None:
        code = self.ask(httpserver, api, error="authorization_pending")
        assert isinstance(code, DeviceCode)
        assert code.interval == 5

    def test_slows_down_when_it_is_told_to(self, httpserver: HTTPServer, api: str) -> None:
        code = self.ask(httpserver, api, error="slow_down", interval=10)
        assert isinstance(code, DeviceCode)
        assert code.interval == 10

    def test_ends_with_a_token(self, httpserver: HTTPServer, api: str) -> None:
        told = {"access_token": "gho_16C7e42F", "token_type": "bearer", "scope": "repo"}
        assert self.ask(httpserver, api, **told) == Secret(b"gho_16C7e42F")

    @pytest.mark.parametrize(
        ("error", "why"), [("expired_token", "in time"), ("access_denied", "refused")]
    )
    def test_ends_without_one(self, httpserver: HTTPServer, api: str, error: str, why: str) -> None:
        with pytest.raises(NotSignedIn) as told:
            self.ask(httpserver, api, error=error)
        assert why in told.value.why


def _fields(code: DeviceCode) -> dict[str, Any]:
    return {name: getattr(code, name) for name in DeviceCode.__slots__}
