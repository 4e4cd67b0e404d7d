"""Places in the address range of ours: one /28 per app, with fixed places inside it."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Network, ip_network

from holdfast.domain.errors import HoldfastError

OUR_RANGE = "10.213.0.0/16"

APP_PREFIX = 28
#: All containers that fetch or build, of all apps.
JOBS_PREFIX = 24
_GATEWAY = 1
_EDGE = 2
_SIDECARS = range(3, 15)


def free_subnet(used: Iterable[str], our_range: str = OUR_RANGE, prefix: int = APP_PREFIX) -> str:
    """The first place of that size in the range that overlaps none of the subnets in use (IPv6
    ones may be among them). Raises HoldfastError when there is none."""
    networks = [ip_network(subnet, strict=False) for subnet in used]
    taken = [network for network in networks if isinstance(network, IPv4Network)]
    for candidate in IPv4Network(our_range).subnets(new_prefix=prefix):
        if not any(candidate.overlaps(network) for network in taken):
            return str(candidate)
    raise HoldfastError(
        "There is no free network for another app.",
        f"Every /{prefix} of {our_range} overlaps a network that the engine uses.",
        "Remove apps or networks that nobody needs.",
    )


def gateway_address(subnet: str) -> str:
    """The engine's host, as the containers of an app's network see it."""
    return _place(subnet, _GATEWAY)


def edge_address(subnet: str) -> str:
    return _place(subnet, _EDGE)


def free_sidecar_address(subnet: str, used: Iterable[str]) -> str:
    """The first place for a sidecar that is not in use. Raises HoldfastError when all are."""
    taken = set(used)
    for number in _SIDECARS:
        if (address := _place(subnet, number)) not in taken:
            return address
    raise HoldfastError(
        "There is no free address for another release of this app.",
        f"All {len(_SIDECARS)} places of its network {subnet} are in use.",
        "Stop the app and start it again: that removes the sidecars of old releases.",
    )


def _place(subnet: str, number: int) -> str:
    return str(IPv4Network(subnet)[number])
