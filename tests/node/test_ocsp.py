"""What a CA says of a certificate: asked by the edge of a real responder, shown to visitors, and
told; whatever it says, the edge serves on."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from dataclasses import replace

import pytest
from catalogue import Made
from ocsp_responder import URL, OcspCa, answer_shown, asked_again, ocsp_ca
from proxy_world import APP_PROGRAM
from raw_visitor import echo, open_websocket
from waiting import wait_until
from world import Repository, World

from holdfast.domain import names
from holdfast.domain.certificate import (
    CertificateFiles,
    CertificateRole,
    CertificateState,
    WatchedCertificate,
)
from holdfast.domain.container import PushedFile
from holdfast.domain.names import AppName
from holdfast.domain.secret import Secret
from holdfast.domain.stapling import Stapling, StaplingState
from holdfast.node.edge import edge_place, update_edge
from holdfast.node.payloads import EDGE_UID
from holdfast.operations.import_certificate import drop_certificate, import_certificate
from holdfast.operations.read_certificates import read_certificates
from holdfast.presenters.certificates import trouble_words

pytestmark = [pytest.mark.node, pytest.mark.timeout(300)]

APP, HOST = AppName("chat"), "chat.localhost"


@pytest.fixture(scope="module")
def chat(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """An app that sends back what a websocket sends."""
    repository = Repository(tmp_path_factory.mktemp("chat") / "repository")
    repository.commit({"app.py": APP_PROGRAM, "Procfile": "web: python app.py $PORT\n"})
    world.deploy(repository, APP)
    yield
    world.remove(APP)


@pytest.fixture
def ca(world: World, chat: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OcspCa]:
    with ocsp_ca(tmp_path_factory.mktemp("ocsp")) as made:
        yield made
        world.run(drop_certificate(world.node, APP))


def serve(world: World, ca: OcspCa, made: Made) -> None:
    trusting = replace(world.node, certificates=ca.made.pem)
    files = CertificateFiles(made.pem, Secret(made.key_pem()))
    world.run(import_certificate(trusting, APP, files))
    wait_until(lambda: is_served(world, ca), "it is served")


def is_served(world: World, ca: OcspCa) -> bool:
    try:
        visit(world, ca).close()
    except OSError:
        return False
    return True


def look(world: World) -> WatchedCertificate:
    [row] = [
        each
        for each in world.run(read_certificates(world.node)).rows
        if each.role is CertificateRole.VISITORS
    ]
    return row


def stapling(world: World) -> Stapling:
    found = look(world).stapling
    assert found is not None
    return found


def wait_for(world: World, state: StaplingState) -> Stapling:
    wait_until(lambda: stapling(world).state is state, f"{state}", seconds=60)
    return stapling(world)


def visit(world: World, ca: OcspCa) -> ssl.SSLSocket:
    place = edge_place(world.node)
    assert place is not None
    trust = ssl.create_default_context(cadata=ca.made.pem.decode())
    return trust.wrap_socket(socket.create_connection(place, 10), server_hostname=HOST)


def shown_to_openssl(world: World) -> str:
    return answer_shown(world, HOST)


def test_one_of_the_nodes_own_ca_names_nobody_to_ask(world: World, chat: None) -> None:
    row = look(world)
    assert row.stapling == Stapling(StaplingState.NOT_OFFERED)
    assert row.state(row.certificate.not_before) is CertificateState.WELL
    assert "no response sent" in shown_to_openssl(world)
    assert world.shell(names.EDGE, "ls /keys/current/*/*.ocsp /keys/ocsp.json 2>/dev/null") == ""


def test_a_good_answer_is_stapled_and_outlives_the_responder(world: World, ca: OcspCa) -> None:
    made = ca.issue(HOST)
    ca.say_good(made)
    ca.start()
    serve(world, ca, made)
    with visit(world, ca) as connection:
        open_websocket(connection, HOST)
        found = wait_for(world, StaplingState.STAPLED)
        assert (found.responder, found.required, found.since) == (URL, False, None)
        assert found.until is not None
        assert "Cert Status: good" in shown_to_openssl(world)
        ca.stop()
        # another worker shows it at once
        update_edge(world.node, {})
        assert stapling(world) == found
    crash(world, ca)
    assert stapling(world) == found
    assert "Cert Status: good" in shown_to_openssl(world)


def test_an_edge_begins_with_an_answer_that_is_of_no_use(world: World, ca: OcspCa) -> None:
    made = ca.issue(HOST)
    serve(world, ca, made)
    wait_for(world, StaplingState.UNANSWERED)
    # the first was good when the edge's routes changed last
    for content in (ca.old_answer(made), b"what nobody can read"):
        file = PushedFile(f"current/own/{HOST}.pem.ocsp", content)
        world.engine.push(names.EDGE, "/keys", [file], EDGE_UID)
        crash(world, ca)
        assert "no response sent" in shown_to_openssl(world)
        assert look(world).served_matches


def crash(world: World, ca: OcspCa) -> None:
    """The proxy alone, which begins again."""
    pid = world.shell(names.EDGE, "cat /keys/pid")
    world.shell(names.EDGE, f"kill -9 {pid}")

    def is_another() -> bool:
        return world.shell(names.EDGE, "cat /keys/pid") != pid and is_served(world, ca)

    wait_until(is_another, "it serves again", seconds=30)


def test_a_responder_that_is_gone_is_told_and_asked_again(world: World, ca: OcspCa) -> None:
    made = ca.issue(HOST)
    serve(world, ca, made)
    found = wait_for(world, StaplingState.UNANSWERED)
    assert found.since is not None
    assert found.reason == "connect timeout"
    row = look(world)
    assert (row.verified, row.served_matches) == (True, True)
    assert row.state(row.certificate.not_before) is CertificateState.WELL
    asked_again(world)
    assert stapling(world).since == found.since
    ca.say_good(made)
    ca.start()
    asked_again(world)
    found = stapling(world)
    assert (found.state, found.since) == (StaplingState.STAPLED, None)


def test_a_revoked_one_is_told_and_ends_no_connection(world: World, ca: OcspCa) -> None:
    made = ca.issue(HOST)
    ca.say_good(made)
    ca.start()
    serve(world, ca, made)
    wait_for(world, StaplingState.STAPLED)
    with visit(world, ca) as connection:
        open_websocket(connection, HOST)
        ca.say_revoked(made)
        world.shell(names.EDGE, "rm /keys/ocsp.json")
        asked_again(world)
        found = stapling(world)
        assert (found.state, found.reason) == (StaplingState.REVOKED, "key compromise")
        row = look(world)
        assert row.state(row.certificate.not_before) is CertificateState.TROUBLE
        assert trouble_words(row, row.certificate.not_before).endswith("Import another one.")
        update_edge(world.node, {})
        assert echo(connection, b"still") == b"still"
        # what it said before is shown to nobody any more
        wait_until(lambda: "no response sent" in shown_to_openssl(world))
        assert look(world).served_matches


def test_one_that_demands_an_answer_says_so_where_there_is_none(world: World, ca: OcspCa) -> None:
    made = ca.issue(HOST, must_staple=True)
    serve(world, ca, made)
    found = wait_for(world, StaplingState.UNANSWERED)
    assert found.required
    row = look(world)
    assert row.state(row.certificate.not_before) is CertificateState.TROUBLE
    ca.start()
    asked_again(world)
    assert stapling(world).state is StaplingState.UNKNOWN
    # a CA that comes to know what it has issued is heard at once
    ca.say_good(made)
    asked_again(world)
    assert stapling(world).state is StaplingState.STAPLED
    row = look(world)
    assert row.state(row.certificate.not_before) is CertificateState.WELL


def test_an_answer_of_somebody_else_is_not_taken(world: World, ca: OcspCa) -> None:
    made = ca.issue(HOST)
    ca.say_good(made)
    ca.start(signed_by=ca.impostor())
    serve(world, ca, made)
    assert wait_for(world, StaplingState.UNANSWERED).reason
    assert "no response sent" in shown_to_openssl(world)
