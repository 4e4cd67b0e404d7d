"""Asks the edge for the certificates that visitors get: served_certificates.py HOST...

Prints JSON: host name to the second of the Unix epoch at which its certificate ends. Hosts whose
certificate is not served, or does not verify, are left out.
"""

from __future__ import annotations

import argparse
import json
import socket
import ssl

from served import SERVED, held_still


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("hosts", nargs="+")
    parser.add_argument("--ca", default=SERVED / "visitors-ca.pem")
    parser.add_argument("--port", type=int, default=8443)
    parser.add_argument("--timeout", type=float, default=2.0)
    given = parser.parse_args()
    with held_still():
        trust = ssl.create_default_context(cafile=given.ca)
    # of a public CA, by ACME
    trust.load_default_certs()
    ends = {}
    for host in given.hosts:
        try:
            with (
                socket.create_connection(("127.0.0.1", given.port), given.timeout) as plain,
                trust.wrap_socket(plain, server_hostname=host) as connection,
            ):
                served = connection.getpeercert() or {}
        except OSError:
            continue
        ends[host] = ssl.cert_time_to_seconds(str(served["notAfter"]))
    print(json.dumps(ends))


if __name__ == "__main__":
    main()
