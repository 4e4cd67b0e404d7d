"""Addresses with a credential in them are split, and the credential is never repeated."""

from __future__ import annotations

import pytest

from holdfast.domain.forges import deploy_keys_page, ssh_address, token_user
from holdfast.domain.pasted_credential import split_credential
from holdfast.domain.repository import parse_repository
from holdfast.domain.secret import Secret

HEX = "0123456789abcdef0123456789abcdef01234567"
ADDRESS = "https://git.example/o/r.git"


@pytest.mark.parametrize(
    ("pasted", "user", "token"),
    [
        ("https://ada:hunter2@git.example/o/r.git", "ada", "hunter2"),
        ("HTTPS://ada:p%40ss@git.example/o/r.git", "ada", "p@ss"),
        ("https://ghp_1234@git.example/o/r.git", "", "ghp_1234"),
        ("https://glpat-1234:@git.example/o/r.git", "", "glpat-1234"),
        (f"https://{HEX}@git.example/o/r.git", "", HEX),
        ("https://ada@corp.example:hunter2@git.example/o/r.git", "ada@corp.example", "hunter2"),
        ("https://ada%40corp.example:a@b@git.example/o/r.git", "ada@corp.example", "a@b"),
    ],
)
def test_a_token_is_taken_out(pasted: str, user: str, token: str) -> None:
    address, found = split_credential(pasted)
    assert parse_repository(address).url == ADDRESS
    assert found is not None
    assert (found.user, found.token.reveal().decode()) == (user, token)
    assert token not in f"{found!r}{address}"


@pytest.mark.parametrize(
    "pasted", [ADDRESS, "git@git.example:o/r.git", "/srv/r", "ssh://git:pw@git.example/r"]
)
def test_others_stay_as_they_are(pasted: str) -> None:
    assert split_credential(pasted) == (pasted, None)


@pytest.mark.parametrize(
    "name", ["ada", "ada.lovelace-of-the-engine", "ada@corp.example", "0123456789abcdef0123"]
)
def test_a_users_name_alone_is_no_credential(name: str) -> None:
    address, found = split_credential(f"https://{name}@git.example/o/r.git")
    assert (parse_repository(address).url, found) == (ADDRESS, None)


def test_a_sign_in_the_path_belongs_to_no_user() -> None:
    pasted = "https://git.example/o/r@2"
    assert split_credential(pasted) == (pasted, None)


def test_the_big_forges_are_known() -> None:
    address = parse_repository("https://github.com/o/r")
    assert ssh_address(address) == "git@github.com:o/r.git"
    token = Secret(b"ghp_x")
    assert token_user(address, token) == "x-access-token"
    of_ssh = parse_repository("git@gitlab.com:a/b/c.git")
    page = "https://gitlab.com/a/b/c/-/settings/repository#js-deploy-keys-settings"
    assert deploy_keys_page(of_ssh) == page
    elsewhere = parse_repository(ADDRESS)
    assert (ssh_address(elsewhere), deploy_keys_page(elsewhere)) == (None, None)
    assert token_user(elsewhere, token) == "git"


def test_bitbucket_calls_the_owner_of_a_token_by_its_kind() -> None:
    address = parse_repository("https://bitbucket.org/team/sales")
    assert token_user(address, Secret(b"ATCTT3xFfGN0x")) == "x-token-auth"
    assert token_user(address, Secret(b"ATATT3xFfGF0x")) == "x-bitbucket-api-token-auth"
