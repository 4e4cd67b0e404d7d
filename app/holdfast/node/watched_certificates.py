"""Every certificate that a node depends on: as it lies on the node, as it is served, and whether
its verifiers take it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography import x509

from holdfast.domain import names
from holdfast.domain.certificate import (
    CertificateRole,
    Certificates,
    CertificateSource,
    WatchedCertificate,
)
from holdfast.domain.container import ContainerFacts
from holdfast.domain.errors import HoldfastError
from holdfast.domain.names import AppName
from holdfast.domain.secret import Secret
from holdfast.node.certificate_facts import read_certificate
from holdfast.node.certificate_faults import authority_fault, client_fault, server_fault
from holdfast.node.certificates import BACKDATED, Authority
from holdfast.node.node import Node
from holdfast.node.own_certificate import from_item
from holdfast.node.proxy_configuration import EDGE_NAME, KEPT_COMMAND, look_command
from holdfast.node.serving import server_name

Chain = tuple[x509.Certificate, ...]
_READERS = 8
_NEVER_ROUTED = "No route leads to it."


@dataclass(frozen=True, slots=True)
class Seen:
    """A certificate on the node. kept: as it should be served; served: as it is. error: why no
    handshake came to its end, "" if one did, None where none was made. container: a sidecar's."""

    role: CertificateRole
    host: str
    kept: Chain
    served: Chain = ()
    error: str | None = None
    app: AppName | None = None
    container: str = ""
    own: bool = False

    @property
    def key(self) -> str:
        return f"{self.role}/{self.host}"

    @property
    def chain(self) -> Chain:
        return self.served or self.kept

    def is_due(self, now: datetime) -> bool:
        """An imported one never is."""
        return not self.own and now >= read_certificate(self.kept[0]).renewal


@dataclass(frozen=True, slots=True)
class Found:
    """What a look found. failures: (when, why) of the last renewal, by certificate."""

    seen: tuple[Seen, ...]
    failures: Mapping[str, tuple[datetime, str]] = field(default_factory=dict)


def look_at_certificates(node: Node) -> Certificates:
    """Raises KeychainError: what shall be trusted is known to the keychain alone."""
    found, authorities = find_certificates(node), node.keys.known_authorities()
    now = node.clock.now()
    own = node.keys.certificates(seen.app for seen in found.seen if seen.own and seen.app)
    rows = (_judged(seen, found, _roots(seen, authorities, own), now) for seen in found.seen)
    return Certificates(now, (*rows, *_authorities(authorities, now)))


def find_certificates(node: Node) -> Found:
    """What is on the node. Needs no keychain. Empty where no edge runs."""
    containers = [c for c in node.engine.containers({names.LABEL_ROLE: ""}) if _runs(c)]
    if not any(container.name == names.EDGE for container in containers):
        return Found(())
    sidecars = {
        server_name(c.labels[names.LABEL_APP], c.labels[names.LABEL_RELEASE]): c
        for c in containers
        if c.labels.get(names.LABEL_ROLE) == "proxy"
    }
    addresses = {name: next(iter(c.networks.values()), "") for name, c in sidecars.items()}
    with ThreadPoolExecutor(_READERS, thread_name_prefix="certificates") as pool:
        kept = pool.map(lambda container: _kept(node, container), sidecars.values())
        told = _ask_edge(node, {name: at for name, at in addresses.items() if at})
        if told is None:
            return Found(())
        lying = dict(zip(sidecars, kept, strict=True))
    hosts = {
        c.labels[names.LABEL_HOST]: AppName(c.labels[names.LABEL_APP])
        for c in containers
        if c.labels.get(names.LABEL_ROLE) == "run"
    }
    failures = {
        key: (datetime.fromisoformat(each["at"]), each["error"])
        for key, each in told["failures"].items()
    }
    seen = (*_visitors(told, hosts), _edge(told), *_sidecars(told, sidecars, lying))
    return Found(tuple(each for each in seen if each.chain), failures)


def _visitors(told: Mapping[str, Any], hosts: Mapping[str, AppName]) -> Iterator[Seen]:
    for host, kept in told["kept"].items():
        served = told["served"][host]
        chain = _load("".join(served["chain"]))
        yield Seen(
            CertificateRole.VISITORS,
            host,
            _load(kept),
            chain,
            served["error"],
            hosts.get(host),
            own=host in told["own"],
        )


def _edge(told: Mapping[str, Any]) -> Seen:
    """It is shown to every sidecar; one that refuses it is enough to tell."""
    refused = [each["error"] for each in told["sidecars"].values() if each["error"]]
    error = refused[0] if refused else "" if told["sidecars"] else None
    return Seen(CertificateRole.EDGE, EDGE_NAME, _load(told["client"]), error=error)


