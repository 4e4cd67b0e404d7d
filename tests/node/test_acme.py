"""A visitor certificate from a real ACME server: got, served, renewed, and what is told where that
fails."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from acme_server import AcmeTestServer
from acme_world import APP, HOST, open_shop, reaching, visitors
from waiting import wait_until
from world import Repository, World, plain_app

from holdfast.domain import names
from holdfast.domain.acme import AccountState, AcmeAccount, AcmeServer
from holdfast.domain.certificate import (
    CertificateFiles,
    CertificateRole,
    CertificateSource,
    CertificateState,
    WatchedCertificate,
)
from holdfast.domain.errors import HoldfastError, UsageError
from holdfast.domain.host_names import parse_change
from holdfast.domain.names import AppName, HostName
from holdfast.node.route_probe import probe_route
from holdfast.operations.read_certificates import read_certificates
from holdfast.presenters.kit_page import kit_page

pytestmark = [pytest.mark.node, pytest.mark.timeout(600)]

_PRIVATE = ("-----BEGIN PRIVATE KEY", "-----BEGIN EC PRIVATE KEY", '"qi"')


@pytest.fixture(scope="module")
def server(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AcmeTestServer]:
    with reaching(world, tmp_path_factory.mktemp("acme")) as made:
        yield made


@pytest.fixture(scope="module")
def shop(
    world: World, server: AcmeTestServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Repository]:
    with open_shop(world, tmp_path_factory.mktemp("shop")) as repository:
        yield repository


@pytest.fixture
def certified(world: World, server: AcmeTestServer, shop: Repository) -> Iterator[AcmeTestServer]:
    world.run(world.desk.use_acme(APP, asked(server)))
    yield server
    world.run(world.desk.drop_certificate(APP))


def account(world: World) -> AcmeAccount:
    [found] = world.run(read_certificates(world.node)).accounts
    return found


def asked(server: AcmeTestServer) -> AcmeServer:
    return AcmeServer(server.directory, "ada@example.org", server.roots)


def test_one_is_got_served_renewed_and_dropped(
    world: World, server: AcmeTestServer, shop: Repository
) -> None:
    got = world.run(world.desk.use_acme(APP, asked(server)))
    assert got.names == (HOST,)
    assert "Pebble Intermediate CA" in got.issuer
    row = visitors(world)
    assert (row.source, row.verified, row.reason) == (CertificateSource.ACME, True, "")
    assert (row.certificate, row.served_matches) == (got, True)
    assert (row.next_renewal, row.last_error) == (got.renewal, "")
    told = account(world)
    assert (told.app, told.state, told.failure) == (APP, AccountState.VALID, None)
    assert (told.directory, told.email) == (server.directory, "ada@example.org")
    assert told.url.startswith(server.directory.removesuffix("/dir"))
    assert told.key_words == "RSA 2048 bits"
    assert told.contact is not None
    assert world.visit(HOST, trusting=server.root.decode()).text == "open"
    # whoever changes the routes next, or deploys anew, serves it too
    shop.commit({"note.txt": "anew"})
    world.run(world.desk.update(APP))
    assert probe_route(world.node, HOST)["status"] == 200
    assert visitors(world).certificate == got

    newer = world.run(world.desk.renew_acme(APP))
    assert newer.serial != got.serial
    assert visitors(world).certificate == newer

    world.run(world.desk.drop_certificate(APP))
    assert visitors(world).source is CertificateSource.INTERNAL
    assert world.run(read_certificates(world.node)).accounts == ()
    assert world.visit(HOST).text == "open"
    assert world.containers(APP, "acme") == []
    mounter = names.mounter(APP)
    assert world.shell(mounter, "ls -d /keys/plain/acme /keys/views/acme 2>/dev/null") == ""
    assert world.shell(names.EDGE, f"ls -A /mnt/acme/{APP} 2>/dev/null") == ""


def test_one_holds_all_names_of_the_app(
    world: World, certified: AcmeTestServer, shop: Repository
) -> None:
    store, old = HostName("store.localhost"), HostName("kiosk.localhost")
    before = visitors(world).certificate
    world.run(world.desk.change_names(APP, parse_change([store], [old])))
    try:
        rows = world.run(read_certificates(world.node)).rows
        served = {row.host: row for row in rows if row.role is CertificateRole.VISITORS}
        assert set(served) == {HOST, store, old}
        assert len({row.certificate for row in served.values()}) == 1
        assert set(served[store].certificate.names) == {HOST, store, old}
        assert served[HOST].certificate != before
        for row in served.values():
            assert (row.source, row.verified) == (CertificateSource.ACME, True)
            assert row.served_matches
        assert world.visit(store, trusting=certified.roots.decode()).text == "open"
        renewed = world.run(world.desk.renew_acme(APP))
        assert set(renewed.names) == {HOST, store, old}
    finally:
        world.run(world.desk.change_names(APP, parse_change(remove=[store, old])))
    last = world.run(world.desk.renew_acme(APP))
    assert last.names == (HOST,)
    # a name for which the server gives none is not taken, and nothing is left of the attempt
    certified.stop()
    try:
        with pytest.raises(HoldfastError, match=f"no new certificate for {store}"):
            world.run(world.desk.change_names(APP, parse_change([store])))
    finally:
        certified.start()
    assert world.run(world.desk.names(APP)).all == (HOST,)
    row = visitors(world)
    assert (row.certificate, row.served_matches) == (last, True)


def test_it_goes_with_the_apps_main_name(
    world: World, certified: AcmeTestServer, shop: Repository
) -> None:
    store = HostName("store.localhost")
    world.deploy(shop, APP, host_name=store)
    try:
        assert visitors(world).source is CertificateSource.INTERNAL
        got = world.run(world.desk.renew_acme(APP))
        assert got.names == (store,)
        row = visitors(world)
        assert (row.host, row.source, row.verified) == (store, CertificateSource.ACME, True)
        assert world.visit(store, trusting=certified.roots.decode()).text == "open"
    finally:
        world.deploy(shop, APP, host_name=HOST)
    assert world.run(world.desk.renew_acme(APP)).names == (HOST,)


def test_an_app_sees_nothing_of_it_and_no_key_lies_in_the_clear(
    world: World, certified: AcmeTestServer
) -> None:
    [client] = world.containers(APP, "acme")
    [runner] = world.containers(APP, "run")
    assert "privkey.pem" in world.shell(client, "find /mnt/app")
    assert world.shell(runner, "find / -xdev -name 'privkey*' -o -xdev -name acme") == ""
    assert "acme" not in world.shell(runner, "ls /mnt /mnt/app")
    cipher = world.cipher_volumes(APP)[0]
    ciphertext = f"grep -rlaE '{'|'.join(_PRIVATE)}' /cipher || true"
    assert world.shell(names.mounter(APP), ciphertext) == "", cipher
    inspected = str(world.api.inspect_container(client))
    assert not any(each in inspected for each in (*_PRIVATE, "ada@example.org"))
    # nothing but the app's user and the edge reads what is shown to the edge
    others = world.shell(client, f"cat /mnt/edge/{APP}/{HOST}.pem 2>&1", user="700999:700999")
    assert "Permission denied" in others


def test_the_node_renews_it_without_a_desktop(world: World, certified: AcmeTestServer) -> None:
    before = visitors(world).certificate
    [client] = world.containers(APP, "acme")
    # as certbot finds it when a third of its life is left, and as its next look is at once
    renewal = "/mnt/app/acme/certbot/renewal"
    uid = world.shell(client, "id -u")
    due = f"sed -i '1i renew_before_expiry = 2000 days' {renewal}/*.conf"
    world.shell(client, due, user=f"{uid}:{uid}")
    world.engine.stop(client, grace=5)
    world.engine.start(client)
    world.shell(client, "touch /tmp/begun")

    def is_renewed() -> bool:
        # while the edge changes over, nothing is found of it
        found = world.run(read_certificates(world.node)).rows
        rows = [row for row in found if row.host == HOST and row.served_matches]
        return any(row.verified and row.certificate.serial != before.serial for row in rows)

    wait_until(is_renewed, "it is renewed", seconds=300)


def test_one_that_was_taken_over_spoils_no_other_host(
    world: World, certified: AcmeTestServer, tmp_path: Path
) -> None:
    repository = Repository(tmp_path / "repository")
    repository.commit(plain_app("'other'"))
    other = AppName("brief")
    world.deploy(repository, other)
    try:
        world.run(world.desk.use_acme(other, asked(certified)))
        [client] = world.containers(other, "acme")
        lines = "head -c 43 /dev/zero | tr '\\0' x; echo; echo shop.localhost x"
        spoilt = f"cd /mnt/edge/brief && rm * && {{ {lines}; }} >thumbprint && mkfifo root.pem"
        world.shell(client, f"{spoilt} && echo nothing >brief.localhost.pem && mkdir ../fresh")
        rows = wait_until_refused(world, "brief.localhost")
        assert (rows[HOST].source, rows[HOST].verified) == (CertificateSource.ACME, True)
        row = rows["brief.localhost"]
        assert (row.source, row.verified) == (CertificateSource.INTERNAL, True)
        assert row.state(row.certificate.not_before) is CertificateState.TROUBLE
        answered = world.shell(names.EDGE, "cut -d' ' -f1 /keys/current/acme.map")
        assert answered == HOST
        # routes change as before
        assert world.visit(HOST, trusting=certified.root.decode()).text == "open"
        repository.commit({"note.txt": "anew"})
        world.run(world.desk.update(other))
        world.shell(client, "rm /mnt/edge/brief/*; rmdir /mnt/edge/fresh")
    finally:
        world.remove(other)


def wait_until_refused(world: World, host: str) -> dict[str, WatchedCertificate]:
    """The visitors' certificates once the list says so of that one, and the edge, which changes
    over, serves all of them."""
    rows: dict[str, WatchedCertificate] = {}

    def is_told() -> bool:
        found = world.run(read_certificates(world.node))
        rows.update((row.host, row) for row in found.rows if row.role is CertificateRole.VISITORS)
        told = host in rows and rows[host].last_error.startswith("The edge cannot use")
        return told and all(row.verified for row in rows.values())

    wait_until(is_told, "it is told", seconds=60)
    return rows


def test_what_is_served_lasts_on_while_the_server_is_gone(
    world: World, certified: AcmeTestServer
) -> None:
    before, answered = visitors(world).certificate, account(world).contact
    root = certified.root.decode()
    certified.stop()
    try:
        with pytest.raises(HoldfastError, match=f"no new certificate for {HOST}") as told:
            world.run(world.desk.renew_acme(APP))
        assert told.value.why.startswith("The ACME server does not answer.")
        row = visitors(world)
        assert (row.certificate, row.verified, row.served_matches) == (before, True, True)
        assert row.last_error.startswith("The ACME server does not answer.")
        assert row.state(row.certificate.not_before) is CertificateState.TROUBLE
        assert world.visit(HOST, trusting=root).text == "open"
        # what was known of the account is known, and that it could not be asked for
        unreached = account(world)
        assert (unreached.state, unreached.contact) == (AccountState.VALID, answered)
        assert unreached.failure is not None
        assert unreached.failure.kind == "gone"
    finally:
        certified.start()
    # it has forgotten everything
    with pytest.raises(HoldfastError) as told:
        world.run(world.desk.renew_acme(APP))
    assert told.value.why.startswith("The ACME server does not know the account any more.")
    assert visitors(world).certificate == before
    found = world.run(read_certificates(world.node))
    [lost] = found.troubled_accounts
    assert (lost.state, lost.key) == (AccountState.LOST, f"acme-account/{APP}")
    assert lost.failure is not None
    assert lost.contact == lost.failure.at
    assert lost.contact > (answered or lost.contact)


def test_an_account_that_was_deactivated_is_told(world: World, certified: AcmeTestServer) -> None:
    [client] = world.containers(APP, "acme")
    uid = world.shell(client, "id -u")
    folders = "--config-dir /tmp/copy --work-dir /tmp/w --logs-dir /tmp/l"
    asked_of = f"--non-interactive --server {certified.directory}"
    roots = "REQUESTS_CA_BUNDLE=/mnt/app/acme/roots.pem"
    # a copy: certbot deletes the account that it deactivates
    copy = "cp -r /mnt/app/acme/certbot /tmp/copy"
    ended = f"{copy} && {roots} certbot unregister {asked_of} {folders} 2>&1"
    assert "deactivated" in world.shell(client, ended, user=f"{uid}:{uid}")
    with pytest.raises(HoldfastError):
        world.run(world.desk.renew_acme(APP))
    told = account(world)
    assert (told.state, told.is_trouble) == (AccountState.DEACTIVATED, True)
    assert told.failure is not None
    assert "deactivated" in told.failure.detail


def test_of_an_account_of_an_earlier_release_it_is_said_that_nobody_asked(
    world: World, certified: AcmeTestServer
) -> None:
    [client] = world.containers(APP, "acme")
    world.shell(client, "rm /mnt/app/acme/account.json", user=world.shell(client, "id -u"))
    assert account(world) == AcmeAccount(APP, AccountState.NOT_ASKED)
    world.engine.stop(client, grace=5)
    world.engine.start(client)
    world.shell(client, "touch /tmp/begun")
    wait_until(lambda: account(world).url != "", "it is read")
    wait_until(lambda: account(world).state is AccountState.VALID, "it is asked", seconds=120)


def test_a_host_that_leads_elsewhere_gets_none_and_nothing_is_left(
    world: World, server: AcmeTestServer, shop: Repository
) -> None:
    before = visitors(world).certificate
    picture = world.picture()
    server.stop()
    server.start(leads_to="127.0.0.1")
    try:
        with pytest.raises(HoldfastError) as told:
            world.run(world.desk.use_acme(APP, asked(server)))
        assert told.value.why.startswith(f"The ACME server could not verify {HOST}: it asks http:")
    finally:
        server.stop()
        server.start()
    row = visitors(world)
    assert (row.source, row.verified) == (CertificateSource.INTERNAL, True)
    assert row.certificate.issuer == before.issuer
    assert world.picture() == picture


def test_a_server_that_is_not_trusted_is_told(
    world: World, server: AcmeTestServer, shop: Repository
) -> None:
    with pytest.raises(HoldfastError) as told:
        world.run(world.desk.use_acme(APP, AcmeServer(server.directory)))
    assert told.value.why.startswith("The ACME server's own certificate is not trusted")
    assert visitors(world).source is CertificateSource.INTERNAL


def test_one_that_would_not_be_trusted_is_not_served(
    world: World, server: AcmeTestServer, shop: Repository
) -> None:
    with pytest.raises(HoldfastError, match="would not be trusted"):
        world.run(world.desk.use_acme(APP, AcmeServer(server.directory, "", server.own)))
    assert visitors(world).source is CertificateSource.INTERNAL


def test_there_is_one_source_at_a_time(world: World, certified: AcmeTestServer) -> None:
    with pytest.raises(UsageError, match="comes from an ACME server already"):
        world.run(world.desk.use_acme(APP, asked(certified)))
    with pytest.raises(UsageError, match="comes from an ACME server"):
        world.run(world.desk.import_certificate(APP, CertificateFiles(b"")))


def test_sealed_it_is_not_renewed_and_unsealed_it_is_again(
    world: World, certified: AcmeTestServer
) -> None:
    before = visitors(world).certificate
    world.run(world.desk.seal())
    assert world.containers(APP, "acme") == []
    row = visitors(world)
    assert (row.source, row.certificate, row.next_renewal) == (CertificateSource.ACME, before, None)
    assert account(world) == AcmeAccount(APP, AccountState.SEALED)
    world.run(world.desk.unseal())
    row = visitors(world)
    assert (row.certificate, row.verified, row.next_renewal) == (before, True, before.renewal)
    # as after a reboot
    world.seal()
    world.run(world.desk.unseal())
    row = visitors(world)
    assert (row.source, row.certificate, row.verified) == (CertificateSource.ACME, before, True)
    assert world.visit(HOST, trusting=certified.root.decode()).text == "open"


def test_a_removal_leaves_nothing_of_it(
    world: World, server: AcmeTestServer, tmp_path: Path
) -> None:
    before = world.picture()
    repository = Repository(tmp_path / "repository")
    repository.commit(plain_app("'short'"))
    world.deploy(repository, "brief")
    world.run(world.desk.use_acme(AppName("brief"), asked(server)))
    removal = world.run(world.desk.remove(AppName("brief")))
    assert removal.left == ()
    assert any(item.kind == "certificate" for item in removal.removed)
    assert world.shell(names.EDGE, "ls -A /mnt/acme | grep brief; ls /keys/current/acme") == ""
    assert world.picture() == before


def test_it_is_renewed_on_a_volume_that_a_revocation_made_anew(
    world: World, other: World, certified: AcmeTestServer
) -> None:
    before = visitors(world).certificate
    try:
        kit = world.run(world.desk.create_kit(another=False))
        other.run(other.desk.open_kit(kit_page(kit).encode()))
        world.run(world.desk.revoke_admin("Bo"))
        row = visitors(world)
        assert (row.certificate, row.verified, row.next_renewal) == (before, True, before.renewal)
        newer = world.run(world.desk.renew_acme(APP))
        assert newer.serial != before.serial
        assert visitors(world).certificate == newer
    finally:
        world.forget_kit()
