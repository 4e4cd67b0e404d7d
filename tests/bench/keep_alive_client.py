"""Asks for /_stcore/health on one connection: SECONDS ADDRESS PORT [HOST CA]. Python's own alone.

Runs in a container, so that every server is asked by the same program.
"""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import statistics
import sys
import time

_PATIENCE = 60.0


def main(seconds: float, address: str, port: str, host: str = "", ca: str = "") -> None:
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            client = open_connection((address, int(port)), host, ca)
            taken = [ask(client, host or address)]
            break
        except (OSError, http.client.HTTPException):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        taken.append(ask(client, host or address))
    print(json.dumps({"median": statistics.median(taken), "requests": len(taken)}))


def open_connection(place: tuple[str, int], host: str, ca: str) -> http.client.HTTPConnection:
    client = http.client.HTTPConnection(*place)
    client.sock = socket.create_connection(place, 10)
    client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if host:
        trust = ssl.create_default_context(cadata=ca)
        client.sock = trust.wrap_socket(client.sock, server_hostname=host)
    return client


def ask(client: http.client.HTTPConnection, host: str) -> float:
    began = time.perf_counter()
    client.request("GET", "/_stcore/health", headers={"Host": host})
    answer = client.getresponse()
    answer.read()
    if answer.status != 200 or answer.will_close:
        raise http.client.HTTPException(f"status {answer.status}")
    return time.perf_counter() - began


if __name__ == "__main__":
    main(float(sys.argv[1]), *sys.argv[2:])
