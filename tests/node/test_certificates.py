"""The certificates of a node over their life: listed, compared with what is served, renewed under
an open websocket, and told where a renewal fails."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from catalogue import Made, Wanted, authority, issue, of_ours
from keeping import keeping
from proxy_world import APP_PROGRAM
from raw_visitor import echo, open_websocket
from shifted_clock import ShiftedClock
from waiting import wait_until
from world import Repository, World

from holdfast.domain import names
from holdfast.domain.certificate import (
    CertificateFiles,
    CertificateRole,
    Certificates,
    CertificateSource,
    CertificateState,
    WatchedCertificate,
)
from holdfast.domain.container import PushedFile
from holdfast.domain.errors import HoldfastError, UsageError
from holdfast.domain.keeping import NewsKind
from holdfast.domain.names import AppName, HostName
from holdfast.domain.operation import Line
from holdfast.domain.secret import Secret
from holdfast.node.authorities import visitors_authority
from holdfast.node.certificates import issue_server, pem_bundle
from holdfast.node.edge import edge_place, update_edge
from holdfast.node.node import Node
from holdfast.node.payloads import EDGE_UID
from holdfast.node.route_probe import probe_route
from holdfast.operations.import_certificate import drop_certificate, import_certificate
from holdfast.operations.keep_node import duties_of, keep_node
from holdfast.operations.read_certificates import read_certificates
from holdfast.operations.renew_certificates import renew_certificates

pytestmark = [pytest.mark.node, pytest.mark.timeout(300)]

HOST = "chat.localhost"
APP = AppName("chat")


def at(world: World, shift: timedelta) -> Node:
    return replace(world.node, clock=ShiftedClock(shift))


@pytest.fixture(scope="module")
def chat(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """An app that sends back what a websocket sends."""
    repository = Repository(tmp_path_factory.mktemp("chat") / "repository")
    repository.commit({"app.py": APP_PROGRAM, "Procfile": "web: python app.py $PORT\n"})
    world.deploy(repository, APP)
    yield
    world.remove(APP)


def look(world: World, shift: timedelta = timedelta(0)) -> Certificates:
    return world.run(read_certificates(at(world, shift)))


def row(found: Certificates, role: CertificateRole) -> WatchedCertificate:
    [wanted] = [each for each in found.rows if each.role is role]
    return wanted


def visit(world: World) -> ssl.SSLSocket:
    place = edge_place(world.node)
    assert place is not None
    trust = ssl.create_default_context(cafile=str(world.node.ca_file))
    return trust.wrap_socket(socket.create_connection(place, 10), server_hostname=HOST)


def served(connection: ssl.SSLSocket) -> str:
    return str((connection.getpeercert() or {})["notBefore"])


def test_what_is_due_is_renewed_and_an_open_websocket_lives_on(world: World, chat: None) -> None:
    # as they were left 61 days ago
    world.run(renew_certificates(at(world, -timedelta(days=61))))
    before = look(world)
    assert {each.state(before.looked) for each in before.rows} == {
        CertificateState.SOON,
        CertificateState.WELL,
    }
    leaves = [each for each in before.rows if not each.role.is_authority]
    assert {each.role for each in leaves} == {
        CertificateRole.VISITORS,
        CertificateRole.EDGE,
        CertificateRole.SIDECAR,
    }
    assert all(each.verified and each.served_matches for each in leaves)
    with visit(world) as connection:
        open_websocket(connection, HOST)
        assert echo(connection, b"before") == b"before"
        with keeping(keep_node(world.node, lambda node: duties_of(node, unseal=False))) as keeper:
            keeper.wait_for(NewsKind.DONE, "Renew certificates")
        assert echo(connection, b"after") == b"after"
        after = look(world)
        for old in leaves:
            new = row(after, old.role)
            assert (new.verified, new.reason, new.served_matches) == (True, "", True)
            assert new.certificate.serial != old.certificate.serial
        assert after.lasts_until is not None
        assert after.lasts_until - after.looked >= timedelta(days=89)
        with visit(world) as another:
            assert served(another) != served(connection)
        assert echo(connection, b"still") == b"still"
    assert world.run(renew_certificates(world.node, due=True)).renewed == ()


def test_years_ahead_all_but_the_authorities_have_ended(world: World, chat: None) -> None:
    later = look(world, timedelta(days=5 * 365))
    for each in later.rows:
        ended = not each.role.is_authority
        assert each.state(later.looked) is (
            CertificateState.TROUBLE if ended else CertificateState.WELL
        )
        assert ("It expired on" in each.reason) == ended
    due = [each for each in later.rows if each.next_renewal and each.next_renewal < later.looked]
    assert len(due) == 3


def test_another_certificate_than_the_right_one_is_told(world: World, chat: None) -> None:
    now = datetime.now(UTC)
    authority = visitors_authority(world.node.keys, [], now)
    other = pem_bundle(issue_server(authority, [HOST], now)).reveal()
    file = PushedFile(f"current/certs/{HOST}.pem", other)
    world.engine.push(names.EDGE, "/keys", [file], EDGE_UID)
    found = row(look(world), CertificateRole.VISITORS)
    assert (found.verified, found.served_matches) == (True, False)
    assert found.reason.startswith("Another one is served, of Holdfast visitors CA")
    update_edge(world.node, {})
    assert row(look(world), CertificateRole.VISITORS).served_matches


#: What the edge shows, made by the node's CA, and what is told of it.
SHOWN: Mapping[str, tuple[Callable[[Made], Sequence[Made]], str]] = {
    "expired": (
        lambda ca: (issue(replace(sound(), ends=datetime.now(UTC)), ca), ca),
        "It expired on ",
    ),
    "another host": (
        lambda ca: (issue(replace(sound(), names=("other.localhost",)), ca), ca),
        f"It is for other.localhost, and not for {HOST}.",
    ),
    "self-signed": (lambda ca: (issue(sound()),), "It is signed by itself"),
    "incomplete": (lambda ca: (issue(sound(), ca),), "Its chain is incomplete: the certificate of"),
    "no names": (
        lambda ca: (issue(replace(sound(), names=()), ca), ca),
        "It has no subject alternative names",
    ),
    "more than it needs": (
        lambda ca: (issue(sound(), ca), ca, authority("Superfluous CA")),
        "Its chain holds more than it needs: “Superfluous CA”.",
    ),
}


def sound() -> Wanted:
    now = datetime.now(UTC)
    return Wanted(HOST, (HOST,), now - timedelta(days=1), now + timedelta(days=60))


@pytest.mark.parametrize("kind", SHOWN)
def test_a_bad_one_that_is_served_is_told_in_words_of_its_own(
    world: World, chat: None, kind: str
) -> None:
    show, words = SHOWN[kind]
    chain = show(of_ours(visitors_authority(world.node.keys, [], datetime.now(UTC))))
    content = b"".join((*(each.pem for each in chain), chain[0].key_pem()))
    file = PushedFile(f"current/certs/{HOST}.pem", content)
    world.engine.push(names.EDGE, "/keys", [file], EDGE_UID)
    world.shell(names.EDGE, "kill -USR2 $(cat /keys/pid)")
    try:
        # until the edge has changed over
        wait_until(lambda: words in row(look(world), CertificateRole.VISITORS).reason, words)
        found = row(look(world), CertificateRole.VISITORS)
        assert (found.verified, found.served_matches) == (kind == "more than it needs", True)
    finally:
        update_edge(world.node, {})
    found = row(look(world), CertificateRole.VISITORS)
    assert (found.verified, found.reason) == (True, "")


def test_one_of_ones_own_is_served_until_it_is_dropped(world: World, chat: None) -> None:
    now = datetime.now(UTC)
    begins, ends = now - timedelta(days=1), now + timedelta(days=200)
    root = authority("Company Root", begins=begins, ends=ends)
    issuer = authority("Company Issuing CA", root, begins=begins, ends=ends)
    leaf = issue(Wanted(HOST, (HOST,), now - timedelta(99), now + timedelta(9, 3600)), issuer)
    files = CertificateFiles(leaf.pem + issuer.pem, Secret(leaf.key_pem()))
    with pytest.raises(UsageError, match=f"cannot be used for {HOST}") as told:
        world.run(import_certificate(world.node, APP, files))
    assert told.value.why.startswith("Its chain is incomplete")
    company = replace(world.node, certificates=root.pem)
    imported = world.run(import_certificate(company, APP, files))
    assert imported.names == (HOST,)
    # whoever changes the routes next serves it too, and nobody renews it
    update_edge(world.node, {})
    assert f"visitors/{HOST}" not in world.run(renew_certificates(world.node)).renewed
    looked = look(world)
    found = row(looked, CertificateRole.VISITORS)
    source = CertificateSource.OWN
    assert (found.source, found.verified, found.served_matches) == (source, True, True)
    assert (found.certificate, found.next_renewal) == (imported, None)
    assert found.state(looked.looked) is CertificateState.SOON
    assert [each.subject for each in found.chain][1:] == ["Company Issuing CA", "Company Root"]
    item = f"certificate/{APP}"
    assert item in world.keychain.names(world.service)
    assert probe_route(world.node, HostName(HOST))["status"] == 200
    world.run(drop_certificate(world.node, APP))
    found = row(look(world), CertificateRole.VISITORS)
    assert (found.source, found.verified) == (CertificateSource.INTERNAL, True)
    assert item not in world.keychain.names(world.service)


def test_an_app_is_started_again_whose_own_certificate_has_ended(world: World, chat: None) -> None:
    now = datetime.now(UTC)
    begins, ends = now - timedelta(days=40), now - timedelta(days=2)
    root = authority("Company Root", begins=begins, ends=now + timedelta(days=9))
    leaf = issue(Wanted(HOST, (HOST,), begins, ends), root)
    files = CertificateFiles(leaf.pem, Secret(leaf.key_pem()))
    then = replace(at(world, timedelta(days=-20)), certificates=root.pem)
    world.run(import_certificate(then, APP, files))
    world.run(world.desk.restart(APP))
    warning = "Browsers will warn of its certificate (certificate has expired): see Certificates."
    assert Line(warning) in world.updates
    found = row(look(world), CertificateRole.VISITORS)
    assert (found.source, found.verified) == (CertificateSource.OWN, False)
    promises = {each.claim: each for each in world.run(world.desk.verify(APP)).checks}
    served = promises["TLS to visitors"]
    assert (served.held, served.found) == (False, "certificate has expired")
    world.run(drop_certificate(world.node, APP))


def test_why_a_renewal_failed_is_kept_until_one_succeeds(world: World, chat: None) -> None:
    [sidecar] = world.containers(APP, "proxy")
    world.shell(sidecar, "mv /keys/control /keys/away")
    before = row(look(world), CertificateRole.SIDECAR)
    with pytest.raises(HoldfastError) as told:
        world.run(renew_certificates(world.node))
    assert told.value.what == "1 certificate could not be renewed."
    assert "holdfast certificate renew" in told.value.next
    failed = row(look(world), CertificateRole.SIDECAR)
    assert "did not take its new certificate. The proxy does not answer" in failed.last_error
    assert (failed.certificate, failed.served_matches) == (before.certificate, True)
    assert "PRIVATE" not in failed.last_error
    assert "renewed.pem" not in world.shell(sidecar, "ls /keys")
    world.shell(sidecar, "mv /keys/away /keys/control")
    world.run(renew_certificates(world.node))
    assert row(look(world), CertificateRole.SIDECAR).last_error == ""
