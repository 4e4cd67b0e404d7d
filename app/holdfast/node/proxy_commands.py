"""What runs in an edge and in a sidecar, and what is asked of it there."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from holdfast.domain.container import PushedFile
from holdfast.domain.names import HostName
from holdfast.domain.secret import Secret
from holdfast.node.scripts import PYTHON, SCRIPTS

#: What the containers run. Each waits up to ten seconds for the pushed file `go`.
EDGE_COMMAND = ("/usr/bin/tini", "--", f"{SCRIPTS}/proxy.sh", "edge")
SIDECAR_COMMAND = ("/usr/bin/tini", "--", f"{SCRIPTS}/proxy.sh", "sidecar")

#: Run in the edge after a push: checks what was pushed, then switches to it. Status 0: the new
#: routes are on their way (ask the route itself, see `probe_command`). Another status: nothing
#: has changed, and standard error holds HAProxy's complaint.
RELOAD_COMMAND = ("/bin/sh", f"{SCRIPTS}/reload.sh")
#: The same in a sidecar.
SIDECAR_RELOAD_COMMAND = (*RELOAD_COMMAND, "supervisor")

#: Run in a sidecar after a push: takes over the certificate that was pushed, no connection ends.
#: Another status than 0: the old one serves on, and standard error says why.
RENEW_COMMAND = (*PYTHON, f"{SCRIPTS}/renew_certificate.py")
#: Run in a sidecar: the certificate that lies there, without its key.
KEPT_COMMAND = (
    "/bin/sed",
    "-n",
    "/BEGIN CERTIFICATE/,/END CERTIFICATE/p",
    "/keys/current/server.pem",
)

#: Run in the edge before a push, see `edge_turn`; SECONDS is how long it waits for its turn.
TURN_SECONDS = 20
TURN_COMMAND = ("/bin/sh", f"{SCRIPTS}/turn.sh", str(TURN_SECONDS))
TURN_MISSED = 75

#: Run in the edge: what it has counted, JSON of host name to `Counted`.
COUNTERS_COMMAND = (*PYTHON, f"{SCRIPTS}/edge_counters.py")

#: Run in the edge: serves what the ACME clients show now.
TAKE_ACME_COMMAND = ("/bin/sh", f"{SCRIPTS}/take_acme.sh", "now")
#: Waits until it does, with a host.
WAIT_ACME_COMMAND = (*PYTHON, f"{SCRIPTS}/wait_acme.py")


def probe_command(
    host: HostName, path: str = "/", websocket: bool = False, nameless: bool = False
) -> tuple[str, ...]:
    """Run in the edge: asks a route as a visitor would. Where visitors need a certificate it shows
    its own, unless it shall be nameless.

    Its output is JSON, {"status": 200, "release": "…", "error": null, "unverified": null}; status
    and release are null without an answer, unverified says why the certificate is not to be
    trusted. A websocket that opened has the status 101.
    """
    flags = [
        *(["--websocket"] if websocket else []),
        *(["--nameless"] if nameless else []),
    ]
    return (*PYTHON, f"{SCRIPTS}/probe_route.py", host, path, *flags)


def certificates_command(hosts: Sequence[HostName]) -> tuple[str, ...]:
    """Run in the edge: asks it for each host's certificate as a visitor's browser does.

    Its output is JSON: host name to the second of the Unix epoch at which the certificate ends;
    what is not served, or does not verify, is left out.
    """
    return (*PYTHON, f"{SCRIPTS}/served_certificates.py", *hosts)


def look_command(sidecars: Mapping[str, str]) -> tuple[str, ...]:
    """Run in the edge: its certificates as they lie there and as they are served, and those of
    the sidecars (server name to address). The script says what it prints."""
    asked = (f"{address}/{name}" for name, address in sidecars.items())
    return (*PYTHON, f"{SCRIPTS}/read_certificates.py", *asked)


def failures_file(failures: Mapping[str, Mapping[str, str]]) -> PushedFile:
    """Pushed to the edge after a renewal, for `look_command`: certificate to `at` and `error`."""
    return PushedFile("renewal.json", json.dumps(failures).encode())


def renewal_file(server_certificate: Secret) -> PushedFile:
    """Pushed to a sidecar before `RENEW_COMMAND`."""
    return PushedFile("renewed.pem", server_certificate.reveal())
