"""What is kept of repositories: per workstation, with a recovery kit, and between apps."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from key_world import KeyWorld
from memory_keychain import KeychainFault, MemoryKeychain

from holdfast.domain.connection import Connection, Contact, CredentialKind, CredentialNeeded
from holdfast.domain.errors import KeychainLocked
from holdfast.domain.host_keys import HostKey
from holdfast.domain.names import AppName
from holdfast.domain.node import Item
from holdfast.domain.repository import parse_repository
from holdfast.domain.secret import Secret
from holdfast.node.connections import Connections
from holdfast.node.recovery_kit import create_kit, open_kit
from holdfast.node.repository_access import access_files, check_reachable

SSH = parse_repository("git@git.example:team/sales.git")
HTTPS = parse_repository("https://git.example/team/sales")
SALES, MAPS = AppName("sales"), AppName("maps")
PIN = HostKey("ssh-ed25519", "AAAAC3NzaC1lZDI1NTE5AAAAIIVIC02vnjFyL")
KEY = Connection(
    address=SSH.url,
    credential=CredentialKind.DEPLOY_KEY,
    secret=Secret(b"a private key"),
    secret_before=Secret(b"the key before"),
    public_key="ssh-ed25519 AAAA holdfast",
    host_keys=(PIN,),
)
TOKEN = Connection(
    address=HTTPS.url,
    credential=CredentialKind.TOKEN,
    secret=Secret(b"to/ken@1"),
    user="ada",
    certificates="-----BEGIN CERTIFICATE-----\n",
)


@pytest.fixture
def world(tmp_path: Path) -> KeyWorld:
    return KeyWorld(tmp_path)


@pytest.fixture
def kept(world: KeyWorld) -> Connections:
    made = Connections(world.workstation())
    made.keep(KEY)
    made.keep(TOKEN)
    return made


def test_it_is_found_with_and_without_git_at_its_end(kept: Connections) -> None:
    assert kept.all() == [KEY, TOKEN]
    assert kept.reach(parse_repository("git@git.example:team/sales")).connection == KEY
    assert kept.reach(parse_repository(HTTPS.url + ".git")).connection == TOKEN
    assert kept.reach(parse_repository("/srv/sales")).connection is None
    assert "private key" not in repr(kept.all())


def test_a_host_is_held_to_its_keys_for_all_of_its_repositories(kept: Connections) -> None:
    other = parse_repository("git@git.example:team/other.git")
    assert kept.reach(other).host_keys == (PIN,)
    assert kept.reach(parse_repository("ssh://git@git.example:2222/x")).host_keys == ()
    assert len(kept.reach(parse_repository("git@github.com:o/r.git")).host_keys) == 3
    changed = replace(PIN, key="AAAA")
    kept.keep(replace(KEY, address=other.url, host_keys=(PIN,)))
    kept.pin(SSH, (changed,))
    assert kept.reach(other).host_keys == kept.reach(SSH).host_keys == (changed,)
    assert kept.reach(HTTPS).connection == TOKEN


def test_a_ca_counts_for_its_host_and_a_token_for_its_repository(kept: Connections) -> None:
    other = parse_repository("https://git.example/team/other")
    assert kept.reach(other).certificates == TOKEN.certificates
    assert kept.reach(other).connection is None
    assert kept.reach(other, within=HTTPS).connection == TOKEN
    for elsewhere in ("https://git.example:8443/team/other", "https://example/team/other"):
        found = kept.reach(parse_repository(elsewhere), within=HTTPS)
        assert (found.connection, found.certificates) == (None, "")


def test_cas_of_one_host_are_kept_apart(kept: Connections) -> None:
    """As an earlier release kept them, without a line's end."""
    other = parse_repository("https://git.example/team/other")
    ends = "-----END CERTIFICATE-----"
    kept.keep(replace(TOKEN, certificates=ends))
    kept.keep(replace(TOKEN, address=other.url, certificates=f"A\n{ends}"))
    assert kept.reach(other).certificates == f"{ends}\nA\n{ends}\n"


def test_a_submodule_opens_nothing_that_other_apps_are_deployed_from(kept: Connections) -> None:
    stranger = parse_repository("https://elsewhere.example/x")
    assert kept.reach(SSH, stranger, SALES).connection == KEY
    kept.assign(MAPS, SSH)
    found = kept.reach(SSH, stranger, SALES)
    assert (found.connection, found.host_keys) == (None, (PIN,))
    with pytest.raises(CredentialNeeded, match="connected for maps alone"):
        check_reachable(SSH, found)
    for within, app in ((stranger, MAPS), (SSH, SALES), (None, None)):
        opened = kept.reach(SSH, within, app).connection
        assert opened is not None and opened.secret == KEY.secret


