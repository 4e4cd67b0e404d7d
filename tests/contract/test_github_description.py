"""What is asked of GitHub, as GitHub's own published description of its API has it: a server that
is made of that refuses any path, parameter or body that it does not know."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests
from described_api import described_api

from holdfast.adapters.github_api import GitHubApi
from holdfast.domain.secret import Secret

pytestmark = pytest.mark.forge

TOKEN = Secret(b"ghp_0123456789abcdefghijklmnopqrstuvwxyz")


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with described_api("github.json", tmp_path_factory.mktemp("prism") / "log") as made:
        yield made


def test_what_is_not_described_is_refused(api: str) -> None:
    assert requests.get(f"{api}/users/ada/repos", timeout=30).status_code == 404
    assert requests.get(f"{api}/user/repos?sort=size", timeout=30).status_code == 422
    body = {"title": "without a key"}
    refused = requests.post(f"{api}/repos/team/sales/keys", json=body, timeout=30)
    assert refused.status_code == 422


def test_an_account_and_its_organisations(api: str) -> None:
    found = GitHubApi().account(TOKEN, api)
    assert (found.login, found.organisations) == ("octocat", ("github",))


def test_repositories_are_searched(api: str) -> None:
    [found] = GitHubApi().search(TOKEN, api, "hello octocat", "octocat").repositories
    assert (found.name, found.private) == ("octocat/Hello-World", False)
    assert found.address == "https://github.com/octocat/Hello-World.git"
    assert GitHubApi().search(TOKEN, api, "goodbye", "").repositories == ()
    assert GitHubApi().search(TOKEN, api, "hello", "team").repositories == ()


def test_a_deploy_key_is_installed_and_removed(api: str) -> None:
    github = GitHubApi()
    github.install_key(TOKEN, api, "team/sales", "Holdfast", "ssh-ed25519 AAAA holdfast")
    assert github.remove_key(TOKEN, api, "team/sales", "ssh-rsa AAA... holdfast")
    assert not github.remove_key(TOKEN, api, "team/sales", "ssh-ed25519 another")
