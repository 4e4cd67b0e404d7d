"""What is kept of a repository when another key takes the place of one: whose it is stays known."""

from __future__ import annotations

from dataclasses import replace

import pytest
from memory_agent import MemoryAgent

from holdfast.domain.connection import Connection, ConnectionRequest, CredentialKind
from holdfast.domain.errors import UsageError
from holdfast.domain.repository import parse_repository
from holdfast.domain.secret import Secret
from holdfast.node.deploy_keys import new_key_pair
from holdfast.operations.connect_repository import credential

ADDRESS = parse_repository("git@github.com:team/sales.git")
OURS, THEIRS = new_key_pair("ours"), new_key_pair("theirs")
INSTALLED = Connection(
    address=ADDRESS.url,
    credential=CredentialKind.DEPLOY_KEY,
    secret=OURS.private,
    public_key=OURS.public,
    installed="https://api.github.com",
)
IMPORTED = replace(
    INSTALLED,
    credential=CredentialKind.IMPORTED_KEY,
    secret=THEIRS.private,
    public_key=THEIRS.public,
    installed="",
)
NONE = MemoryAgent()
INSTALL = ConnectionRequest(address=ADDRESS.url, install=True)


def test_a_key_of_ones_own_is_none_that_holdfast_installed() -> None:
    own = ConnectionRequest(address=ADDRESS.url, key=THEIRS.private)
    made = credential(ADDRESS, own, INSTALLED, NONE)
    assert (made.credential, made.installed) == (CredentialKind.IMPORTED_KEY, "")


@pytest.mark.parametrize(
    "kept",
    [
        IMPORTED,
        # its key was replaced, and nobody has seen yet that the new one opens the repository
        replace(INSTALLED, installed="", secret_before=THEIRS.private),
    ],
)
def test_a_key_of_ones_own_is_not_installed(kept: Connection) -> None:
    with pytest.raises(UsageError, match=r"repository remove git@github\.com:team/sales\.git"):
        credential(ADDRESS, INSTALL, kept, NONE)
    assert credential(ADDRESS, replace(INSTALL, install=False), kept, NONE) == kept


def test_a_deploy_key_of_ours_is_installed_as_it_is() -> None:
    by_hand = replace(INSTALLED, installed="")
    rotating = replace(INSTALLED, secret_before=new_key_pair("before").private)
    for kept in (by_hand, INSTALLED, rotating):
        assert credential(ADDRESS, INSTALL, kept, NONE) == kept


@pytest.mark.parametrize("token", [b"two words", b"t0ken\n", b"", "t\u00f6ken".encode()])
def test_what_fits_no_header_is_no_bearer_token(token: bytes) -> None:
    address = parse_repository("https://git.example/team/sales")
    wanted = ConnectionRequest(address=address.url, token=Secret(token), bearer=True)
    with pytest.raises(UsageError, match="no bearer token") as told:
        credential(address, wanted, None, NONE)
    assert "ken" not in f"{told.value}{told.value.next}".replace("token", "")
    made = credential(address, replace(wanted, token=Secret(b"t0-ken_~+/==")), None, NONE)
    assert (made.credential, made.user) == (CredentialKind.BEARER_TOKEN, "")


def test_where_nothing_is_kept_a_new_one_is_made() -> None:
    known = Connection(address=ADDRESS.url, credential=CredentialKind.NONE)
    for before in (None, known):
        assert credential(ADDRESS, INSTALL, before, NONE).credential is CredentialKind.DEPLOY_KEY
