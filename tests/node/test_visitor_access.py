"""Access by client certificate, on the real edge: who is let in, who is not, and what stays open
while it changes."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from proxy_world import APP_PROGRAM
from raw_visitor import Answer, ask, echo, open_websocket
from shifted_clock import ShiftedClock
from waiting import wait_until
from world import Repository, World

from holdfast.domain.certificate import CertificateRole
from holdfast.domain.errors import UsageError
from holdfast.domain.names import AppName, HostName
from holdfast.domain.operation import CancelToken, Step, Update, drive
from holdfast.domain.visitor_access import AccessMode, IssuedVisitor, VisitorState
from holdfast.node.edge import edge_place, update_edge
from holdfast.node.route_probe import probe_route
from holdfast.operations.read_certificates import read_certificates
from holdfast.operations.visitor_access import (
    issue_visitor,
    revoke_visitor,
    set_access,
    show_access,
)

pytestmark = [pytest.mark.node, pytest.mark.timeout(600)]

LEDGER, CHAT = AppName("ledger"), AppName("chat")


def host(app: AppName) -> str:
    return f"{app}.localhost"


@pytest.fixture(scope="module", autouse=True)
def apps(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Two that send back what a websocket sends."""
    repository = Repository(tmp_path_factory.mktemp("doors") / "repository")
    repository.commit({"app.py": APP_PROGRAM, "Procfile": "web: python app.py $PORT\n"})
    try:
        for app in (LEDGER, CHAT):
            world.deploy(repository, app)
        yield
    finally:
        # what was deployed before another one failed would stand in the way of other files
        for app in (LEDGER, CHAT):
            world.remove(app)


@pytest.fixture(scope="module")
def closed(world: World, apps: None) -> Iterator[None]:
    """Both open with a certificate alone."""
    for app in (LEDGER, CHAT):
        world.run(set_access(world.node, app, AccessMode.CERTIFICATE))
    yield
    for app in (LEDGER, CHAT):
        world.run(set_access(world.node, app, AccessMode.PUBLIC))


def issue(
    world: World, app: AppName, name: str, node_shift: timedelta | None = None
) -> IssuedVisitor:
    node = world.node
    if node_shift is not None:
        node = replace(node, clock=ShiftedClock(node_shift))
    made: IssuedVisitor = world.run(issue_visitor(node, app, name, days=30))
    return made


def trusting(world: World, visitor: IssuedVisitor | None = None) -> ssl.SSLContext:
    trust = ssl.create_default_context(cafile=str(world.node.ca_file))
    if visitor is not None:
        bundle = pkcs12.load_pkcs12(visitor.bundle.reveal(), visitor.passphrase.reveal())
        assert bundle.cert is not None
        assert bundle.key is not None
        plain = PrivateFormat.PKCS8
        with TemporaryDirectory() as folder:
            path = Path(folder) / "visitor.pem"
            path.write_bytes(
                bundle.cert.certificate.public_bytes(Encoding.PEM)
                + bundle.key.private_bytes(Encoding.PEM, plain, NoEncryption())
            )
            trust.load_cert_chain(path)
    return trust


def connect(
    world: World, app: AppName, trust: ssl.SSLContext, session: ssl.SSLSession | None = None
) -> ssl.SSLSocket:
    place = edge_place(world.node)
    assert place is not None
    plain = socket.create_connection(place, 10)
    try:
        return trust.wrap_socket(plain, server_hostname=host(app), session=session)
    except BaseException:
        plain.close()
        raise


def visit(world: World, app: AppName, visitor: IssuedVisitor | None = None) -> Answer:
    with connect(world, app, trusting(world, visitor)) as connection:
        return ask(connection, host(app))


def test_who_has_none_reads_what_to_do(world: World, closed: None) -> None:
    answer = visit(world, LEDGER)
    assert answer.status == 403
    assert "text/html" in answer.headers["content-type"]
    assert answer.headers["cache-control"] == "no-store"
    assert b"This app opens with a certificate" in answer.body
    assert b".p12" in answer.body
    assert "x-holdfast-release" not in answer.headers
    refused = pytest.raises(AssertionError, match="status=403")
    with connect(world, LEDGER, trusting(world)) as connection, refused:
        open_websocket(connection, host(LEDGER))


def test_a_good_one_opens_its_app_and_no_other(world: World, closed: None) -> None:
    ada = issue(world, LEDGER, "Ada")
    assert visit(world, LEDGER, ada).status == 200
    with connect(world, LEDGER, trusting(world, ada)) as connection:
        open_websocket(connection, host(LEDGER))
        assert echo(connection, b"hello") == b"hello"
    other = visit(world, CHAT, ada)
    assert other.status == 403
    assert b"Your certificate is not for this app" in other.body


