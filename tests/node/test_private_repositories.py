"""Private repositories on a real engine: deploy keys against OpenSSH, tokens against Apache and
nginx."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from at_rest import search, told
from command_lines import watched_command_lines
from forge import BASIC, REST_SECONDS, TOKEN, USER, Forge, forge
from lan import SILENT
from memory_keychain import KeychainFault, MemoryKeychain
from nginx_forge import nginx_of
from waiting import wait_until
from world import World, plain_app

from holdfast.domain.connection import (
    Connection,
    ConnectionRequest,
    CredentialKind,
    CredentialNeeded,
    CredentialRefused,
    HostKeyChanged,
    HostKeyUnknown,
    Repository,
    ServerBusy,
    ServerUntrusted,
)
from holdfast.domain.errors import KeychainLocked, RepositoryError, UsageError
from holdfast.domain.host_keys import HostKey
from holdfast.domain.marks import Marks
from holdfast.domain.names import AppName
from holdfast.domain.node import Item
from holdfast.domain.operation import CancelToken, Operation, drive
from holdfast.domain.repository import parse_repository
from holdfast.domain.requests import DeployRequest
from holdfast.domain.secret import Secret
from holdfast.node.connections import Reach
from holdfast.node.deploy_keys import new_key_pair
from holdfast.node.keys import NodeKeys
from holdfast.node.looks import looking
from holdfast.operations.inspect_repository import inspect_repository

pytestmark = [pytest.mark.node, pytest.mark.timeout(600)]


SHOP = AppName("shop")


@pytest.fixture(scope="module")
def place() -> Iterator[Forge]:
    with forge() as made:
        yield made


@pytest.fixture(autouse=True)
def nothing_is_left(world: World) -> Iterator[None]:
    before = world.picture()
    yield
    assert world.picture() == before


def connect(world: World, address: str, **wanted: Any) -> Repository:
    return world.run(world.desk.connect_repository(ConnectionRequest(address=address, **wanted)))


def check(world: World, address: str) -> str:
    """What its last contact found wrong, "" where it answered."""
    contact = world.run(world.desk.check_repository(address)).contact
    assert contact is not None
    return contact.error


def secret_of(world: World, address: str) -> str:
    connection = world.node.connections.reach(parse_repository(address)).connection
    assert connection is not None and connection.secret is not None
    return connection.secret.reveal().decode()


def test_a_repository_behind_nginx_and_http_2(world: World, place: Forge) -> None:
    code = place.repository("shelf")
    code.commit(plain_app("'shelved'"))
    with nginx_of(place) as server:
        address = f"{server}/shelf"
        trusted: dict[str, Any] = {"user": USER, "certificates": place.certificates.encode()}
        with pytest.raises(CredentialRefused):
            connect(world, address, token=Secret(b"wrong"), **trusted)
        connect(world, address, token=Secret(TOKEN.encode()), **trusted)
        assert world.run(world.desk.inspect(address, None)).branches == ("main",)
        world.deploy(address, "shelf")
        assert world.visit("shelf.localhost").text == "shelved"
        code.commit(plain_app("'shelved again'"))
        world.deploy(address, "shelf")
        assert world.visit("shelf.localhost").text == "shelved again"
    world.remove("shelf")


def test_a_deploy_key_from_its_making_to_its_end(world: World, place: Forge) -> None:
    began = time.time()
    address, code = place.ssh("till"), place.repository("till")
    code.commit(plain_app("'open'"))
    place.repository("other").commit(plain_app("'other'"))
    with place.speaking_ssh() as host_key:
        with pytest.raises(CredentialNeeded) as needed:
            world.run(world.desk.inspect(address, None))
        assert f"holdfast repository add {address}" in needed.value.next
        with pytest.raises(HostKeyUnknown) as unknown:
            connect(world, address)
        assert [key.fingerprint for key in unknown.value.offered] == [host_key]
        with pytest.raises(RepositoryError, match="does not show the key that was named"):
            connect(world, address, host_key="SHA256:somebodyelses")
        assert world.run(world.desk.repositories()) == ()

        made = connect(world, address, host_key=host_key)
        assert made.credential is CredentialKind.DEPLOY_KEY
        assert (made.host_key, made.contact) == (host_key, None)
        place.add_key(made.public_key, "other")
        assert "no such repository" in check(world, address)
        place.drop_keys()
        assert "does not accept the key" in check(world, address)
        place.add_key(made.public_key, "till")
        assert check(world, address) == ""
        assert world.run(world.desk.inspect(address, None)).branches == ("main",)
        with watched_command_lines() as seen:
            world.deploy(address, "till")
        assert any(b"git-upload-pack" in line for line in seen)
        assert world.visit("till.localhost").text == "open"
        (shown,) = world.run(world.desk.repositories())
        assert (shown.address, shown.apps) == (address, ("till",))

        keys = [secret_of(world, address)]
        rotated = world.run(world.desk.rotate_key(address))
        keys.append(secret_of(world, address))
        assert rotated.rotating and rotated.public_key != made.public_key
        # neither key is lost before the new one is known to open the repository
        tried = world.run(world.desk.check_repository(address))
        assert tried.rotating and tried.contact is not None and not tried.contact.error
        place.drop_keys()
        place.add_key(rotated.public_key, "till")
        assert not world.run(world.desk.check_repository(address)).rotating

    with place.speaking_ssh() as changed:
        with pytest.raises(HostKeyChanged) as refused:
            world.deploy(address, "till")
        assert host_key in refused.value.why and changed in refused.value.why
        assert world.visit("till.localhost").text == "open"
        (shown,) = world.run(world.desk.repositories())
        assert (shown.host_key, shown.offered_host_key) == (host_key, changed)
        accepted = connect(world, address, host_key=changed)
        assert (accepted.host_key, accepted.offered_host_key) == (changed, None)
        assert accepted.contact is not None and not accepted.contact.error
        code.commit(plain_app("'open again'"))
        world.deploy(address, "till")
        assert world.visit("till.localhost").text == "open again"

    os.sync()
    for key in keys:
        # its fourth line is of the private half alone
        marks = Marks((), key.splitlines()[4][:48])
        assert not [line for line in seen if marks.stem.encode() in line]
        assert search(world, marks) == {}
        assert told(world, marks, began) == set()
    removal = world.run(world.desk.remove(AppName("till")))
    assert Item("repository credential", address) in removal.removed
    assert removal.left == ()
    assert world.run(world.desk.repositories()) == ()


def test_a_server_whose_key_is_of_another_kind_now_is_refused_too(
    world: World, place: Forge
) -> None:
    address = place.ssh("till")
    with place.speaking_ssh() as host_key:
        connect(world, address, host_key=host_key)
    with place.speaking_ssh("rsa") as changed:
        assert changed in check(world, address)
    world.run(world.desk.disconnect_repository(address, anyway=False))


def test_a_token_is_tried_kept_and_nowhere_else(world: World, place: Forge) -> None:
    began = time.time()
    address = place.https("shop")
    # the code has a mark that begins as the token does: one search finds both
    place.repository("shop").commit(plain_app("'sold'", top=f"print('{TOKEN}-in-the-code'[:5])"))
    with pytest.raises(ServerUntrusted, match="could not be verified"):
        world.run(world.desk.inspect(address, None))
    trusted = {"certificates": place.certificates.encode(), "user": USER}
    with pytest.raises(CredentialRefused):
        connect(world, address, token=Secret(b"wrong"), **trusted)
    assert world.run(world.desk.repositories()) == ()
    try:
        with watched_command_lines() as seen:
            connect(world, address, token=Secret(TOKEN.encode()), **trusted)
            world.deploy(address, "shop")
        assert any(b"git-remote-https" in line and address.encode() in line for line in seen)
        assert not [line for line in seen if TOKEN.encode() in line]
        assert not [line for line in world.run(world.desk.read_logs(SHOP, 100)) if TOKEN in line]
        assert world.visit("shop.localhost").text == "sold"
        with pytest.raises(UsageError, match="shop would lose the way"):
            world.run(world.desk.disconnect_repository(address, anyway=False))
        os.sync()
        assert search(world, Marks((), TOKEN)) == {}
        assert told(world, Marks((), TOKEN), began) == set()
        config = "cat /keys/plain/repository.git/config"
        assert "forge" not in world.shell("holdfast-shop-volume", config)
        # the CA counts for the whole host, the token for this repository
        with pytest.raises(CredentialNeeded):
            world.run(world.desk.inspect(place.https("till"), None))
        for at, what in (
            ("status-401", "needs a credential"),
            ("status-403", "needs a credential"),
            ("status-404", "no such repository"),
            ("status-429", "left alone for a while"),
            ("status-500", "fault of its own"),
            ("drop", "broke off in the middle"),
            ("page", "answers with a web page"),
        ):
            with pytest.raises(RepositoryError, match=what) as failed:
                world.run(world.desk.inspect(place.https("shop", at), None))
            if isinstance(failed.value, ServerBusy):
                assert failed.value.rest == timedelta(seconds=REST_SECONDS)
                assert "It asks for 2 minutes." in failed.value.why
        slow = world.run(world.desk.inspect(place.https("shop", "slow"), None))
        assert slow.branches == ("main",)
    finally:
        world.remove("shop")


@pytest.mark.parametrize("name", ["drop-till", "hang-till"])
def test_a_server_that_breaks_off_or_falls_silent_leaves_nothing(
    world: World, place: Forge, name: str
) -> None:
    address = place.ssh(name)
    # more than the server sends before it ends
    place.repository(name).commit({**plain_app("'open'"), "data.txt": os.urandom(9000).hex()})
    with place.speaking_ssh() as host_key:
        made = connect(world, address, host_key=host_key)
        place.add_key(made.public_key, name)
        with pytest.raises(RepositoryError, match="broke off in the middle"):
            world.deploy(address, "till")
    assert world.state("till") is None
    world.run(world.desk.disconnect_repository(address, anyway=False))


def test_a_slow_ssh_server_is_waited_for(world: World, place: Forge) -> None:
    address = place.ssh("slow-till")
    place.repository("slow-till").commit(plain_app("'open'"))
    with place.speaking_ssh() as host_key:
        made = connect(world, address, host_key=host_key)
        place.add_key(made.public_key, "slow-till")
        assert world.run(world.desk.inspect(address, None)).branches == ("main",)
    world.run(world.desk.disconnect_repository(address, anyway=False))


@pytest.mark.parametrize("verb", ["deploy", "inspect"])
def test_a_server_that_stalls_in_mid_transfer_is_left_when_the_user_cancels(
    world: World, place: Forge, verb: str
) -> None:
    """git itself would wait for a minute, and then fail."""
    place.repository("stalling").commit({**plain_app("'open'"), "data.txt": os.urandom(9000).hex()})
    address = place.https("stalling", "stall")
    connect(world, address, certificates=place.certificates.encode())
    operation: Operation[Any] = (
        world.desk.deploy(DeployRequest(address, "stalling"))
        if verb == "deploy"
        else world.desk.inspect(address, None)
    )
    cancel = CancelToken()
    with ThreadPoolExecutor(1) as pool:
        ended = pool.submit(drive, operation, cancel, lambda update: None)
        wait_until(lambda: place.stalled() or ended.done(), "the server falls silent", 120)
        cancel.cancel()
        outcome = ended.result()
    assert (outcome.cancelled, outcome.error) == (True, None)
    assert world.state("stalling") is None
    world.run(world.desk.disconnect_repository(address, anyway=False))


def test_a_server_that_shows_no_host_key_is_left_when_the_user_cancels(
    world: World, place: Forge
) -> None:
    """ssh-keyscan would wait for fifteen seconds, and then tell that none was shown."""
    request = ConnectionRequest(address=place.ssh("till"))
    cancel = CancelToken()
    with place.mute_ssh(), ThreadPoolExecutor(1) as pool:
        operation = world.desk.connect_repository(request)
        ended = pool.submit(drive, operation, cancel, lambda update: None)
        wait_until(lambda: place.stalled() or ended.done(), "the server is asked", 120)
        cancel.cancel()
        outcome = ended.result()
    assert (outcome.cancelled, outcome.error) == (True, None)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("address", [f"https://{SILENT}/shop", f"git@{SILENT}:shop"])
def test_a_server_that_takes_what_is_sent_and_says_nothing_is_given_up(
    world: World, place: Forge, address: str
) -> None:
    """The kernel would go on for more than two minutes by itself."""
    reach = Reach(Connection(address=address, credential=CredentialKind.NONE))
    if address.startswith("git@"):
        pair = new_key_pair("holdfast")
        reach = Reach(
            Connection(address=address, credential=CredentialKind.DEPLOY_KEY, secret=pair.private),
            (HostKey("ssh-ed25519", pair.public.split()[1]),),
        )
    with (
        looking(world.node, parse_repository(address), reach) as fetcher,
        pytest.raises(RepositoryError) as failed,
    ):
        fetcher.branches()
    assert failed.value.what == f"{SILENT} does not answer."
    assert failed.value.why.startswith("Nothing came back")


def test_a_certificate_of_another_ca_is_refused_until_it_is_added(
    world: World, place: Forge
) -> None:
    address = place.https("shop", "open")
    place.repository("shop").commit(plain_app("'sold'"))
    connect(world, address, certificates=place.certificates.encode())
    with place.another_certificate():
        told = check(world, address)
        assert "could not be verified" in told and "was added with a CA" in told
    assert check(world, address) == ""
    world.run(world.desk.disconnect_repository(address, anyway=False))


@pytest.mark.parametrize(
    ("at", "bearer"),
    [
        # its server says how it wants to be told
        ("bearer", False),
        ("tokens", True),
    ],
)
def test_a_bearer_token_opens_what_takes_nothing_else(
    world: World, place: Forge, at: str, bearer: bool
) -> None:
    began = time.time()
    address, code = place.https(f"shop-{at}", at), place.repository(f"shop-{at}")
    code.commit(plain_app(f"'sold at {at}'"))
    if at == "bearer":
        # what Git LFS keeps there is asked for in the same way
        pointer = place.large_file(f"sold at {at}".encode())
        code.commit({".gitattributes": "*.bin filter=lfs -text\n", "large.bin": pointer})
        code.commit(plain_app("open('large.bin').read()"))
    trusted = {"certificates": place.certificates.encode(), "bearer": bearer}
    for wrong in (b"wrong", b"not a token"):
        with pytest.raises((CredentialRefused, UsageError)):
            connect(world, address, token=Secret(wrong), **trusted)
    assert world.run(world.desk.repositories()) == ()
    made = connect(world, address, token=Secret(TOKEN.encode()), **trusted)
    assert (made.credential, made.apps) == (CredentialKind.BEARER_TOKEN, ())
    try:
        world.deploy(address, "shop")
        assert world.visit("shop.localhost").text == f"sold at {at}"
        os.sync()
        assert search(world, Marks((), TOKEN)) == {}
        assert told(world, Marks((), TOKEN), began) == set()
        config = "cat /keys/plain/repository.git/config"
        assert "forge" not in world.shell("holdfast-shop-volume", config)
        world.run(world.desk.rotate_key(address, Secret(TOKEN.encode())))
        assert check(world, address) == ""
        with pytest.raises(CredentialRefused) as refused:
            world.run(world.desk.rotate_key(address, Secret(b"expired")))
        assert "does not accept the token" in refused.value.what
        assert check(world, address) == ""
    finally:
        world.remove("shop")


def test_a_bearer_token_is_not_sent_where_its_server_redirects(world: World, place: Forge) -> None:
    address = place.https("shop", "away")
    place.repository("shop").commit(plain_app("'sold'"))
    token = Secret(TOKEN.encode())
    with pytest.raises(RepositoryError):
        connect(world, address, token=token, bearer=True, certificates=place.certificates.encode())
    asked = place.asked_elsewhere()
    assert "GET /elsewhere/shop/info/refs" in asked
    # a header that is configured would be sent there, with what git posts
    assert TOKEN not in asked


@pytest.mark.parametrize(
    ("at", "last", "what"),
    [
        ("astray", "GET /guarded/shop/info/refs", "sends git on to another address"),
        ("led", "POST /guarded/shop/git-upload-pack", "sends git on to 192.168.91.2:8444"),
    ],
)
def test_a_token_is_not_sent_where_its_server_redirects(
    world: World, place: Forge, at: str, last: str, what: str
) -> None:
    """Not before it was asked for, not after it, and not where the other one asks for it, which is
    once git has begun to read."""
    address = place.https("shop", at)
    place.repository("shop").commit(plain_app("'sold'"))
    trusted = {"certificates": place.certificates.encode(), "user": USER}
    with pytest.raises(RepositoryError, match=what):
        connect(world, address, token=Secret(TOKEN.encode()), **trusted)
    asked = place.asked_elsewhere()
    assert last in asked
    assert BASIC not in asked


def test_a_locked_keychain_is_told_and_nothing_is_asked_without_it(
    world: World, place: Forge
) -> None:
    keychain = MemoryKeychain([KeychainFault.LOCKED])
    keys = NodeKeys(keychain, lambda: "workshop", world.node.keys.shared.files)
    with pytest.raises(KeychainLocked):
        world.run(inspect_repository(replace(world.node, keys=keys), place.https("shop"), None))
