"""Asks a route of the edge as a visitor would: probe_route.py HOST PATH [--websocket] [--nameless].

Where visitors need a certificate it shows the one that was made for it; nameless, it shows none.
A certificate that does not verify is told, and the route asked all the same: one that has ended
shall not keep an app from being started or deployed.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import http.client
import json
import os
import socket
import ssl
from pathlib import Path

from served import SERVED, held_still

# RFC 6455, section 1.3
_WEBSOCKET_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_ACCESS = SERVED / "access"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("host")
    parser.add_argument("path")
    parser.add_argument("--websocket", action="store_true")
    parser.add_argument("--nameless", action="store_true")
    parser.add_argument("--ca", default=SERVED / "visitors-ca.pem")
    parser.add_argument("--port", type=int, default=8443)
    parser.add_argument("--timeout", type=float, default=5.0)
    given = parser.parse_args()
    answer: dict[str, object] = {"status": None, "release": None, "error": None, "unverified": None}
    with held_still():
        trust = trusting(given.ca, None if given.nameless else _ACCESS / f"{given.host}-probe.pem")
    try:
        try:
            connection = connect(given.host, given.port, trust, given.timeout)
        except ssl.SSLCertVerificationError as error:
            answer["unverified"] = error.verify_message
            trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
            connection = connect(given.host, given.port, trust, given.timeout)
        with connection:
            answer.update(ask(connection, given.host, given.path, given.websocket))
    except (OSError, http.client.HTTPException) as error:
        answer["error"] = f"{type(error).__name__}: {error}"
    print(json.dumps(answer))


def trusting(ca: str, shown: Path | None = None) -> ssl.SSLContext:
    """shown: a certificate with its key, where there is one."""
    trust = ssl.create_default_context(cafile=ca)
    if shown is not None and shown.exists():
        trust.load_cert_chain(shown)
    # of a public CA, by ACME
    trust.load_default_certs()
    trust.set_alpn_protocols(["http/1.1"])
    return trust


def connect(host: str, port: int, trust: ssl.SSLContext, timeout: float) -> ssl.SSLSocket:
    plain = socket.create_connection(("127.0.0.1", port), timeout)
    try:
        return trust.wrap_socket(plain, server_hostname=host)
    except OSError:
        plain.close()
        raise


def ask(connection: ssl.SSLSocket, host: str, path: str, websocket: bool) -> dict[str, object]:
    key = base64.b64encode(os.urandom(16))
    headers = {"Host": host, "Connection": "close"}
    if websocket:
        headers |= {
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Origin": f"https://{host}",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": key.decode(),
        }
    client = http.client.HTTPConnection(host)
    client.sock = connection
    client.request("GET", path, headers=headers)
    response = client.getresponse()
    error = None
    if websocket:
        accept = base64.b64encode(hashlib.sha1(key + _WEBSOCKET_GUID).digest()).decode()
        if response.status != 101 or response.headers.get("Sec-WebSocket-Accept") != accept:
            error = "the websocket did not open"
    release = response.headers.get("X-Holdfast-Release")
    policies = response.headers.get_all("Content-Security-Policy", [])
    return {
        "status": response.status,
        "release": release,
        "policies": policies,
        "location": response.headers.get("Location"),
        "access": response.headers.get("X-Holdfast-Access"),
        "error": error,
    }


if __name__ == "__main__":
    main()