def test_another_host_on_the_same_connection_is_misdirected(world: World, closed: None) -> None:
    """As a browser does that joins connections of HTTP/2, or somebody who looks for a way round."""
    bo = issue(world, CHAT, "Bo")
    with connect(world, CHAT, trusting(world, bo)) as connection:
        assert ask(connection, host(LEDGER)).status == 421
    for port in ("", ":8443", "."):
        with connect(world, CHAT, trusting(world, bo)) as connection:
            assert ask(connection, f"{host(LEDGER)}{port}").status == 421


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_resumed_session_does_not_open_another_app(
    world: World, closed: None, version: ssl.TLSVersion
) -> None:
    cy = issue(world, CHAT, f"Cy {version.name}")
    trust = trusting(world, cy)
    trust.minimum_version = trust.maximum_version = version
    with connect(world, CHAT, trust) as connection:
        assert ask(connection, host(CHAT)).status == 200
        session = connection.session
    with connect(world, CHAT, trust, session) as connection:
        resumed = connection.session_reused
        assert ask(connection, host(CHAT)).status == 200
    assert resumed, "else this proves nothing"
    with connect(world, LEDGER, trust, session) as connection:
        # a session of TLS 1.2 keeps the name that it began with; one of 1.3 takes another one
        name_kept = version is ssl.TLSVersion.TLSv1_2
        assert ask(connection, host(LEDGER)).status == (421 if name_kept else 403)


def test_an_expired_one_is_told_so(world: World, closed: None) -> None:
    old = issue(world, LEDGER, "Old", timedelta(days=-31))
    answer = visit(world, LEDGER, old)
    assert answer.status == 403
    assert b"Your certificate has expired" in answer.body


def test_a_revoked_one_opens_nothing_from_then_on(world: World, closed: None) -> None:
    dee, eve = issue(world, LEDGER, "Dee"), issue(world, LEDGER, "Eve")
    trust = trusting(world, dee)
    trust.maximum_version = ssl.TLSVersion.TLSv1_2
    with connect(world, LEDGER, trust) as connection:
        assert ask(connection, host(LEDGER)).status == 200
        session = connection.session
    with connect(world, LEDGER, trusting(world, dee)) as opened:
        open_websocket(opened, host(LEDGER))
        world.run(revoke_visitor(world.node, LEDGER, dee.visitor.serial))
        answer = visit(world, LEDGER, dee)
        assert answer.status == 403
        assert b"Your certificate was revoked" in answer.body
        with connect(world, LEDGER, trust, session) as connection:
            assert ask(connection, host(LEDGER)).status == 403, "a session of before"
        assert visit(world, LEDGER, eve).status == 200
        # as the documents say
        assert echo(opened, b"still") == b"still"
    shown = world.run(show_access(world.node, LEDGER))
    states = {v.name: shown.state(v, world.node.clock.now()) for v in shown.visitors}
    assert states["Dee"] is VisitorState.REVOKED
    assert states["Eve"] is VisitorState.VALID
    with pytest.raises(UsageError):
        world.run(revoke_visitor(world.node, LEDGER, "nobody"))


def test_the_node_itself_still_sees_what_is_served(world: World, closed: None) -> None:
    name = HostName(host(LEDGER))
    assert probe_route(world.node, name)["status"] == 200
    assert probe_route(world.node, name, nameless=True)["status"] == 403
    rows = world.run(read_certificates(world.node)).rows
    served = [row for row in rows if row.role is CertificateRole.VISITORS]
    assert {row.host for row in served} == {host(LEDGER), host(CHAT)}
    assert all(row.served_matches and row.verified for row in served)


def test_a_change_leaves_other_websockets_open(world: World, closed: None) -> None:
    fay = issue(world, CHAT, "Fay")
    with connect(world, CHAT, trusting(world, fay)) as connection:
        open_websocket(connection, host(CHAT))
        for mode, status in ((AccessMode.PUBLIC, 200), (AccessMode.CERTIFICATE, 403)):
            changed = world.run(set_access(world.node, LEDGER, mode))
            assert changed.mode is mode
            assert visit(world, LEDGER).status == status
            assert echo(connection, b"open") == b"open"
    assert visit(world, CHAT).status == 403


def test_opening_that_is_cut_short_leaves_it_closed(world: World, closed: None) -> None:
    cancel = CancelToken()

    def stop(update: Update) -> None:
        if update == Step("Tell the edge"):
            cancel.cancel()

    outcome = drive(set_access(world.node, LEDGER, AccessMode.PUBLIC), cancel, stop)
    assert outcome.cancelled, outcome
    assert world.run(show_access(world.node, LEDGER)).mode is AccessMode.CERTIFICATE
    update_edge(world.node, {})
    assert visit(world, LEDGER).status == 403


def test_what_is_damaged_lets_in_nobody(world: World, closed: None) -> None:
    good = issue(world, LEDGER, "Gil")
    service, item = world.service, f"access/{LEDGER}"
    kept = world.keychain.read(service, item)
    world.keychain.write(service, item, type(kept)(b"{"))
    update_edge(world.node, {})
    try:
        name = HostName(host(LEDGER))
        wait_until(
            lambda: probe_route(world.node, name, nameless=True).get("access") == "closed",
            "the edge closes it",
        )
        assert visit(world, LEDGER, good).status == 403
    finally:
        world.keychain.write(service, item, kept)
    world.run(set_access(world.node, LEDGER, AccessMode.CERTIFICATE))
    assert visit(world, LEDGER, good).status == 200
