"""Where visitors reach a node: the address and ports of its edge, and the domain of new apps."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address

from holdfast.domain.errors import UsageError
from holdfast.domain.names import AppName, HostName, parse_host_name

LOOPBACK = "127.0.0.1"
ALL = "0.0.0.0"
_NAMELESS = "localhost"


@dataclass(frozen=True, slots=True)
class Publication:
    """address: one of the node's, or 0.0.0.0 for all. Ports: None is the first free one from
    8443 and from 8080 on. base_domain: below it a new app gets its host name."""

    address: str = LOOPBACK
    https_port: int | None = None
    http_port: int | None = None
    base_domain: str = _NAMELESS

    @property
    def is_loopback(self) -> bool:
        """Whether nobody but the node's own machine reaches it."""
        return IPv4Address(self.address).is_loopback

    @property
    def is_everywhere(self) -> bool:
        return self.address == ALL

    def is_met_by(self, address: str, https_port: int) -> bool:
        return address == self.address and self.https_port in (None, https_port)

    def host_name(self, app: AppName) -> HostName:
        """The one that a new app is proposed."""
        return parse_host_name(f"{app}.{self.base_domain}")


@dataclass(frozen=True, slots=True)
class Published:
    """place: IP:PORT where the edge listens, None while it does not run. elsewhere: apps whose
    host name is not below the base domain. addresses: the node's, on which it can be published.
    private_open: apps from private repositories that whoever reaches the edge may visit. closed:
    those that were so until it was published just now."""

    publication: Publication
    place: str | None
    elsewhere: tuple[AppName, ...]
    addresses: tuple[str, ...] = ()
    private_open: tuple[AppName, ...] = ()
    closed: tuple[AppName, ...] = ()


def parse_publication(
    address: str, https_port: int | None, http_port: int | None, base_domain: str
) -> Publication:
    """Raises UsageError. On other addresses than the loopback the ports are 443 and 80 unless
    they are named."""
    try:
        parsed = IPv4Address(address)
    except AddressValueError:
        raise UsageError(
            f"“{address[:60]}” is not an address to publish on.",
            "It has to be an IPv4 address of the node, or 0.0.0.0 for all of them.",
            "Look at them with: ip -brief address",
        ) from None
    if not parsed.is_loopback:
        https_port, http_port = https_port or 443, http_port or 80
    if https_port is not None and https_port == http_port:
        raise UsageError(
            f"Port {https_port} cannot be for TLS and for plain HTTP.",
            "Visitors without TLS are led from the one to the other.",
            "Name another with --http-port.",
        )
    if base_domain != _NAMELESS:
        base_domain = parse_host_name(base_domain)
    return Publication(str(parsed), https_port, http_port, base_domain)
