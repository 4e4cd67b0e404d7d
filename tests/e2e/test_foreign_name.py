"""A certificate for a foreign name under the visitors' CA, shown to a browser that trusts it."""

from __future__ import annotations

import http.server
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from firefox import firefox, firefox_profile
from forgery import forge
from playwright.sync_api import Error
from visitor import chromium
from waiting import wait_until

from holdfast.node.certificates import Authority, Leaf, new_visitors_authority, pem_bundle

pytestmark = pytest.mark.e2e


class Server(http.server.ThreadingHTTPServer):
    """asked: the hosts of requests. refused: what clients said who ended the handshake."""

    def __init__(self, context: ssl.SSLContext) -> None:
        super().__init__(("127.0.0.1", 0), Page)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.asked: list[str] = []
        self.refused: list[str] = []

    def was_met(self) -> bool:
        return bool(self.asked or self.refused)

    def get_request(self) -> tuple[socket.socket, Any]:
        try:
            return super().get_request()
        except ssl.SSLError as error:
            self.refused.append(error.reason or "")
            raise


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Server)
        self.server.asked.append(self.headers["Host"])
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<title>reached</title>")

    def log_message(self, *words: object) -> None:
        pass


@contextmanager
def serving(leaf: Leaf, folder: Path) -> Iterator[Server]:
    """A TLS server on the loopback with this certificate."""
    bundle = folder / "bundle.pem"
    bundle.write_bytes(pem_bundle(leaf).reveal())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(bundle)
    server = Server(context)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def authority(folder: Path) -> tuple[Authority, Path]:
    """A node's CA for visitors, and the file that browsers import."""
    networks = [ip_network("127.0.0.0/8"), ip_network("::1/128")]
    visitors = new_visitors_authority(["localhost", "apps.test"], networks, datetime.now(UTC))
    ca = folder / "ca.pem"
    ca.write_bytes(visitors.root)
    return visitors, ca


def test_chromium_takes_the_nodes_names_and_refuses_a_foreign_one(tmp_path: Path) -> None:
    visitors, ca = authority(tmp_path)
    everything_here = "--host-resolver-rules=MAP * 127.0.0.1"
    home = tmp_path / "home"
    home.mkdir()
    with chromium(home, ca, everything_here) as browser:
        page = browser.new_page()
        for name in ("sales.apps.test", "sales.localhost"):
            with serving(forge(visitors, name), tmp_path) as server:
                page.goto(f"https://{name}:{server.server_port}/")
                assert page.title() == "reached"
        for name in ("bank.example", "apps.test.example"):
            with serving(forge(visitors, name), tmp_path) as server:
                with pytest.raises(Error, match="ERR_CERT") as told:
                    page.goto(f"https://{name}:{server.server_port}/")
                assert "reached" not in page.title()
                assert told.value.message


def test_firefox_takes_the_nodes_names_and_refuses_a_foreign_one(tmp_path: Path) -> None:
    """It tells the server why it goes, with an alert of TLS, and asks for no page."""
    visitors, ca = authority(tmp_path)
    profile = firefox_profile(tmp_path / "profile", ca)
    for name, taken in (
        ("sales.apps.test", True),
        ("bank.example", False),
        ("apps.test.example", False),
    ):
        with (
            serving(forge(visitors, name), tmp_path) as server,
            firefox(profile, f"https://{name}:{server.server_port}/"),
        ):
            wait_until(server.was_met, "it comes", seconds=120)
        assert bool(server.asked) is taken, server.refused
        assert taken or "ALERT" in server.refused[0], server.refused
