"""The proxies as they run: HAProxy of the node image, its limits, its files in RAM."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from proxy_world import (
    UID,
    Authorities,
    ProxyWorld,
    Sidecar,
    running_proxies,
    serve_sales,
)
from raw_visitor import ask, client_trust, connect, echo, open_websocket
from waiting import wait_until

from holdfast.domain.container import PushedFile
from holdfast.domain.names import HostName
from holdfast.domain.secret import Secret
from holdfast.node.certificates import (
    issue_server,
    pem_bundle,
)
from holdfast.node.proxy_commands import SIDECAR_COMMAND

pytestmark = pytest.mark.node
SALES = HostName("sales.localhost")


@pytest.fixture(scope="module")
def world(engine_socket: Path) -> Iterator[ProxyWorld]:
    """An edge, and what the tests put behind it."""
    with running_proxies(engine_socket) as made:
        yield made


@pytest.fixture(scope="module")
def sales(world: ProxyWorld) -> Sidecar:
    return serve_sales(world)


@pytest.fixture(scope="module", autouse=True)
def unpushed(world: ProxyWorld) -> str:
    """A sidecar that gets nothing; begun first, because it waits for ten seconds."""
    return world.start("unpushed", SIDECAR_COMMAND, world.place())


@pytest.fixture
def quiet(world: ProxyWorld, sales: Sidecar) -> Iterator[None]:
    """The edge goes back to the one route of sales afterwards."""
    yield
    world.push_edge(sales.route)
    assert world.reload() == (0, "")
    world.wait_for_release("sales.localhost", "r1")


class TestVisitors:
    def test_reach_the_app_with_their_host_unchanged(
        self, world: ProxyWorld, sales: Sidecar
    ) -> None:
        answer = world.visit("sales.localhost", host_header="sales.localhost:8443")
        assert answer.status == 200
        assert answer.seen["host"] == "sales.localhost:8443"
        assert answer.headers["strict-transport-security"] == "max-age=63072000"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-holdfast-release"] == "r1"

    def test_get_the_headers_that_keep_a_page_to_itself(
        self, world: ProxyWorld, sales: Sidecar
    ) -> None:
        headers = world.visit("sales.localhost").headers
        assert headers["x-frame-options"] == "SAMEORIGIN"
        assert headers["referrer-policy"] == "strict-origin-when-cross-origin"
        assert headers["cross-origin-opener-policy"] == "same-origin-allow-popups"
        assert "server" not in headers
        own = "/?set=Referrer-Policy:no-referrer&set=Content-Security-Policy:frame-ancestors+*"
        headers = world.visit("sales.localhost", own).headers
        assert headers["referrer-policy"] == "no-referrer"
        assert "x-frame-options" not in headers

    def test_cannot_say_who_they_are(self, world: ProxyWorld, sales: Sidecar) -> None:
        forged = {
            "X-Forwarded-For": "1.2.3.4",
            "X-Forwarded-Proto": "http",
            "X-Forwarded-Host": "evil.example",
            "Forwarded": "for=1.2.3.4",
            "X-Real-IP": "1.2.3.4",
        }
        seen = world.visit("sales.localhost", headers=forged).seen
        assert seen["x-forwarded-proto"] == "https"
        assert seen["x-forwarded-for"] == str(world.gateway)
        assert not {"x-forwarded-host", "forwarded", "x-real-ip"} & set(seen)

    def test_of_another_host_than_the_certificates_are_told_so(
        self, world: ProxyWorld, sales: Sidecar
    ) -> None:
        answer = world.visit("sales.localhost", host_header="stock.localhost")
        assert (answer.status, "x-holdfast-release" in answer.headers) == (421, False)

    @pytest.mark.parametrize("name", ["unknown.localhost", None])
    def test_of_an_unknown_host_are_shown_no_certificate(
        self, world: ProxyWorld, sales: Sidecar, name: str | None
    ) -> None:
        trust = ssl.create_default_context(cadata=world.authorities.visitors.root.decode())
        trust.check_hostname = False
        with pytest.raises(ssl.SSLError, match=r"UNRECOGNIZED_NAME|HANDSHAKE_FAILURE"):
            connect(world.edge_address, trust, name)

    @pytest.mark.parametrize(
        "path",
        [
            "/_stcore/metrics",
            "/_stcore/metrics?x=1",
            "/_stcore/metrics/",
            "/_stcore/agent",
            "/_stcore/agent/v1/tools",
            "/_stcore/script-health-check",
            "//_stcore//metrics",
            "/_STCORE/Metrics",
            "/_stcore/%6detrics",
            "/%5fstcore%2fmetrics",
            "/_stcore/./metrics",
            "/_stcore/x/../metrics",
            "/_stcore/%2e%2e/_stcore/metrics",
            "/base/_stcore/metrics",
            "/_stcore\\metrics",
            "/_stcore/metrics%00",
            "/%zz/_stcore/metrics",
        ],
    )
    def test_do_not_see_streamlits_inner_pages(
        self, world: ProxyWorld, sales: Sidecar, path: str
    ) -> None:
        answer = world.visit("sales.localhost", path)
        assert (answer.status, b"There is nothing here" in answer.body) == (404, True)

    @pytest.mark.parametrize("path", ["/_stcore/health", "/metrics", "/agent", "/a%20b?q=%zz"])
    def test_see_all_other_pages_with_the_path_unchanged(
        self, world: ProxyWorld, sales: Sidecar, path: str
    ) -> None:
        answer = world.visit("sales.localhost", path)
        assert answer.status == 200
        assert f'"path": "{path}"'.encode() in answer.body

    def test_of_plain_http_are_sent_to_tls(self, world: ProxyWorld, sales: Sidecar) -> None:
        with socket.create_connection((world.edge_address, 8080), 10) as connection:
            answer = ask(connection, "Sales.localhost:8080", "/a?b=c")
        assert answer.status == 308
        assert answer.headers["location"] == "https://sales.localhost/a?b=c"

    @pytest.mark.parametrize(
        ("method", "host", "path"),
        [
            ("GET", "unknown.localhost", "/"),
            ("GET", "sales.localhost", "@evil.example"),
            ("GET", "sales.localhost", "https://evil.example/"),
            ("OPTIONS", "sales.localhost", "*"),
        ],
    )
    def test_of_plain_http_are_sent_nowhere_else(
        self, world: ProxyWorld, sales: Sidecar, method: str, host: str, path: str
    ) -> None:
        with socket.create_connection((world.edge_address, 8080), 10) as connection:
            answer = ask(connection, host, path, method=method)
        assert answer.status in (400, 404)
        assert "location" not in answer.headers

    @pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated")
    def test_need_tls_of_1_2_or_later(self, world: ProxyWorld, sales: Sidecar) -> None:
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            trust = ssl.create_default_context(cadata=world.authorities.visitors.root.decode())
            trust.minimum_version = trust.maximum_version = version
            with connect(world.edge_address, trust, "sales.localhost") as connection:
                assert ask(connection, "sales.localhost").status == 200
        trust.set_ciphers("ALL:@SECLEVEL=0")
        trust.minimum_version = trust.maximum_version = ssl.TLSVersion.TLSv1_1
        with pytest.raises(ssl.SSLError, match="PROTOCOL_VERSION"):
            connect(world.edge_address, trust, "sales.localhost")

    def test_are_offered_http_2_for_pages(self, world: ProxyWorld, sales: Sidecar) -> None:
        trust = ssl.create_default_context(cadata=world.authorities.visitors.root.decode())
        trust.set_alpn_protocols(["h2", "http/1.1"])
        with connect(world.edge_address, trust, "sales.localhost") as connection:
            assert connection.selected_alpn_protocol() == "h2"


class TestSidecar:
    def test_admits_the_edge(self, world: ProxyWorld, sales: Sidecar) -> None:
        assert self._ask(world, sales, world.authorities.client_certificate()) == 200

    def test_speaks_tls_1_3_alone(self, world: ProxyWorld, sales: Sidecar) -> None:
        trust = client_trust(
            world.authorities.sidecars.certificate, world.authorities.client_certificate()
        )
        trust.maximum_version = ssl.TLSVersion.TLSv1_2
        with pytest.raises(ssl.SSLError, match="PROTOCOL_VERSION"):
            connect(sales.address, trust, sales.server_name)

    def test_keeps_its_port_from_the_app(self, world: ProxyWorld, sales: Sidecar) -> None:
        listen = (
            "import socket, sys; s = socket.socket();"
            "s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1);"
            "s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1);"
            "s.bind(('0.0.0.0', int(sys.argv[1]))); s.listen(); print('listens')"
        )
        app = f"{sales.name}-run"
        tries = [world.shell(app, f'python3 -c "{listen}" {port}') for port in (8443, 8444)]
        assert tries == ["", "listens"]

    def test_shows_a_calm_page_while_the_app_does_not_run(
        self, world: ProxyWorld, quiet: None, sales: Sidecar
    ) -> None:
        early = world.start_sidecar("early", "r7")
        world.push_edge(sales.route, early.route)
        assert world.reload() == (0, "")
        world.wait_for_release("early.localhost", "r7", status=503)
        answer = world.visit("early.localhost")
        assert b"not ready yet" in answer.body
        assert answer.headers["strict-transport-security"]

    def _ask(self, world: ProxyWorld, sidecar: Sidecar, certificate: Secret | None) -> int:
        trust = client_trust(world.authorities.sidecars.certificate, certificate)
        with connect(sidecar.address, trust, sidecar.server_name) as connection:
            return ask(connection, "sales.localhost").status


class TestEdge:
    def test_does_not_speak_to_a_sidecar_with_another_name(
        self, world: ProxyWorld, quiet: None, sales: Sidecar
    ) -> None:
        wrong = world.impostor("stock.localhost", sales, "another.sidecar.holdfast.internal")
        world.push_edge(sales.route, wrong)
        assert world.reload() == (0, "")
        world.wait_for_release("stock.localhost", None, status=503)
        assert b"not ready yet" in world.visit("stock.localhost").body

    def test_does_not_speak_to_a_sidecar_of_another_authority(
        self, world: ProxyWorld, quiet: None, sales: Sidecar
    ) -> None:
        own, world.authorities.sidecars = world.authorities.sidecars, Authorities.new().sidecars
        try:
            world.push_edge(sales.route)
        finally:
            world.authorities.sidecars = own
        assert world.reload() == (0, "")
        world.wait_for_release("sales.localhost", None, status=503)

    def test_starts_without_any_route(self, world: ProxyWorld, quiet: None) -> None:
        world.push_edge()
        assert world.reload()[0] == 0
        wait_until(lambda: world.probe("sales.localhost")["status"] is None, "the route is gone")
        assert world.certificates("sales.localhost") == {}
        assert "UNRECOGNIZED_NAME" in str(world.probe("sales.localhost")["error"]).upper()

    def test_tells_until_when_the_served_certificate_lasts(
        self, world: ProxyWorld, quiet: None, sales: Sidecar
    ) -> None:
        short = issue_server(world.authorities.visitors, [SALES], datetime.now(UTC), days=3)
        world.push_edge(sales.route, certificates={SALES: pem_bundle(short)})
        assert world.reload()[0] == 0
        made = x509.load_pem_x509_certificate(short.certificate)
        ends = int(made.not_valid_after_utc.timestamp())
        told = (SALES, "nobody.localhost")
        wait_until(lambda: world.certificates(*told) == {SALES: ends}, "the new certificate")
        foreign = issue_server(Authorities.new().visitors, [SALES], datetime.now(UTC))
        world.push_edge(sales.route, certificates={SALES: pem_bundle(foreign)})
        assert world.reload()[0] == 0
        wait_until(lambda: world.certificates(*told) == {}, "one that does not verify is no one")

    def test_keeps_websockets_through_a_change_of_routes(
        self, world: ProxyWorld, quiet: None, sales: Sidecar
    ) -> None:
        newer = world.start_sidecar("sales", "r2")
        world.start_app(newer)
        trust = ssl.create_default_context(cadata=world.authorities.visitors.root.decode())
        with connect(world.edge_address, trust, "sales.localhost") as connection:
            open_websocket(connection, "sales.localhost")
            assert echo(connection, b"before") == b"before"
            workers = world.workers()
            world.push_edge(newer.route)
            assert world.reload() == (0, "")
            world.wait_for_release("sales.localhost", "r2")
            assert echo(connection, b"after") == b"after"
            assert world.workers() > workers
            for _ in range(13):
                world.push_edge(newer.route)
                assert world.reload() == (0, "")
            assert echo(connection, b"still") == b"still"
        wait_until(lambda: world.workers() == workers, "the old worker ends with its websocket")
        told = world.probe("sales.localhost", "/_stcore/stream", websocket=True)
        assert (told["status"], told["release"], told["error"]) == (101, "r2", None)
        assert len(told["policies"]) == 1

    def test_changes_nothing_when_what_was_pushed_is_damaged(
        self, world: ProxyWorld, quiet: None, sales: Sidecar
    ) -> None:
        listing = "cd /keys && cat pid && find current -type f | sort | xargs sha256sum"
        before = world.shell(world.edge, listing)
        lying = set(world.shell(world.edge, "ls /keys").split())
        world.push_edge(sales.route, certificates={"sales.localhost": Secret(b"damaged")})
        status, complaint = world.reload()
        assert status == 1
        assert "certs/sales.localhost.pem" in complaint
        assert "PRIVATE KEY" not in complaint
        assert world.shell(world.edge, listing) == before
        assert set(world.shell(world.edge, "ls /keys").split()) - lying <= {"reloading"}
        assert world.visit("sales.localhost").status == 200

    def test_says_so_when_nothing_was_pushed(self, world: ProxyWorld, sales: Sidecar) -> None:
        status, complaint = world.reload()
        assert status == 1
        assert "next/haproxy.cfg" in complaint

    def test_comes_back_after_a_crash(self, world: ProxyWorld, sales: Sidecar) -> None:
        pid = world.shell(world.edge, "cat /keys/pid")
        world.shell(world.edge, "kill -9 $(cat /keys/pid)")
        wait_until(lambda: world.shell(world.edge, "cat /keys/pid") != pid, "a new master")
        world.wait_for_release("sales.localhost", "r1")

    def test_leaves_nothing_readable_to_others(self, world: ProxyWorld, sales: Sidecar) -> None:
        assert world.shell(world.edge, "stat -c '%a %u' /keys /keys/current") == (
            f"700 {UID}\n700 {UID}"
        )
        modes = world.shell(world.edge, "find /keys/current -type f -printf '%m\\n' | sort -u")
        assert modes == "400"
        world.engine.push(world.edge, "/keys", [PushedFile("next/spare", b"x")], UID)
        assert world.shell(world.edge, "stat -c %a /keys/next") == "700"
        world.shell(world.edge, "rm -rf /keys/next")


def test_behind_its_firewall_a_sidecar_serves_the_edge_alone(
    world: ProxyWorld, quiet: None, sales: Sidecar
) -> None:
    walled = world.start_sidecar("walled")
    app = world.start_app(walled)
    world.push_edge(sales.route, walled.route)
    assert world.reload() == (0, "")
    world.wait_for_release("walled.localhost", "r1")
    socket.create_connection((walled.address, 8443), 5).close()
    world.load_firewall(walled)
    with pytest.raises(TimeoutError):
        socket.create_connection((walled.address, 8443), 0.5)
    world.wait_for_release("walled.localhost", "r1")
    # the engine's name server lies inside of the namespace
    lookup = f"python3 -c \"import socket; print(socket.gethostbyname('{world.edge}'))\""
    assert world.shell(app, lookup) == world.edge_address
    dial = f"python3 -c \"import socket; socket.create_connection(('{world.edge}', 8443), 3)\""
    assert world.shell(app, f"{dial} || echo refused") == "refused"


def test_idle_memory(world: ProxyWorld, sales: Sidecar) -> None:
    for name in (world.edge, sales.name):
        kilobytes = world.memory(name)
        print(f"{name.rsplit('-', 2)[-1]}: {kilobytes}, cgroup {world.engine.usage(name)}")
        assert kilobytes["Rss"]


def test_a_proxy_ends_when_nothing_is_pushed(world: ProxyWorld, unpushed: str) -> None:
    wait_until(lambda: not world.is_running(unpushed), "it ends", seconds=20)
