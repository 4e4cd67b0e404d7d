"""What stands before pebble's directory and adds what this pebble lacks: answers about renewals
(ARI, RFC 9773), as a test wants them. All else is asked of pebble itself."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from acme_server import AcmeTestServer
from lan import ADDRESS

from holdfast.domain.acme import AcmeServer

_PORT = 14001
EXPLANATION = "https://acme.example.org/docs/ari"

#: FOLDER CERTIFICATE ADDRESS PORT DIRECTORY: FOLDER/answer.json is what is answered next, and
#: FOLDER/asked gets a line for each certificate that was asked about.
_SERVER = """
import http.server, json, pathlib, ssl, sys, urllib.request
folder, certificate, address, port, directory = sys.argv[1:]
trust = ssl.create_default_context(cafile=certificate)

class Front(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/dir":
            with urllib.request.urlopen(directory, timeout=10, context=trust) as known:
                names = json.load(known)
            names["renewalInfo"] = f"https://{address}:{port}/renewal-info"
            return self.answer(200, json.dumps(names).encode(), {})
        with pathlib.Path(folder, "asked").open("a") as file:
            file.write(self.path.removeprefix("/renewal-info/") + "\\n")
        told = json.loads(pathlib.Path(folder, "answer.json").read_text())
        self.answer(told["status"], told["body"].encode(), told["headers"])

    def answer(self, status, body, headers):
        self.send_response(status)
        usual = {"Content-Type": "application/json", "Content-Length": str(len(body))}
        for name, value in {**usual, **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        pass

server = http.server.ThreadingHTTPServer((address, int(port)), Front)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate)
server.socket = context.wrap_socket(server.socket, server_side=True)
print("ready", flush=True)
server.serve_forever()
"""


@dataclass(frozen=True)
class AriFront:
    folder: Path

    @property
    def asked(self) -> list[str]:
        """The certificates that were asked about, as ARI names them."""
        file = self.folder / "asked"
        return file.read_text().split() if file.exists() else []

    def through(self, server: AcmeServer) -> AcmeServer:
        return replace(server, directory=f"https://{ADDRESS}:{_PORT}/dir")

    def answer(
        self, body: str, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> None:
        told = {"status": status, "body": body, "headers": dict(headers or {})}
        part = self.folder / "answer.part"
        part.write_text(json.dumps(told))
        part.replace(self.folder / "answer.json")

    def suggest(self, begins: datetime, ends: datetime, retry_after: str = "21600") -> None:
        window = {"start": begins.isoformat(), "end": ends.isoformat()}
        body: dict[str, Any] = {"suggestedWindow": window, "explanationURL": EXPLANATION}
        self.answer(json.dumps(body), headers={"Retry-After": retry_after})


@contextmanager
def ari_front(server: AcmeTestServer, folder: Path) -> Iterator[AriFront]:
    front = AriFront(folder)
    front.answer("", status=404)
    place = ["ip", "netns", "exec", server.namespace, sys.executable, "-I", "-c", _SERVER]
    where = [str(folder), str(server.folder / "server.pem"), ADDRESS, str(_PORT)]
    command = [*place, *where, server.directory]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == b"ready\n"
        try:
            yield front
        finally:
            running.kill()