def _sidecars(
    told: Mapping[str, Any], sidecars: Mapping[str, ContainerFacts], lying: Mapping[str, Chain]
) -> Iterator[Seen]:
    for name, container in sidecars.items():
        served = told["sidecars"].get(name, {"chain": [], "error": _NEVER_ROUTED})
        yield Seen(
            CertificateRole.SIDECAR,
            name,
            lying[name],
            _load("".join(served["chain"])),
            served["error"],
            AppName(container.labels[names.LABEL_APP]),
            container.name,
        )


def _ask_edge(node: Node, sidecars: Mapping[str, str]) -> Mapping[str, Any] | None:
    """None while the edge has no routes yet, or has just gone."""
    try:
        done = node.engine.run(names.EDGE, look_command(sidecars))
    except HoldfastError:
        return None
    if done.exit_code:
        return None
    told: Mapping[str, Any] = json.loads(done.output)
    return told


def _kept(node: Node, sidecar: ContainerFacts) -> Chain:
    try:
        done = node.engine.run(sidecar.name, KEPT_COMMAND)
    except HoldfastError:
        # it ended just now
        return ()
    return _load(done.output.decode(errors="replace"))


def _load(pem: str) -> Chain:
    return tuple(x509.load_pem_x509_certificates(pem.encode())) if pem.strip() else ()


def _runs(container: ContainerFacts) -> bool:
    return container.state == "running"


#: Who vouches for whom.
_ISSUERS = {
    CertificateRole.VISITORS: CertificateRole.VISITORS_CA,
    CertificateRole.SIDECAR: CertificateRole.SIDECARS_CA,
    CertificateRole.EDGE: CertificateRole.EDGE_CA,
}


def _roots(
    seen: Seen,
    authorities: Mapping[CertificateRole, Authority],
    own: Mapping[AppName, Secret],
) -> list[x509.Certificate]:
    """What its verifiers trust; of an imported one, what this machine trusted at its import."""
    if seen.own and seen.app is not None and seen.app in own:
        return x509.load_pem_x509_certificates(from_item(own[seen.app]).root)
    authority = authorities.get(_ISSUERS[seen.role])
    return x509.load_pem_x509_certificates(authority.root) if authority else []


def _judged(
    seen: Seen,
    found: Found,
    roots: Sequence[x509.Certificate],
    now: datetime,
) -> WatchedCertificate:
    if seen.role is CertificateRole.EDGE:
        fault = client_fault(seen.chain, roots, now)
    else:
        fault = server_fault(seen.chain, roots, seen.host, now)
    certificate = read_certificate(seen.chain[0])
    made = certificate.not_before + BACKDATED
    failed_at, error = found.failures.get(seen.key, (made, ""))
    return WatchedCertificate(
        role=seen.role,
        host=seen.host,
        certificate=certificate,
        chain=tuple(read_certificate(each) for each in _with_root(seen.chain, roots)),
        verified=not fault,
        reason=fault or _served_otherwise(seen),
        served_matches=_matches(seen),
        source=CertificateSource.OWN if seen.own else CertificateSource.INTERNAL,
        last_renewal=None if seen.own else made,
        next_renewal=None if seen.own else certificate.renewal,
        last_error=error if failed_at > made else "",
        app=seen.app,
    )


def _matches(seen: Seen) -> bool | None:
    if seen.role is CertificateRole.EDGE:
        return None if seen.error is None else not seen.error
    return bool(seen.served) and not seen.error and seen.served[:1] == seen.kept[:1]


def _served_otherwise(seen: Seen) -> str:
    """Why another certificate than the right one is found, or none; "" where all is well."""
    if seen.error:
        refused = seen.role is CertificateRole.EDGE
        return f"{'A sidecar refuses it' if refused else 'It is not served'}: {seen.error}"
    if _matches(seen) is False:
        other = read_certificate(seen.served[0])
        return f"Another one is served, of {other.issuer}, made {other.not_before:%Y-%m-%d}."
    return ""


def _with_root(chain: Sequence[x509.Certificate], roots: Sequence[x509.Certificate]) -> Chain:
    last = chain[-1]
    above = (root for root in roots if root not in chain and root.subject == last.issuer)
    return (*chain, *above)


def _authorities(
    authorities: Mapping[CertificateRole, Authority], now: datetime
) -> Iterator[WatchedCertificate]:
    for role, authority in authorities.items():
        root = x509.load_pem_x509_certificate(authority.root)
        own = x509.load_pem_x509_certificate(authority.certificate)
        if role is CertificateRole.VISITORS_CA:
            yield _authority(CertificateRole.VISITORS_ROOT, root, root, now)
        yield _authority(role, own, root, now)


def _authority(
    role: CertificateRole, own: x509.Certificate, root: x509.Certificate, now: datetime
) -> WatchedCertificate:
    fault = authority_fault(own, root, now)
    certificate = read_certificate(own)
    return WatchedCertificate(
        role=role,
        host="",
        certificate=certificate,
        chain=tuple(read_certificate(each) for each in dict.fromkeys((own, root))),
        verified=not fault,
        reason=fault,
        served_matches=None,
        source=CertificateSource.INTERNAL,
        last_renewal=certificate.not_before + BACKDATED,
    )
