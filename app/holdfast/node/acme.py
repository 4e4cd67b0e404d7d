"""The ACME client of an app: begun, asked, and ended."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from holdfast.domain import names
from holdfast.domain.acme import AcmeServer, acme_trouble
from holdfast.domain.errors import HoldfastError
from holdfast.domain.names import AppName, HostName
from holdfast.node import payloads
from holdfast.node.acme_outcome import read_outcome
from holdfast.node.certificate_faults import root_above
from holdfast.node.further_names import names_of
from holdfast.node.jobs import close_job, ensure_jobs_network
from holdfast.node.node import Node
from holdfast.node.own_certificate import roots_of
from holdfast.node.proxy_commands import TAKE_ACME_COMMAND, WAIT_ACME_COMMAND
from holdfast.node.scripts import PYTHON, SCRIPTS
from holdfast.node.volume import Volume
from holdfast.ports import EngineError, command_refused

_FOLDER = "acme"
_ASKED = f"{_FOLDER}/acme.json"
_CLIENT = (*PYTHON, f"{SCRIPTS}/acme.py")
#: With its folder: makes it, and lets the client begin.
_BEGIN = ("/bin/sh", "-c", 'mkdir -p -m 2750 "$0" && : >/tmp/begun')
#: There is one, by the name that was the app's main one when it was first asked for.
_CHAIN = ("/bin/sh", "-c", "cat /mnt/app/acme/certbot/live/*/fullchain.pem")


def has_acme(volume: Volume) -> bool:
    """Whether the app's certificate is to come from an ACME server."""
    return volume.has_file(_ASKED)


def keep_acme(
    node: Node, volume: Volume, app: AppName, hosts: Sequence[HostName], server: AcmeServer
) -> None:
    """On the app's volume: what its ACME client shall ask for. hosts: the main name first."""
    volume.show_view(payloads.ACME_VIEW, f"{_FOLDER}:{_FOLDER}:rw")
    asked = {"app": app, "host": hosts[0], "directory": server.directory, "email": server.email}
    roots = node.certificates + b"\n" + server.roots
    volume.store({f"{_FOLDER}/roots.pem": roots.decode(), _ASKED: json.dumps(asked)})
    keep_hosts(volume, hosts)


def keep_hosts(volume: Volume, hosts: Sequence[HostName]) -> None:
    """The names that its certificate is to hold from the next time on that it is asked for."""
    volume.store({f"{_FOLDER}/hosts.json": json.dumps(list(hosts))})


def follow_host(node: Node, app: AppName, volume: Volume, host: HostName) -> None:
    """After the app's main name has changed to this: of a name that leads nowhere any more nothing
    would be given, for none of them."""
    if has_acme(volume):
        keep_hosts(volume, names_of(node.keys, app, host).all)


def begin_acme(node: Node, app: AppName, volume: Volume) -> None:
    """Start the client, or start it anew: it shows the edge what it has as soon as its firewall is
    closed."""
    volume.show_view(payloads.ACME_VIEW, f"{_FOLDER}:{_FOLDER}:rw")
    ensure_jobs_network(node)
    environment = {**node.proxies, "HOME": "/tmp"}
    part = payloads.acme(app, volume.uid, node.images.node_image, environment)
    node.begin(part)
    close_job(node, app, part.container.name)
    command = (*_BEGIN, f"{payloads.SHOWN}/{app}")
    done = node.engine.run(part.container.name, command, f"{volume.uid}:{payloads.EDGE_UID}")
    if done.exit_code:
        raise command_refused(part.container.name, done)


def resume_acme(node: Node, app: AppName, volume: Volume) -> None:
    """The same where one is wanted."""
    if has_acme(volume):
        begin_acme(node, app, volume)


def pause_acme(node: Node, app: AppName, volume: Volume) -> None:
    """End the client. What it got is served on."""
    node.end(payloads.acme(app, volume.uid, node.images.node_image, {}))
    volume.hide_view(payloads.ACME_VIEW)


def end_acme(node: Node, app: AppName, volume: Volume) -> None:
    """End the client, and forget the account and what it got. No error where there is none."""
    forget_shown(node, app, volume.uid)
    pause_acme(node, app, volume)
    volume.discard(_FOLDER)


def forget_shown(node: Node, app: AppName, uid: int) -> None:
    """Take away what the client has shown the edge."""
    # without an edge it is shown to nobody, and the RAM is emptied with the last client
    with suppress(EngineError, HoldfastError):
        command = ("/bin/rm", "-rf", f"{payloads.EDGE_SHOWN}/{app}")
        node.engine.run(names.EDGE, command, f"{uid}:{payloads.EDGE_UID}")


def is_shown(node: Node, app: AppName) -> bool:
    try:
        command = ("/usr/bin/test", "-e", f"{payloads.EDGE_SHOWN}/{app}")
        return node.engine.run(names.EDGE, command).exit_code == 0
    except (EngineError, HoldfastError):
        return False


def register(node: Node, app: AppName, host: HostName) -> None:
    """Make the account where there is none, and let the edge answer for it."""
    _ask(node, app, host, "register")
    take_shown(node, app, host)


def obtain(node: Node, app: AppName, host: str, anew: bool) -> None:
    """Raises HoldfastError, which tells of `host`; what is served then lasts on."""
    _ask(node, app, host, "obtain", *(("--anew",) if anew else ()))


def keep_root(
    node: Node, app: AppName, volume: Volume, host: HostName, server: AcmeServer
) -> x509.Certificate:
    """Keep the root that stands above what was got, for whoever verifies it. Returns what was got.
    Raises HoldfastError where this machine knows no such root."""
    chain = read_got(node, app)
    root = root_above(chain, roots_of(chain, node.certificates + b"\n" + server.roots))
    if root is None:
        raise HoldfastError(
            f"The certificate for {host} was given, but would not be trusted.",
            "No root that this machine trusts stands above it.",
            "Name the file of the server's CA with --ca-file.",
        )
    volume.store({f"{_FOLDER}/root.pem": root.public_bytes(Encoding.PEM).decode()})
    _ask(node, app, host, "show")
    return chain[0]


def read_got(node: Node, app: AppName) -> list[x509.Certificate]:
    """What was got last, with its chain."""
    done = node.engine.run(names.acme(app), _CHAIN)
    return x509.load_pem_x509_certificates(done.output)


def take_shown(node: Node, app: AppName, *hosts: HostName) -> None:
    """Let the edge serve what the app's client shows now, and wait until it does."""
    for command in (TAKE_ACME_COMMAND, *((*WAIT_ACME_COMMAND, host) for host in hosts)):
        done = node.engine.run(names.EDGE, command)
        if done.exit_code:
            raise HoldfastError(
                "The edge did not take what is new of the certificate.",
                done.complaint,
                "It looks again by itself within seconds: try again.",
            )


def _ask(node: Node, app: AppName, host: str, *words: str) -> None:
    done = node.engine.run(names.acme(app), (*_CLIENT, *words))
    lines = done.output.splitlines() or [b"null"]
    outcome = read_outcome(json.loads(lines[-1]))
    if done.exit_code == 0:
        return
    raise HoldfastError(
        f"There is no new certificate for {host}.",
        acme_trouble(outcome, host) if outcome else done.complaint,
        "What is served now lasts on. Remove the cause, then try again.",
    )
