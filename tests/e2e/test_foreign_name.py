"""A certificate for a foreign name under the visitors' CA, shown to a browser that trusts it."""

from __future__ import annotations

import http.server
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path
from threading import Thread

import pytest
from forgery import forge
from playwright.sync_api import Error
from visitor import chromium

from holdfast.node.certificates import Leaf, new_visitors_authority, pem_bundle

pytestmark = pytest.mark.e2e


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<title>reached</title>")

    def log_message(self, *words: object) -> None:
        pass


@contextmanager
def serving(leaf: Leaf, folder: Path) -> Iterator[int]:
    """A TLS server on the loopback with this certificate; its port."""
    bundle = folder / "bundle.pem"
    bundle.write_bytes(pem_bundle(leaf).reveal())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(bundle)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_chromium_takes_the_nodes_names_and_refuses_a_foreign_one(tmp_path: Path) -> None:
    networks = [ip_network("127.0.0.0/8"), ip_network("::1/128")]
    visitors = new_visitors_authority(["localhost", "apps.test"], networks, datetime.now(UTC))
    ca = tmp_path / "ca.pem"
    ca.write_bytes(visitors.root)
    everything_here = "--host-resolver-rules=MAP * 127.0.0.1"
    home = tmp_path / "home"
    home.mkdir()
    with chromium(home, ca, everything_here) as browser:
        page = browser.new_page()
        for name in ("sales.apps.test", "sales.localhost"):
            with serving(forge(visitors, name), tmp_path) as port:
                page.goto(f"https://{name}:{port}/")
                assert page.title() == "reached"
        for name in ("bank.example", "apps.test.example"):
            with serving(forge(visitors, name), tmp_path) as port:
                with pytest.raises(Error, match="ERR_CERT") as told:
                    page.goto(f"https://{name}:{port}/")
                assert "reached" not in page.title()
                assert told.value.message
