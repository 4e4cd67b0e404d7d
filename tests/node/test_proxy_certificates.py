"""The proxies before one another with certificates of the kinds that badssl.com serves, and without
the authority that they judge by: each refuses the other, and HAProxy's own verdict is watched."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from catalogue import DAY, Made, Wanted, authority, issue, of_ours, signed_with
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID
from proxy_world import ProxyWorld, Sidecar, running_proxies, serve_sales
from raw_visitor import ask, client_trust, connect
from waiting import wait_until

from holdfast.domain.container import PushedFile
from holdfast.domain.names import HostName
from holdfast.domain.secret import Secret
from holdfast.node.certificates import (
    issue_client,
    issue_visitor,
    new_access_authority,
    new_edge_authority,
    pem_bundle,
    revocation_list,
)
from holdfast.node.proxy_commands import EDGE_COMMAND
from holdfast.node.proxy_configuration import EDGE_NAME, Doorkeeper

pytestmark = pytest.mark.node
HOST = HostName("sales.localhost")
NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def world(engine_socket: Path) -> Iterator[ProxyWorld]:
    with running_proxies(engine_socket) as made:
        yield made


@pytest.fixture(scope="module")
def sales(world: ProxyWorld) -> Sidecar:
    return serve_sales(world)


def bundle(made: Made, *above: Made) -> Secret:
    return Secret(b"".join((made.pem, *(each.pem for each in above), made.key_pem())))


def plain(name: str) -> Wanted:
    """A sound one, as of now."""
    return Wanted(name, (name,), NOW - DAY, NOW + 9 * DAY)


#: What a sidecar shows, by the authority that the edge trusts and the name that it asks for.
SHOWN: Mapping[str, Callable[[Made, str], Secret]] = {
    "sound": lambda ca, name: bundle(issue(plain(name), ca)),
    "expired": lambda ca, name: bundle(issue(replace(plain(name), ends=NOW - DAY / 2), ca)),
    "not yet valid": lambda ca, name: bundle(issue(replace(plain(name), begins=NOW + DAY), ca)),
    "self-signed": lambda ca, name: bundle(issue(plain(name))),
    "another CA": lambda ca, name: bundle(issue(plain(name), authority("Another CA"))),
    "another name": lambda ca, name: bundle(issue(plain("another.holdfast.internal"), ca)),
    "no names": lambda ca, name: bundle(issue(replace(plain(name), names=()), ca)),
    "a subject that is not among the names": lambda ca, name: bundle(
        issue(replace(plain(name), names=("another.holdfast.internal",)), ca)
    ),
    "SHA-1": lambda ca, name: bundle(signed_with("sha1", name, ca)),
    "RSA of 1024 bits": lambda ca, name: bundle(
        issue(replace(plain(name), key=rsa.generate_private_key(65537, 1024)), ca)
    ),
    "for clients alone": lambda ca, name: bundle(
        issue(replace(plain(name), purpose=ExtendedKeyUsageOID.CLIENT_AUTH), ca)
    ),
    "an incomplete chain": lambda ca, name: bundle(issue(plain(name), between(ca))),
    "a CA below the one that may have none": lambda ca, name: below(between(ca), name),
}
#: HAProxy compares the subject as well. The node's CA issues none without names, and whoever looks
#: at the certificates is told of one.
BY_SUBJECT = ("no names", "a subject that is not among the names")
SERVED = ("sound", *BY_SUBJECT)


def between(ca: Made) -> Made:
    return authority("Between", ca, begins=NOW - DAY, ends=NOW + 9 * DAY)


def below(issuer: Made, name: str) -> Secret:
    return bundle(issue(plain(name), issuer), issuer)


def lax(file: PushedFile) -> PushedFile:
    """A sidecar that shows whatever it was given: ours would refuse to load some of it."""
    strict, loose = b"ssl-security-level 2", b"ssl-security-level 0"
    if file.path.endswith("haproxy.cfg"):
        assert strict in file.content
    return replace(file, content=file.content.replace(strict, loose))


@contextmanager
def showing(
    world: ProxyWorld, number: int, certificate: Callable[[str], Secret]
) -> Iterator[Sidecar]:
    """A sidecar with an app, which serves whoever does not look at what it shows."""
    sidecar = world.start_sidecar(f"kind{number}", spoil=lax, certificate=certificate)
    app = world.start_app(sidecar)
    try:
        wait_until(lambda: careless(world, sidecar) == 200, "the app behind it answers")
        yield sidecar
    finally:
        world.engine.remove(app)
        world.end(sidecar.name, sidecar.address)


class TestEdge:
    @pytest.mark.parametrize("kind", SHOWN)
    def test_passes_a_request_to_no_sidecar_whose_certificate_is_bad(
        self, world: ProxyWorld, sales: Sidecar, kind: str
    ) -> None:
        ca = of_ours(world.authorities.sidecars)
        number = list(SHOWN).index(kind)
        with showing(world, number, partial(SHOWN[kind], ca)) as sidecar:
            host = sidecar.route.host_name
            world.push_edge(sidecar.route)
            assert world.reload() == (0, "")
            wait_until(lambda: world.probe(host)["status"] is not None, "the route")
            before = world.requests(sidecar)
            answer = world.visit(host)
            if kind in SERVED:
                assert answer.status == 200
                assert world.requests(sidecar) == before + 1
            else:
                assert (answer.status, "x-holdfast-release" in answer.headers) == (503, False)
                assert world.requests(sidecar) == before

    @pytest.mark.parametrize("file", ["sidecars-ca.pem", "visitors-ca.pem", f"{HOST}-ca.pem"])
    def test_does_not_start_without_a_whole_authority(
        self, world: ProxyWorld, sales: Sidecar, file: str
    ) -> None:
        now, ours = datetime.now(UTC), world.authorities.edge
        revocations = revocation_list(ours, {}, now)
        keepers = {HOST: Doorkeeper("mark", "-", ours.certificate, revocations)}
        for damage in ("none", *DAMAGES):
            address = world.place()
            edge = world.start(f"edge-{file[:5]}-{damage[:3]}", EDGE_COMMAND, address)
            spoil = spoiling(file, damage)
            world.push_edge(sales.route, doorkeepers=keepers, to=edge, spoil=spoil)
            if damage == "none":
                wait_until(partial(begun, world, edge), "it begins")
            else:
                wait_until(partial(ended, world, edge), f"it ends: {damage}")
            world.end(edge, address)

    @pytest.mark.parametrize("file", ["sidecars-ca.pem", "visitors-ca.pem"])
    def test_changes_nothing_for_a_damaged_authority(
        self, world: ProxyWorld, sales: Sidecar, file: str
    ) -> None:
        world.push_edge(sales.route)
        assert world.reload() == (0, "")
        for damage in DAMAGES:
            world.push_edge(sales.route, spoil=spoiling(file, damage))
            status, complaint = world.reload()
            assert (status, file in complaint) == (1, True), damage
            assert world.shell(world.edge, "ls -d /keys/next") == ""
        assert world.visit(HOST).status == 200


def begun(world: ProxyWorld, proxy: str) -> bool:
    return world.shell(proxy, "cat /keys/pid") != ""


def ended(world: ProxyWorld, proxy: str) -> bool:
    return not world.is_running(proxy)


def careless(world: ProxyWorld, sidecar: Sidecar) -> int:
    trust = client_trust(
        world.authorities.sidecars.certificate, world.authorities.client_certificate()
    )
    trust.check_hostname = False
    trust.verify_mode = ssl.CERT_NONE
    trust.set_ciphers("DEFAULT@SECLEVEL=0")
    try:
        with connect(sidecar.address, trust, sidecar.server_name) as connection:
            return ask(connection, sidecar.route.host_name).status
    except ConnectionError:
        return 0


DAMAGES = ("missing", "empty", "garbage", "cut short")


def spoiling(name: str, damage: str) -> Callable[[PushedFile], PushedFile | None]:
    def spoil(file: PushedFile) -> PushedFile | None:
        if not file.path.endswith(name):
            return file
        contents = {
            "none": file.content,
            "empty": b"",
            "garbage": b"not a certificate\n",
            "cut short": file.content + file.content[:200],
        }
        return replace(file, content=contents[damage]) if damage in contents else None

    return spoil


#: What a client shows a sidecar, and with what it is turned away: a TLS alert by OpenSSL's name.
VISITORS: Mapping[str, tuple[Callable[[ProxyWorld], Secret | None], str]] = {
    "nobody": (lambda world: None, "TLSV13_ALERT_CERTIFICATE_REQUIRED"),
    "another authority's": (
        lambda world: pem_bundle(issue_client(new_edge_authority(NOW), EDGE_NAME, NOW)),
        "TLSV1_ALERT_UNKNOWN_CA",
    ),
    "expired": (
        lambda world: shown_by(world, replace(client(), ends=NOW - DAY / 2)),
        "SSLV3_ALERT_CERTIFICATE_EXPIRED",
    ),
    "not yet valid": (
        lambda world: shown_by(world, replace(client(), begins=NOW + DAY)),
        "SSLV3_ALERT_BAD_CERTIFICATE",
    ),
    "for servers alone": (
        lambda world: shown_by(world, plain(EDGE_NAME)),
        "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE",
    ),
    "self-signed": (lambda world: bundle(issue(client())), "TLSV1_ALERT_UNKNOWN_CA"),
    "another app's": (
        lambda world: world.authorities.sidecar_certificate("stock.r1.sidecar.holdfast.internal"),
        "TLSV1_ALERT_UNKNOWN_CA",
    ),
    "a sidecar's with the edge's name": (
        lambda world: world.authorities.sidecar_certificate(EDGE_NAME),
        "TLSV1_ALERT_UNKNOWN_CA",
    ),
    "an app's visitor's": (
        lambda world: pem_bundle(
            issue_visitor(new_access_authority("sales", NOW), EDGE_NAME, NOW, 30)
        ),
        "TLSV1_ALERT_UNKNOWN_CA",
    ),
    "another client of the edge's CA": (
        lambda world: world.authorities.client_certificate("stock.holdfast.internal"),
        "closed without an answer",
    ),
}


def client() -> Wanted:
    return replace(plain(EDGE_NAME), purpose=ExtendedKeyUsageOID.CLIENT_AUTH)


def shown_by(world: ProxyWorld, wanted: Wanted) -> Secret:
    return bundle(issue(wanted, of_ours(world.authorities.edge)))


class TestSidecar:
    @pytest.mark.parametrize("visitor", VISITORS)
    def test_turns_away(self, world: ProxyWorld, sales: Sidecar, visitor: str) -> None:
        show, how = VISITORS[visitor]
        assert turned_away(world, sales, show(world)) == how

    def test_admits_the_edge_by_one_made_the_same_way(
        self, world: ProxyWorld, sales: Sidecar
    ) -> None:
        assert turned_away(world, sales, shown_by(world, client())) == ""

    @pytest.mark.parametrize("damage", DAMAGES)
    def test_does_not_start_without_a_whole_authority(self, world: ProxyWorld, damage: str) -> None:
        spoil = spoiling("edge-ca.pem", damage)
        sidecar = world.start_sidecar("broken", damage.replace(" ", "-"), spoil=spoil)
        wait_until(partial(ended, world, sidecar.name), "it ends")
        world.end(sidecar.name, sidecar.address)


def turned_away(world: ProxyWorld, sidecar: Sidecar, certificate: Secret | None) -> str:
    """How; "" if the app answers."""
    trust = client_trust(world.authorities.sidecars.certificate, certificate)
    try:
        # of TLS 1.3: the client's handshake ends before the server has looked at its certificate
        with connect(sidecar.address, trust, sidecar.server_name) as connection:
            assert ask(connection, "sales.localhost").status == 200
    except ssl.SSLError as error:
        return str(error.reason)
    except http.client.RemoteDisconnected:
        return "closed without an answer"
    return ""
