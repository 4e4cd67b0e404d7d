"""What an app's firewall has to know of the engine's host: its addresses and name servers."""

from __future__ import annotations

import json
from dataclasses import dataclass

from holdfast.node import payloads
from holdfast.ports import Engine

_READ = "ip -j address; echo; cat /etc/resolv.conf"


@dataclass(frozen=True, slots=True)
class HostFacts:
    """addresses: all of the host's own; resolvers: those of its /etc/resolv.conf."""

    addresses: tuple[str, ...]
    resolvers: tuple[str, ...]


def read_host(engine: Engine, image: str) -> HostFacts:
    """Look from a container without any power in the host's own network."""
    spec = payloads.host_probe(image)
    engine.remove(spec.name)
    with engine.held(spec):
        done = engine.run(spec.name, ("/bin/sh", "-c", _READ))
    return parse_host(done.output.decode())


def parse_host(text: str) -> HostFacts:
    """The output of `ip -j address`, an empty line, and a resolv.conf."""
    interfaces, _, resolv_conf = text.partition("\n")
    addresses = [
        entry["local"]
        for interface in json.loads(interfaces or "[]")
        for entry in interface.get("addr_info", ())
        if "local" in entry
    ]
    words = [line.split() for line in resolv_conf.splitlines()]
    resolvers = [line[1] for line in words if len(line) > 1 and line[0] == "nameserver"]
    return HostFacts(
        tuple(address for address in addresses if not address.startswith("127.")),
        tuple(resolver for resolver in resolvers if not resolver.startswith("127.")),
    )
