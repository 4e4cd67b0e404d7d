"""Which names a certificate of ours may carry: host names, addresses, and what constrains them."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
)

from cryptography import x509

from holdfast.domain.errors import UsageError

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address
AlternativeName = x509.DNSName | x509.IPAddress


def name_constraints(domains: Sequence[str], addresses: Sequence[Network]) -> x509.NameConstraints:
    """Permit these alone. A kind of name of which none is permitted would be free: excluded."""
    if not domains and not addresses:
        raise UsageError("The visitors' authority needs a domain or an address.")
    permitted: list[x509.GeneralName] = [_domain(domain) for domain in domains]
    permitted += [x509.IPAddress(network) for network in addresses]
    excluded: list[x509.GeneralName] = []
    if not domains:
        excluded.append(x509.DNSName(""))
    if not any(network.version == 4 for network in addresses):
        excluded.append(x509.IPAddress(IPv4Network("0.0.0.0/0")))
    if not any(network.version == 6 for network in addresses):
        excluded.append(x509.IPAddress(IPv6Network("::/0")))
    return x509.NameConstraints(permitted, excluded or None)


def _domain(domain: str) -> x509.DNSName:
    if not domain or domain.startswith((".", "*")):
        raise UsageError(
            f"“{domain}” cannot be a domain of this node.",
            "A domain stands for itself and all below it, without a dot or a star before it.",
            "Write it as in: apps.example.org",
        )
    return _dns_name(domain)


def alternative_name(name: str) -> AlternativeName:
    """The name as a certificate spells it; raises UsageError."""
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return _dns_name(name)


def _dns_name(name: str) -> x509.DNSName:
    if not name or not name.isascii() or any(sign.isspace() for sign in name):
        raise UsageError(
            f"“{name[:80]}” cannot stand in a certificate.",
            "A host name there has ASCII letters, digits, hyphens and dots alone.",
            "Write an international name in its xn-- form.",
        )
    return x509.DNSName(name)


def check_permitted(issuer: x509.Certificate, alternative: AlternativeName) -> None:
    """Raise UsageError if the issuer's own constraints forbid it to vouch for this name."""
    try:
        constraints = issuer.extensions.get_extension_for_class(x509.NameConstraints).value
    except x509.ExtensionNotFound:
        return
    permitted = constraints.permitted_subtrees or []
    if not any(_covers(subtree, alternative) for subtree in permitted):
        raise UsageError(
            f"The visitors' authority may not vouch for {alternative.value}.",
            "It was made for "
            + ", ".join(str(subtree.value) for subtree in permitted)
            + " alone, and its root's key is gone.",
            "Use a name below these, or make a new authority and trust its root.",
        )


def _covers(subtree: x509.GeneralName, name: AlternativeName) -> bool:
    if isinstance(subtree, x509.DNSName) and isinstance(name, x509.DNSName):
        base, host = subtree.value.lower(), name.value.lower()
        return host == base or host.endswith(f".{base}")
    if isinstance(subtree, x509.IPAddress) and isinstance(name, x509.IPAddress):
        network, address = subtree.value, name.value
        return (
            isinstance(network, Network)
            and isinstance(address, Address)
            and network.version == address.version
            and address in network
        )
    return False
