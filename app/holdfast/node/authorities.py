"""A node's certificate authorities: made when they are first needed, and kept among its keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from ipaddress import ip_network

from holdfast.domain.certificate import CertificateRole
from holdfast.domain.names import HostName
from holdfast.domain.secret import Secret
from holdfast.node.certificates import (
    Authority,
    from_secret,
    new_edge_authority,
    new_sidecars_authority,
    new_visitors_authority,
    to_secret,
)
from holdfast.node.keys import FORMER, NEXT, NodeKeys

_LOOPBACK = ("127.0.0.0/8", "::1/128")
VISITORS, _DOMAINS = "authority/visitors", "authority/visitors-domains"
SIDECARS, EDGE = "authority/sidecars", "authority/edge"


def known_authorities(keys: NodeKeys) -> dict[CertificateRole, Authority]:
    """Those that there are, by the role of their certificate; none is made."""
    shared = keys.shared_items()
    found = {
        CertificateRole.VISITORS_CA: shared.get(VISITORS) or keys.stored(VISITORS),
        CertificateRole.SIDECARS_CA: shared.get(SIDECARS) or keys.stored(SIDECARS),
        CertificateRole.EDGE_CA: shared.get(EDGE) or keys.stored(EDGE),
    }
    return {role: from_secret(item) for role, item in found.items() if item is not None}


def sidecars_authority(keys: NodeKeys, now: datetime) -> Authority:
    return _authority(keys, SIDECARS, lambda: new_sidecars_authority(now))


def edge_authority(keys: NodeKeys, now: datetime) -> Authority:
    return _authority(keys, EDGE, lambda: new_edge_authority(now))


def trusted_authorities(keys: NodeKeys, item: str, authority: Authority) -> bytes:
    """PEM of what the other side's certificate may come from: this authority and, while it
    is replaced, the one before or after it."""
    known = keys.shared_items()
    beside = [known[item + way] for way in (NEXT, FORMER) if item + way in known]
    return b"".join(each.certificate for each in (authority, *map(from_secret, beside)))


def visitors_authority(keys: NodeKeys, hosts: Sequence[HostName], now: datetime) -> Authority:
    """The CA that visitors trust. It is made anew when a host lies outside its domains."""
    wanted = {"localhost", *map(_domain, hosts)}
    # another admin may have made a new one for a new domain
    known = keys.shared_items() or {
        name: value for name in (VISITORS, _DOMAINS) if (value := keys.stored(name))
    }
    domains = set(known[_DOMAINS].reveal().decode().split()) if _DOMAINS in known else set()
    if VISITORS not in known or not wanted <= domains:
        # one of an earlier release may stand for a whole top-level domain
        all_domains = sorted(wanted | {domain for domain in domains if "." in domain})
        addresses = [ip_network(network) for network in _LOOPBACK]
        made = to_secret(new_visitors_authority(all_domains, addresses, now))
        known = {VISITORS: made, _DOMAINS: Secret(" ".join(all_domains).encode())}
        keys.publish(known)
    return from_secret(known[VISITORS])


def _authority(keys: NodeKeys, item: str, make: Callable[[], Authority]) -> Authority:
    # another admin may have made new ones when one was revoked
    stored = keys.shared_items().get(item) or keys.stored(item)
    if stored is None:
        stored = to_secret(make())
        keys.publish({item: stored})
    return from_secret(stored)


def _domain(host: HostName) -> str:
    """What a CA is made for: all beside the host, unless that is a top-level domain."""
    parent = host.partition(".")[2]
    return parent if "." in parent or parent == "localhost" else host
