"""Short-lived containers that fetch or build: on a network of their own, behind a firewall."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from holdfast.domain import names
from holdfast.domain.names import AppName
from holdfast.domain.operation import Closable
from holdfast.node.beside import Beside
from holdfast.node.firewall import Endpoint, job_firewall_rules
from holdfast.node.networks import close_firewall, ensure_network, never_reached
from holdfast.node.node import Node
from holdfast.node.payloads import Part
from holdfast.node.subnets import JOBS_PREFIX

_DEFAULT_PORTS = {"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080}


@contextmanager
def working(node: Node, app: AppName, part: Part) -> Iterator[str]:
    """The container's name, while it runs with nothing in it yet and its firewall closed; with
    its RAM volumes it goes at the end of the block."""
    with Beside() as beside, begun_job(node, app, part, beside) as job:
        job.closed()
        yield part.container.name


@dataclass(frozen=True, slots=True)
class Job:
    """closed: waits until its firewall is. running: ends it at once when that is closed."""

    closed: Callable[[], None]
    running: Closable


@contextmanager
def begun_job(node: Node, app: AppName, part: Part, beside: Beside) -> Iterator[Job]:
    """The container runs, with nothing in it yet, and its firewall is being closed: the block
    waits for that before it runs anything. The end of the container is left to `beside`; it ends
    with this process in any case, and with it what lies in its RAM: a credential, or code."""
    ensure_jobs_network(node)
    running = ExitStack()
    try:
        held = running.enter_context(node.held(part))
        closed = beside.begin(lambda: close_job(node, app, part.container.name))
        running.callback(closed)
        yield Job(closed, held)
    finally:
        beside.begin(running.close)


def close_job(node: Node, app: AppName, container: str) -> None:
    """The firewall of whatever works on that network."""
    rules = job_firewall_rules(
        host_addresses=never_reached(node),
        resolvers=node.host.resolvers,
        proxies=_proxies(node, container),
    )
    close_firewall(node, app, container, rules)


def ensure_jobs_network(node: Node) -> None:
    ensure_network(node, names.JOBS, {names.LABEL_ROLE: "network"}, JOBS_PREFIX)


def _proxies(node: Node, container: str) -> list[Endpoint]:
    """Where the proxies are that this machine names: they may lie on the host itself. A name is
    looked up as the container would."""
    found = []
    for host, port in proxy_places(node.proxies):
        done = node.engine.run(container, ("/usr/bin/getent", "ahostsv4", host))
        addresses = {line.split()[0] for line in done.output.decode().splitlines() if line}
        found += [Endpoint(address, port) for address in sorted(addresses)]
    return found


def proxy_places(proxies: Mapping[str, str]) -> list[tuple[str, int]]:
    """(host, port) of what HTTP_PROXY and its like name; what is no address of a proxy is left
    out, as the programs that read it would complain."""
    places = set()
    for name, value in proxies.items():
        if name.upper() == "NO_PROXY":
            continue
        try:
            parts = urlsplit(value if "://" in value else f"http://{value}")
            port = parts.port or _DEFAULT_PORTS.get(parts.scheme)
        except ValueError:
            continue
        if parts.hostname and port:
            places.add((parts.hostname, port))
    return sorted(places)