def test_a_submodule_on_the_same_host_is_opened_by_its_parents_token(kept: Connections) -> None:
    other = parse_repository("https://git.example/team/other")
    kept.keep(replace(TOKEN, address=other.url, secret=Secret(b"of maps"), apps=(MAPS,)))
    assert kept.reach(other, HTTPS, SALES).connection == TOKEN


def test_what_a_container_is_given_is_for_one_repository_alone(kept: Connections) -> None:
    def files(address: str) -> dict[str, bytes]:
        place = parse_repository(address)
        given = access_files(place, kept.reach(place))
        assert {file.mode for file in given} == {0o600}
        return {file.path.removeprefix("access/"): file.content for file in given}

    known = {"known_hosts": b"git.example ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIVIC02vnjFyL\n"}
    assert files(SSH.url) == {
        **known,
        "key": b"a private key",
        "key-before": b"the key before",
        "credentials": b"",
        "bearer": b"",
        "helpers": b"",
        "certificates.pem": b"",
        "relayed": b"",
    }
    token = files(HTTPS.url)
    assert token["credentials"] == b"https://ada:to%2Fken%401@git.example\n"
    assert token["certificates.pem"] == TOKEN.certificates.encode()
    assert token["helpers"] == token["bearer"] == b""
    assert set(files("https://elsewhere.example/x").values()) == {b""}
    by_agent = replace(KEY, credential=CredentialKind.SSH_AGENT, secret=None, secret_before=None)
    kept.keep(by_agent)
    assert kept.reach(SSH).connection == by_agent
    assert files(SSH.url) == {**dict.fromkeys(token, b""), **known, "relayed": b"yes"}


def test_a_bearer_token_is_for_its_host_alone(kept: Connections) -> None:
    address = parse_repository("https://git.example:8443/team/books")
    kept.keep(
        Connection(
            address=address.url, credential=CredentialKind.BEARER_TOKEN, secret=Secret(b"t0/ken==")
        )
    )
    given = {each.path: each.content for each in access_files(address, kept.reach(address))}
    assert given["access/credentials"] == b""
    assert given["access/bearer"].endswith(b"\nauthtype=Bearer\ncredential=t0/ken==\n")
    helpers = given["access/helpers"].decode()
    assert helpers.splitlines()[0] == '[credential "https://git.example:8443"]'
    assert "t0/ken" not in helpers


def test_it_goes_with_the_last_app_that_uses_it(kept: Connections) -> None:
    kept.assign(SALES, SSH)
    kept.assign(MAPS, SSH)
    gone = Item("repository credential", SSH.url)
    assert kept.items(SALES) == []
    assert kept.release(SALES) == []
    assert kept.items(MAPS) == [gone]
    assert kept.release(MAPS) == [gone]
    assert kept.all() == [TOKEN]


def test_an_app_that_moves_leaves_what_it_used(kept: Connections) -> None:
    kept.assign(SALES, SSH)
    kept.assign(SALES, HTTPS)
    assert [(each.address, each.apps) for each in kept.all()] == [(HTTPS.url, (SALES,))]


def test_the_last_contact_goes_with_it(world: KeyWorld) -> None:
    keychain = MemoryKeychain()
    kept = Connections(world.workstation(keychain))
    kept.note_contact(SSH, Contact(datetime.now(UTC)))
    assert keychain.names("holdfast:workshop") == []
    kept.keep(KEY)
    told = Contact(datetime(2026, 3, 1, tzinfo=UTC), "It does not answer.")
    kept.note_contact(SSH, told)
    assert kept.show(SSH).contact == told
    kept.forget(SSH.url)
    assert keychain.names("holdfast:workshop") == []


def test_with_a_recovery_kit_all_admins_have_it_until_one_forgets_it(world: KeyWorld) -> None:
    ada, bo = world.workstation(), world.workstation()
    Connections(ada).keep(KEY)
    kit = create_kit(ada, "Ada", [], another=False)
    open_kit(bo, kit, "Bo", [])
    assert Connections(bo).all() == [KEY]
    Connections(bo).keep(TOKEN)
    assert Connections(ada).all() == [KEY, TOKEN]
    Connections(ada).forget(SSH.url)
    bo.catch_up(lambda: [])
    assert Connections(bo).all() == [TOKEN]
    assert len(bo.kept_items("repository/")) == 1


def test_a_locked_keychain_is_told(world: KeyWorld) -> None:
    kept = Connections(world.workstation(MemoryKeychain([KeychainFault.LOCKED])))
    with pytest.raises(KeychainLocked):
        kept.reach(SSH)
