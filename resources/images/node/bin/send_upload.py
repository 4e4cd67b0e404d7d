"""Sends a large upload to a route of the edge, as a visitor would: send_upload.py HOST FILE BYTES.

FILE, in RAM, holds a text, which is repeated until BYTES are sent. Prints the answer; status 1 for
any but a 200.
"""

from __future__ import annotations

import argparse
import http.client
from pathlib import Path

from probe_route import connect, trusting


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("host")
    parser.add_argument("file", type=Path)
    parser.add_argument("bytes", type=int)
    parser.add_argument("--ca", default="/keys/current/visitors-ca.pem")
    parser.add_argument("--port", type=int, default=8443)
    parser.add_argument("--timeout", type=float, default=20.0)
    given = parser.parse_args()
    line = given.file.read_bytes() + b"\n"
    body = (line * (given.bytes // len(line) + 1))[: given.bytes]
    with connect(given.host, given.port, trusting(given.ca), given.timeout) as connection:
        client = http.client.HTTPConnection(given.host)
        client.sock = connection
        client.request("POST", "/", body, {"Host": given.host, "Connection": "close"})
        response = client.getresponse()
        print(response.read().decode(errors="replace"))
    return 0 if response.status == 200 else 1


if __name__ == "__main__":
    raise SystemExit(main())
