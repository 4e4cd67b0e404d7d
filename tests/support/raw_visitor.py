"""A visitor without a browser: one connection over TLS, a question, a websocket."""

from __future__ import annotations

import hashlib
import http.client
import json
import socket
import ssl
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from holdfast.domain.secret import Secret


@dataclass
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def seen(self) -> dict[str, str]:
        """The headers that reached the app, names in lower case."""
        return {name.lower(): value for name, value in json.loads(self.body)["headers"]}


def connect(address: str, trust: ssl.SSLContext, name: str | None) -> ssl.SSLSocket:
    plain = socket.create_connection((address, 8443), timeout=10)
    try:
        return trust.wrap_socket(plain, server_hostname=name)
    except BaseException:
        plain.close()
        raise


def ask(
    connection: socket.socket,
    host: str,
    path: str = "/",
    headers: Mapping[str, str] | None = None,
    method: str = "GET",
) -> Answer:
    client = http.client.HTTPConnection(host)
    client.sock = connection
    client.putrequest(method, path, skip_host=True)
    for name, value in {"Host": host, **(headers or {})}.items():
        client.putheader(name, value)
    client.endheaders()
    response = client.getresponse()
    body = b"" if response.status == 101 else response.read()
    return Answer(
        response.status, {name.lower(): value for name, value in response.getheaders()}, body
    )


def open_websocket(connection: socket.socket, host: str) -> None:
    """Shake hands; from here on the app sends back every byte."""
    key = b64encode(hashlib.sha256(host.encode()).digest()[:16]).decode()
    headers = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": key,
    }
    answer = ask(connection, host, "/_stcore/stream", headers)
    assert answer.status == 101, answer


def echo(connection: socket.socket, text: bytes) -> bytes:
    connection.sendall(text)
    return connection.recv(len(text))


def client_trust(authority: bytes, certificate: Secret | None) -> ssl.SSLContext:
    """A client of a sidecar, which verifies it and shows this certificate."""
    trust = ssl.create_default_context(cadata=authority.decode())
    if certificate is not None:
        with TemporaryDirectory() as folder:
            path = Path(folder) / "client.pem"
            path.write_bytes(certificate.reveal())
            trust.load_cert_chain(path)
    return trust
