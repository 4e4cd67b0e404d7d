"""What CAs have said about the edge's certificates, and what of it visitors are shown.

ocsp_state.py HOST=FILE...   prints JSON: host to shown, what a handshake brings with it, answer,
                             what its CA said last, both DER in base64 or null, and failed, since
                             when it says nothing and why (ocsp.py)
"""

from __future__ import annotations

import base64
import json
import socket
import struct
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

# of certbot's own; Python's ssl asks for no OCSP
from OpenSSL import SSL

_KEYS = Path("/keys")
_PORT = 8443
_SECONDS = 3.0
_NOTHING = {"answer": None, "failed": None}


def main() -> None:
    files = dict(each.split("=", 1) for each in sys.argv[1:])
    place = _KEYS / "ocsp.json"
    kept = json.loads(place.read_text()) if place.exists() else {}
    with ThreadPoolExecutor(8) as pool:
        shown = zip(files.items(), pool.map(stapled, files), strict=True)
        told = {
            host: {"shown": each, **_NOTHING, **kept.get(key_of(file), {})}
            for (host, file), each in shown
        }
    print(json.dumps(told))


def key_of(file: str) -> str:
    try:
        leaf = x509.load_pem_x509_certificate((_KEYS / "current" / file).read_bytes())
    except (OSError, ValueError):
        return ""
    return leaf.fingerprint(SHA256()).hex()


def stapled(host: str) -> str | None:
    got: list[bytes] = []
    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.set_ocsp_client_callback(lambda made, answer, _: got.append(answer) or True)
    try:
        with socket.create_connection(("127.0.0.1", _PORT), _SECONDS) as plain:
            # a time limit of Python's own would make it a socket that never waits
            plain.settimeout(None)
            limit = struct.pack("ll", int(_SECONDS), 0)
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
            made = SSL.Connection(context, plain)
            made.set_tlsext_host_name(host.encode())
            made.request_ocsp()
            made.set_connect_state()
            made.do_handshake()
    except (OSError, SSL.Error):
        return None
    return base64.b64encode(got[0]).decode() if got and got[0] else None


if __name__ == "__main__":
    main()
