"""A real ACME server on a machine beyond the engine's host: Let's Encrypt's own for tests."""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from catalogue import Made
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from lan import ADDRESS, HOST, certify, machine_beyond, make_certificate
from waiting import wait_until

#: Where it looks for the challenge: the edge's port for plain HTTP.
HTTP_PORT = 8080
_PORT, _FRONT, _MANAGEMENT, _NAMES, _NAMES_MANAGEMENT = 14000, 14001, 15000, 8053, 8055

#: What stands before the server: it passes on what it is asked, but for new orders where those are
#: limited.
_BEFORE = """
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
frontend front
  bind {address}:{front} ssl crt {keys}
  {limit}
  default_backend server
backend server
  server pebble {address}:{port} ssl verify none
"""
_LIMIT = """http-request return status 429 content-type application/problem+json \
    file {problem} hdr retry-after 3600 if {{ path /order-plz }}"""


@dataclass
class AcmeTestServer:
    """namespace: of the machine that it runs on. responder: the address, in what it gives, that
    tells whether that is still good, "" for none. roots: PEM, what the client trusts."""

    folder: Path
    namespace: str
    responder: str = ""
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def directory(self) -> str:
        return f"https://{ADDRESS}:{_PORT}/dir"

    @property
    def front(self) -> str:
        """The directory of `stand_before`."""
        return f"https://{ADDRESS}:{_FRONT}/dir"

    @property
    def own(self) -> bytes:
        """The certificate that the server itself shows."""
        return (self.folder / "server.pem").read_bytes().partition(b"-----BEGIN PRIVATE")[0]

    @property
    def root(self) -> bytes:
        """The one above the certificates that it gives. It is another one after each start."""
        return self._told("roots")

    @property
    def issuer(self) -> Made:
        """Who signs what it gives, with its key."""
        key = load_pem_private_key(self._told("intermediate-keys"), None)
        assert isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
        return Made(x509.load_pem_x509_certificate(self._told("intermediates")), key)

    @property
    def roots(self) -> bytes:
        return self.own + self.root

    def start(self, leads_to: str = HOST) -> None:
        """It knows no account and no certificate of before. leads_to: where every name does."""
        self._begin(
            *("pebble-challtestsrv", "-defaultIPv4", leads_to, "-defaultIPv6", ""),
            *("-dns01", f"127.0.0.1:{_NAMES}", "-management", f"127.0.0.1:{_NAMES_MANAGEMENT}"),
            *("-http01", "", "-https01", "", "-tlsalpn01", ""),
        )
        configuration = self.folder / "pebble.json"
        pebble = {
            "listenAddress": f"{ADDRESS}:{_PORT}",
            "managementListenAddress": f"{ADDRESS}:{_MANAGEMENT}",
            "certificate": str(self.folder / "server.pem"),
            "privateKey": str(self.folder / "server.key"),
            "httpPort": HTTP_PORT,
            "tlsPort": 5001,
            "ocspResponderURL": self.responder,
        }
        configuration.write_text(json.dumps({"pebble": pebble}))
        names = f"127.0.0.1:{_NAMES}"
        self._begin("pebble", "-config", str(configuration), "-dnsserver", names)
        wait_until(lambda: _listens(_PORT) and _listens(_MANAGEMENT), "the server")

    @contextmanager
    def stand_before(self, limited: bool) -> Iterator[None]:
        """At `front`. limited: nobody gets another certificate for an hour."""
        problem = self.folder / "problem.json"
        kind = "urn:ietf:params:acme:error:rateLimited"
        told = {"type": kind, "detail": "too many new orders recently", "status": 429}
        problem.write_text(json.dumps(told))
        configuration = self.folder / "front.cfg"
        limit = _LIMIT.format(problem=problem) if limited else ""
        ports = {"address": ADDRESS, "front": _FRONT, "port": _PORT}
        keys = self.folder / "server.pem"
        configuration.write_text(_BEFORE.format(keys=keys, limit=limit, **ports))
        self._begin("haproxy", "-db", "-f", str(configuration))
        try:
            wait_until(lambda: _listens(_FRONT), "the front")
            yield
        finally:
            front = self.running.pop()
            front.kill()
            front.wait()

    @contextmanager
    def certified(self, begins: timedelta, ends: timedelta) -> Iterator[bytes]:
        """Shows a certificate of that time from now; it is yielded, PEM."""
        keys = self.folder / "server.pem"
        before = keys.read_bytes()
        self.stop()
        shown = certify(keys, begins, ends)
        self.start()
        try:
            yield shown
        finally:
            self.stop()
            keys.write_bytes(before)
            self.start()

    def stop(self) -> None:
        for each in self.running:
            each.kill()
            each.wait()
        self.running.clear()

    def _told(self, what: str) -> bytes:
        trust = ssl.create_default_context(cadata=self.own.decode())
        place = f"https://{ADDRESS}:{_MANAGEMENT}/{what}/0"
        with urllib.request.urlopen(place, timeout=10, context=trust) as answer:
            found: bytes = answer.read()
        return found

    def _begin(self, *command: str) -> None:
        quick = ["env", "PEBBLE_VA_NOSLEEP=1", "PEBBLE_WFE_NONCEREJECT=0"]
        place = ["ip", "netns", "exec", self.namespace]
        log = (self.folder / f"{command[0]}.log").open("ab")
        with log:
            made = subprocess.Popen([*place, *quick, *command], stdout=log, stderr=log)
        self.running.append(made)


def _listens(port: int) -> bool:
    try:
        socket.create_connection((ADDRESS, port), 5).close()
    except OSError:
        return False
    return True


@contextmanager
def acme_server(folder: Path) -> Iterator[AcmeTestServer]:
    make_certificate(folder / "server.pem")
    with machine_beyond() as name:
        server = AcmeTestServer(folder, name)
        server.start()
        try:
            yield server
        finally:
            server.stop()
