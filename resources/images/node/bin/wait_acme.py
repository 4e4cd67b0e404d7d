"""Waits until the edge serves what it has taken of an app's ACME client: wait_acme.py HOST.

A reload tells nobody when it is done. Status 1: it did not come about within some seconds, or
it cannot use what the client shows.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import sys
import time
from pathlib import Path

_SECONDS = 20.0
_KEYS = Path("/keys/current")
_TOKEN = "holdfast"


def main(host: str) -> int:
    deadline = time.monotonic() + _SECONDS
    while time.monotonic() < deadline:
        try:
            if host in (_KEYS / "acme.refused").read_text().split():
                print("It cannot use what the ACME client shows.", file=sys.stderr)
                return 1
            if answers(host) and serves(host):
                return 0
        except OSError:
            # between two workers
            pass
        time.sleep(0.1)
    print("The edge does not serve it yet.", file=sys.stderr)
    return 1


def answers(host: str) -> bool:
    """Whether a challenge for this host would be answered for the account."""
    taken = dict(line.split() for line in (_KEYS / "acme.map").read_text().splitlines())
    if host not in taken:
        return False
    plain = http.client.HTTPConnection("127.0.0.1", 8080, timeout=5)
    try:
        plain.request("GET", f"/.well-known/acme-challenge/{_TOKEN}", headers={"Host": host})
        return plain.getresponse().read().decode() == f"{_TOKEN}.{taken[host]}"
    finally:
        plain.close()


def serves(host: str) -> bool:
    """Whether visitors get the certificate, where there is one."""
    kept = _KEYS / f"acme/{host}.pem"
    if not kept.exists():
        return True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with (
        socket.create_connection(("127.0.0.1", 8443), 5) as plain,
        context.wrap_socket(plain, server_hostname=host) as made,
    ):
        served = made.getpeercert(binary_form=True) or b""
    first = kept.read_text().partition("-----END CERTIFICATE-----")
    return served == ssl.PEM_cert_to_DER_cert(first[0] + first[1])


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
