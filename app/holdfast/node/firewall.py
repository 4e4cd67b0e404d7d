"""The nftables rules of a network namespace: who may come in, what may leave."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, collapse_addresses, ip_network
from typing import Any

from holdfast.node.resources import render
from holdfast.node.subnets import OUR_RANGE

SIDECAR_PORT = 8443

#: Reads rules, as root with NET_ADMIN alone, in the guarded namespace. Status 0: they are in force.
#: Another status: those of before are, and standard error says why.
LOAD_COMMAND = ("/usr/sbin/nft", "-f", "-")

#: What clouds tell a machine about itself, its credentials among it: AWS, Google, Azure and
#: others (link local), Alibaba, Azure's wire server, Oracle. Theirs on IPv6 go with all IPv6.
_METADATA = ("169.254.0.0/16", "100.100.100.200", "168.63.129.16", "192.0.0.192")

#: RFC 1918, RFC 6598, multicast and broadcast: nobody on the internet answers there.
_LAN = (
    "10.0.0.0/8",
    "100.64.0.0/10",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "224.0.0.0/4",
    "255.255.255.255",
)


def firewall_rules(
    edge_address: str,
    own_address: str,
    our_range: str = OUR_RANGE,
    host_addresses: Sequence[str] = (),
    allow_lan: bool = True,
    allow_internet: bool = True,
    resolvers: Sequence[str] = (),
) -> str:
    """An app's ruleset for `nft -f`; loading it again replaces it as a whole.

    host_addresses: addresses of the engine's host, and the subnets of networks of the engine
    that are not ours. resolvers: the name servers that the engine's own one asks from within
    this namespace; they are reached on port 53 wherever they lie.
    Raises ValueError for what is no address. IPv6 never leaves or enters, hence IPv6 addresses
    of the host need no rule; they are accepted in the lists.
    """
    return _rules(
        edge=IPv4Address(edge_address),
        own=IPv4Address(own_address),
        port=SIDECAR_PORT,
        resolvers=_networks(resolvers),
        never=_networks([*_METADATA, our_range, *host_addresses]),
        allow_lan=allow_lan,
        allow_internet=allow_internet,
    )


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A TCP port that is reached wherever it lies. Raises ValueError for what is no address."""

    address: str
    port: int

    def __post_init__(self) -> None:
        IPv4Address(self.address)
        if not 0 < self.port < 65536:
            raise ValueError(f"{self.port} is no port")


def job_firewall_rules(
    our_range: str = OUR_RANGE,
    host_addresses: Sequence[str] = (),
    resolvers: Sequence[str] = (),
    proxies: Sequence[Endpoint] = (),
) -> str:
    """The ruleset of a container that fetches or builds: as an app's, but nobody comes in."""
    return _rules(
        resolvers=_networks(resolvers),
        proxies=sorted(set(proxies), key=lambda proxy: (proxy.address, proxy.port)),
        never=_networks([*_METADATA, our_range, *host_addresses]),
    )


def _rules(**facts: Any) -> str:
    usual = {"edge": None, "proxies": (), "allow_lan": True, "allow_internet": True}
    return render("firewall.nft.j2", **{**usual, "lan": _networks(_LAN), **facts})


def _networks(addresses: Iterable[str]) -> list[IPv4Network]:
    """Merged, since a set of intervals must not hold two that overlap."""
    networks = [ip_network(address) for address in addresses]
    return list(collapse_addresses(n for n in networks if isinstance(n, IPv4Network)))
