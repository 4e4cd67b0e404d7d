"""What is asked of Bitbucket, as the description that Atlassian publishes of its API has it: a
server that is made of that refuses any path, parameter or credential that it does not know."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests
from described_api import described_api

from holdfast.adapters.bitbucket_api import BitbucketApi
from holdfast.domain.secret import Secret

pytestmark = pytest.mark.forge

TOKEN = Secret(b"ada@example.org:ATATT3xFfGF0")


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with described_api("bitbucket.json", tmp_path_factory.mktemp("prism") / "log") as made:
        yield made


def test_what_is_not_described_is_refused(api: str) -> None:
    own = ("ada@example.org", "ATATT3xFfGF0")
    assert requests.get(f"{api}/workspaces", auth=own, timeout=30).status_code == 404
    chief = requests.get(f"{api}/repositories/team?role=chief", auth=own, timeout=30)
    assert chief.status_code == 422
    assert requests.get(f"{api}/user", timeout=30).status_code == 401


def test_an_account_and_its_workspaces(api: str) -> None:
    found = BitbucketApi().account(TOKEN, api)
    assert (found.login, found.organisations, found.scopes) == ("string", ("string",), None)


def test_repositories_are_searched(api: str) -> None:
    # what the description gives as an example of a name is in no workspace
    [found] = BitbucketApi().search(TOKEN, api, "string", "").repositories
    assert (found.name, found.private) == ("string", True)
    assert BitbucketApi().search(TOKEN, api, "", "team").repositories == ()


def test_a_deploy_key_is_installed_and_looked_for(api: str) -> None:
    bitbucket = BitbucketApi()
    bitbucket.install_key(TOKEN, api, "team/sales", "Holdfast", "ssh-ed25519 AAAA holdfast")
    assert not bitbucket.remove_key(TOKEN, api, "team/sales", "ssh-ed25519 AAAA holdfast")
    # its examples of keys have no number, by which a key is removed
    path = f"{api}/repositories/team/sales/deploy-keys/7"
    own = ("ada@example.org", "ATATT3xFfGF0")
    assert requests.delete(path, auth=own, timeout=30).status_code == 204
