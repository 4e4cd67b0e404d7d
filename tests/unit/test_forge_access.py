"""What a workstation keeps of its sign-ins at forges, and what it does with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from traceback import format_exception
from typing import Any

import pytest
from gitea_forge import answer_keys, answer_owner
from github_forge import answer_user
from gitlab_forge import answer_account
from key_world import KeyWorld
from pytest_httpserver import HTTPServer

from holdfast.adapters.bitbucket_api import BitbucketApi
from holdfast.adapters.gitea_api import GiteaApi
from holdfast.adapters.github_api import GitHubApi
from holdfast.adapters.gitlab_api import GitLabApi
from holdfast.domain.connection import Connection, CredentialKind
from holdfast.domain.forge_account import Account, ForgeKind, NotSignedIn, SignIn
from holdfast.domain.repository import parse_repository
from holdfast.domain.secret import Secret
from holdfast.node.deploy_keys import new_key_pair
from holdfast.node.forge_access import ForgeAccess
from holdfast.node.keys import NodeKeys
from holdfast.ports import Forge

TOKEN = Secret(b"ghp_0123456789abcdefghijklmnopqrstuvwxyz")
INSTALLED = Connection(
    address="git@github.com:team/sales.git",
    credential=CredentialKind.DEPLOY_KEY,
    public_key="ssh-ed25519 A holdfast",
    installed="https://api.github.com",
)


@pytest.fixture
def keys(tmp_path: Any) -> NodeKeys:
    return KeyWorld(tmp_path).workstation()


@pytest.fixture
def access(keys: NodeKeys) -> ForgeAccess:
    others: dict[ForgeKind, Callable[[], Forge]] = {
        ForgeKind.GITLAB: GitLabApi,
        ForgeKind.GITEA: lambda: GiteaApi(ForgeKind.GITEA),
        ForgeKind.FORGEJO: lambda: GiteaApi(ForgeKind.FORGEJO),
        ForgeKind.BITBUCKET: BitbucketApi,
    }
    return ForgeAccess(keys, GitHubApi, others)


class TestGitHub:
    KEYS = "/repos/team/sales/keys"

    @pytest.fixture
    def api(self, httpserver: HTTPServer) -> str:
        return f"http://127.0.0.1:{httpserver.port}"

    def signed_in(self, access: ForgeAccess, httpserver: HTTPServer, api: str) -> None:
        answer_user(httpserver)
        access.sign_in(TOKEN, SignIn(api=api))

    def test_a_token_that_is_refused_is_not_kept(
        self, access: ForgeAccess, httpserver: HTTPServer, api: str
    ) -> None:
        httpserver.expect_request("/user").respond_with_json({"message": "Bad credentials"}, 401)
        with pytest.raises(NotSignedIn):
            access.sign_in(TOKEN, SignIn(api=api))
        assert not access.sign_out()

    def test_signing_out_forgets_it(
        self, access: ForgeAccess, httpserver: HTTPServer, api: str
    ) -> None:
        self.signed_in(access, httpserver, api)
        assert access.account().login == "ada"
        assert (access.sign_out(), access.sign_out()) == (True, False)
        with pytest.raises(NotSignedIn, match="not signed in"):
            access.search("", "")

    def test_keys_are_installed_where_the_token_is_of(
        self, access: ForgeAccess, httpserver: HTTPServer, api: str
    ) -> None:
        self.signed_in(access, httpserver, api)
        with pytest.raises(NotSignedIn, match=r"and not to github\.com"):
            access.install(parse_repository("git@github.com:team/sales.git"), "ssh-ed25519 A")
        here = access.ssh_address(parse_repository("https://127.0.0.1/team/sales"))
        assert here.url == "git@127.0.0.1:team/sales.git"
        page = httpserver.expect_request(self.KEYS, method="POST")
        page.respond_with_json({"id": 1}, 201)
        assert access.install(here, "ssh-ed25519 A holdfast") == api
        assert httpserver.log[-1][0].json == {
            "title": "Holdfast, for team/sales",
            "key": "ssh-ed25519 A holdfast",
            "read_only": True,
        }

    def test_both_keys_of_a_rotation_are_taken_back(
        self, access: ForgeAccess, httpserver: HTTPServer, api: str
    ) -> None:
        self.signed_in(access, httpserver, api)
        now, before = new_key_pair("now"), new_key_pair("before")
        there = [now.public, before.public, "ssh-ed25519 AAAA-somebody-elses"]
        told = [
            {"id": number, "key": key.rpartition(" ")[0], "url": f"{api}{self.KEYS}/{number}"}
            for number, key in enumerate(there)
        ]
        httpserver.expect_request(self.KEYS).respond_with_json(told)
        for number in (0, 1):
            page = httpserver.expect_request(f"{self.KEYS}/{number}", method="DELETE")
            page.respond_with_data("", 204)
        connection = Connection(
            address="git@127.0.0.1:team/sales.git",
            credential=CredentialKind.DEPLOY_KEY,
            secret=now.private,
            secret_before=before.private,
            public_key=now.public,
            installed=api,
        )
        assert access.take_back([connection]) == ()
        deleted = [request.path for request, _ in httpserver.log if request.method == "DELETE"]
        assert deleted == [f"{self.KEYS}/0", f"{self.KEYS}/1"]

    def test_what_cannot_be_taken_back_is_told(self, access: ForgeAccess) -> None:
        [told] = access.take_back([INSTALLED])
        assert "https://github.com/team/sales/settings/keys" in told
        assert "not signed in" in told
        assert access.take_back([replace(INSTALLED, installed="")]) == ()

    @pytest.mark.parametrize(
        "item",
        [
            b'{"token": "ghp_damaged"',
            b'{"token": "ghp_damaged"}',
            b'{"token": "ghp_damaged", "api": "https://["}',
            b'["ghp_damaged"]',
            b"ghp_damaged\xff",
        ],
    )
    def test_an_item_that_is_damaged_is_no_sign_in_and_shows_nothing(
        self, access: ForgeAccess, keys: NodeKeys, item: bytes
    ) -> None:
        keys.note("github/token", Secret(item))
        with pytest.raises(NotSignedIn, match="damaged") as told:
            access.account()
        assert (told.value.__cause__, told.value.__context__) == (None, None)
        assert "ghp_damaged" not in "".join(format_exception(told.value))
        assert "github.com/team/sales" in access.take_back([INSTALLED])[0]
        assert access.sign_out()

    def test_a_key_that_cannot_be_read_is_told(
        self, access: ForgeAccess, httpserver: HTTPServer, api: str
    ) -> None:
        self.signed_in(access, httpserver, api)
        here = replace(INSTALLED, address="git@127.0.0.1:team/sales.git")
        [told] = access.take_back([replace(here, secret_before=Secret(b"damaged"))])
        assert "https://127.0.0.1/team/sales/settings/keys" in told

    def test_an_api_that_has_moved_is_told(
        self, access: ForgeAccess, httpserver: HTTPServer, api: str
    ) -> None:
        self.signed_in(access, httpserver, api)
        elsewhere = {"Location": "http://localhost:9/"}
        httpserver.expect_request(self.KEYS).respond_with_data("", 301, elsewhere)
        [told] = access.take_back([replace(INSTALLED, address="git@127.0.0.1:team/sales.git")])
        assert "yourself" in told


class TestGitLab:
    NAME = "team/tools/sales"
    KEYS = f"/api/v4/projects/{NAME}/deploy_keys"
    HERE = f"git@127.0.0.1:{NAME}.git"

    @pytest.fixture
    def api(self, httpserver: HTTPServer) -> str:
        return f"http://127.0.0.1:{httpserver.port}/api/v4"

    def signed_in(self, access: ForgeAccess, httpserver: HTTPServer, api: str) -> Account:
        answer_account(httpserver)
        return access.sign_in(TOKEN, SignIn(api=api, forge=ForgeKind.GITLAB))

    def test_each_forge_has_a_sign_in_of_its_own(
        self, access: ForgeAccess, httpserver: HTTPServer, api: str
    ) -> None:
        self.signed_in(access, httpserver, api)
        assert access.account(ForgeKind.GITLAB).login == "ada"
        with pytest.raises(NotSignedIn, match="not signed in to GitHub"):
            access.account()
        assert access.sign_out() is False
        assert access.sign_out(ForgeKind.GITLAB) is True
        with pytest.raises(NotSignedIn, match="not signed in to GitLab") as told:
            access.ssh_address(parse_repository("https://gitlab.com/team/sales"))
        assert told.value.next == "Sign in: holdfast gitlab sign-in"

    def test_a_key_goes_to_the_forge_of_its_repository_and_back(
        self, access: ForgeAccess, httpserver: HTTPServer, api: str
    ) -> None:
        self.signed_in(access, httpserver, api)
        here, pair = parse_repository(self.HERE), new_key_pair("now")
        httpserver.expect_request(self.KEYS, method="POST").respond_with_json({"id": 1}, 201)
        assert access.install(here, pair.public) == api
        told = [{"id": 1, "key": pair.public}]
        httpserver.expect_request(self.KEYS, method="GET").respond_with_json(told)
        httpserver.expect_request(f"{self.KEYS}/1", method="DELETE").respond_with_data("", 204)
        kept = Connection(
            address=self.HERE,
            credential=CredentialKind.DEPLOY_KEY,
            secret=pair.private,
            public_key=pair.public,
            installed=api,
        )
        assert access.take_back([kept]) == ()
        assert httpserver.log[-1][0].method == "DELETE"
        # elsewhere nobody is signed in
        [by_hand] = access.take_back(
            [replace(kept, address=self.HERE.replace("127.0.0.1", "a.lan"))]
        )
        assert f"https://a.lan/{self.NAME}/-/settings/repository" in by_hand
        assert "signed in to 127.0.0.1, and not to a.lan" in by_hand


class TestGitea:
    KEYS = "/api/v1/repos/team/sales/keys"
    HERE = "ssh://git@127.0.0.1:2222/team/sales.git"

    @pytest.fixture
    def api(self, httpserver: HTTPServer) -> str:
        return f"http://127.0.0.1:{httpserver.port}/api/v1"

    def test_a_key_goes_to_the_forge_that_has_the_repository_and_back(
        self, access: ForgeAccess, httpserver: HTTPServer, api: str
    ) -> None:
        answer_owner(httpserver)
        access.sign_in(TOKEN, SignIn(api=api, forge=ForgeKind.GITEA))
        with pytest.raises(NotSignedIn, match="not signed in to Forgejo") as told:
            access.ssh_address(parse_repository("https://codeberg.org/team/sales"))
        assert told.value.next == "Sign in: holdfast forgejo sign-in"
        pair, address = new_key_pair("now"), parse_repository(self.HERE)
        assert access.ssh_address(address) == address
        httpserver.expect_request(self.KEYS, method="POST").respond_with_json({"id": 1}, 201)
        assert access.install(address, pair.public) == api
        kept = Connection(
            address=self.HERE,
            credential=CredentialKind.DEPLOY_KEY,
            secret=pair.private,
            public_key=pair.public,
            installed=api,
        )
        answer_keys(httpserver, self.KEYS, [{"id": 1, "key": pair.public}])
        httpserver.expect_request(f"{self.KEYS}/1", method="DELETE").respond_with_data("", 204)
        assert access.take_back([kept]) == ()
        assert httpserver.log[-1][0].method == "DELETE"
        access.sign_out(ForgeKind.GITEA)
        [by_hand] = access.take_back([kept])
        assert "https://127.0.0.1/team/sales/settings/keys" in by_hand

    def test_the_sign_in_at_the_host_is_used_whatever_its_kind_is_called(
        self, access: ForgeAccess, keys: NodeKeys
    ) -> None:
        item = b'{"token": "x", "api": "https://codeberg.org/api/v1"}'
        keys.note("gitea/token", Secret(item))
        # a damaged one of another forge does not stand in the way
        keys.note("github/token", Secret(b"damaged"))
        there = access.ssh_address(parse_repository("https://codeberg.org/team/sales"))
        assert there.url == "git@codeberg.org:team/sales.git"
        with pytest.raises(NotSignedIn, match=r"signed in to codeberg\.org, and not to git\.lan"):
            access.ssh_address(parse_repository("https://git.lan/team/sales"))
