"""A real ACME server on a machine beyond the engine's host: Let's Encrypt's own for tests."""

from __future__ import annotations

import json
import ssl
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from lan import ADDRESS, HOST, machine_beyond, make_certificate
from waiting import wait_until

#: Where it looks for the challenge: the edge's port for plain HTTP.
HTTP_PORT = 8080
_PORT, _MANAGEMENT, _NAMES, _NAMES_MANAGEMENT = 14000, 15000, 8053, 8055


@dataclass
class AcmeTestServer:
    """namespace: of the machine that it runs on. roots: PEM, what the client trusts."""

    folder: Path
    namespace: str
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def directory(self) -> str:
        return f"https://{ADDRESS}:{_PORT}/dir"

    @property
    def own(self) -> bytes:
        """The certificate that the server itself shows."""
        return (self.folder / "server.pem").read_bytes().partition(b"-----BEGIN PRIVATE")[0]

    @property
    def root(self) -> bytes:
        """The one above the certificates that it gives. It is another one after each start."""
        trust = ssl.create_default_context(cadata=self.own.decode())
        with urllib.request.urlopen(
            f"https://{ADDRESS}:{_MANAGEMENT}/roots/0", timeout=10, context=trust
        ) as answer:
            found: bytes = answer.read()
        return found

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
        }
        configuration.write_text(json.dumps({"pebble": pebble}))
        names = f"127.0.0.1:{_NAMES}"
        self._begin("pebble", "-config", str(configuration), "-dnsserver", names)
        wait_until(self._answers)

    def stop(self) -> None:
        for each in self.running:
            each.kill()
            each.wait()
        self.running.clear()

    def _answers(self) -> bool:
        try:
            return bool(self.root)
        except OSError:
            return False

    def _begin(self, *command: str) -> None:
        quick = ["env", "PEBBLE_VA_NOSLEEP=1", "PEBBLE_WFE_NONCEREJECT=0"]
        place = ["ip", "netns", "exec", self.namespace]
        log = (self.folder / f"{command[0]}.log").open("ab")
        with log:
            made = subprocess.Popen([*place, *quick, *command], stdout=log, stderr=log)
        self.running.append(made)


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
