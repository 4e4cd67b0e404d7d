"""Looks at the edge's certificates, as they lie there and as they are served.

read_certificates.py [ADDRESS/SERVER_NAME...]: the sidecars that are asked as the edge asks them.
Prints JSON: kept (host to PEM), apps (host to the app that it leads to), own (hosts whose
certificate was imported), acme (host to app, root and status, of those by ACME), refused (hosts for
whose certificates by ACME the node's own stand in), ocsp (see ocsp_state.py), client (PEM), served
and sidecars (host or server name to chain, a list of PEM, and error), and failures, what a renewal
left. Keys are read only to show the edge's own to the sidecars.
"""

from __future__ import annotations

import json
import os
import re
import socket
import ssl
import stat
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from served import SERVED, held_still

_SHOWN = Path("/mnt/acme")
_FAILURES = Path("/keys/renewal.json")
_OCSP_STATE = Path(__file__).with_name("ocsp_state.py")
_CERTIFICATE = re.compile("-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----\n", re.DOTALL)
_CLIENT = "edge-client.pem"
_PORT = 8443
_SECONDS = 3.0
_LONGEST = 65536
#: A sidecar answers it by itself: it never reaches the app.
_NO_REQUEST = b"-\r\n\r\n"


def main() -> None:
    sidecars = dict(reversed(each.split("/", 1)) for each in sys.argv[1:])
    with held_still():
        listed = (SERVED / "certs.list").read_text().splitlines()
        # between the two may stand what visitors of that host are asked for
        files = {words[-1]: words[0] for words in map(str.split, listed) if words}
        apps = (line.split() for line in (SERVED / "apps.list").read_text().splitlines())
        clients = {host: (app, int(uid)) for host, app, uid in apps}
        kept = {host: "".join(certificates(file)) for host, file in files.items()}
        refused = (SERVED / "acme.refused").read_text().split()
        client = "".join(certificates(_CLIENT))
        trust = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        trust.minimum_version = ssl.TLSVersion.TLSv1_3
        trust.load_cert_chain(SERVED / _CLIENT)
    hosts = list(files)
    with ThreadPoolExecutor(8) as pool:
        served = pool.map(as_visitor, hosts)
        ocsp = pool.submit(told_by_authorities, files)
        asked = pool.map(partial(as_edge, trust), sidecars, sidecars.values())
        found = {
            "kept": kept,
            "apps": {host: app for host, (app, _) in clients.items()},
            "own": [host for host in hosts if files[host].startswith("own/")],
            "acme": {
                host: shown(*clients[host]) for host in hosts if files[host].startswith("acme/")
            },
            "refused": refused,
            "ocsp": ocsp.result(),
            "client": client,
            "served": dict(zip(hosts, served, strict=True)),
            "sidecars": dict(zip(sidecars, asked, strict=True)),
            "failures": json.loads(_FAILURES.read_text()) if _FAILURES.exists() else {},
        }
    print(json.dumps(found))


def shown(app: str, uid: int) -> dict[str, object]:
    """What the app's ACME client tells."""
    try:
        status = json.loads(text_of(_SHOWN / app / "status.json", uid) or "null")
    except (ValueError, RecursionError):
        status = None
    return {"app": app, "root": text_of(_SHOWN / app / "root.pem", uid), "status": status}


def text_of(file: Path, uid: int) -> str:
    """Empty where it is no plain file of that user's, who may have put anything there."""
    try:
        with os.fdopen(os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as opened:
            facts = os.fstat(opened.fileno())
            if not stat.S_ISREG(facts.st_mode) or facts.st_uid != uid:
                return ""
            return opened.read(_LONGEST).decode(errors="replace")
    except OSError:
        return ""


def certificates(name: str) -> list[str]:
    return _CERTIFICATE.findall((SERVED / name).read_text())


def as_visitor(host: str) -> dict[str, object]:
    return shake_hands("127.0.0.1", host, ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), lambda made: "")


def told_by_authorities(files: dict[str, str]) -> dict[str, object]:
    """By host, of certificates that are not the node's own. In a process of its own: most edges
    have none, and what it loads takes its time."""
    foreign = [f"{host}={file}" for host, file in files.items() if not file.startswith("certs/")]
    if not foreign:
        return {}
    command = [sys.executable, "-I", str(_OCSP_STATE), *foreign]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    told: dict[str, object] = json.loads(done.stdout) if done.returncode == 0 else {}
    return told


def as_edge(shown: ssl.SSLContext, name: str, address: str) -> dict[str, object]:
    def admitted(made: ssl.SSLSocket) -> str:
        # with TLS 1.3 the server judges the client's certificate after the handshake
        made.sendall(_NO_REQUEST)
        return "" if made.recv(5) == b"HTTP/" else "The sidecar closed the connection."

    return shake_hands(address, name, shown, admitted)


def shake_hands(
    address: str, name: str, context: ssl.SSLContext, then: Callable[[ssl.SSLSocket], str]
) -> dict[str, object]:
    """What is served is judged by whoever reads this: nothing is verified here."""
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    chain: list[str] = []
    try:
        with (
            socket.create_connection((address, _PORT), _SECONDS) as plain,
            context.wrap_socket(plain, server_hostname=name) as made,
        ):
            chain = [ssl.DER_cert_to_PEM_cert(each) for each in made.get_unverified_chain()]
            error = then(made)
    except OSError as refused:
        error = f"{type(refused).__name__}: {refused}"
    return {"chain": chain, "error": error}


if __name__ == "__main__":
    main()
