"""Every certificate that a node depends on, and whether its verifiers take what is served."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime

from cryptography import x509

from holdfast.domain.acme import SuggestedRenewal, acme_trouble, renewal_by_life
from holdfast.domain.certificate import (
    Certificate,
    CertificateRole,
    Certificates,
    CertificateSource,
    WatchedCertificate,
)
from holdfast.domain.errors import HoldfastError
from holdfast.domain.names import AppName
from holdfast.domain.secret import Secret
from holdfast.node.acme_account import read_accounts
from holdfast.node.authorities import known_authorities
from holdfast.node.certificate_facts import read_certificate
from holdfast.node.certificate_faults import (
    authority_fault,
    client_fault,
    linked,
    server_fault,
    superfluous_words,
)
from holdfast.node.certificates import BACKDATED, Authority
from holdfast.node.found_certificates import Chain, Found, Seen, find_certificates
from holdfast.node.inventory import all_parts
from holdfast.node.node import Node
from holdfast.node.own_certificate import from_item
from holdfast.node.stapling import read_stapling
from holdfast.node.visitor_access import KeptAccess, read_accesses

#: Who vouches for whom.
_ISSUERS = {
    CertificateRole.VISITORS: CertificateRole.VISITORS_CA,
    CertificateRole.SIDECAR: CertificateRole.SIDECARS_CA,
    CertificateRole.EDGE: CertificateRole.EDGE_CA,
}
#: This one is served in its place, and is right.
_REFUSED = (
    "The edge cannot use what the app's ACME client got, and serves a certificate of the node's own"
    " CA instead. Renew it, or drop it and ask for it again."
)


def look_at_certificates(node: Node) -> Certificates:
    """Raises KeychainError: what shall be trusted is known to the keychain alone."""
    found, authorities = find_certificates(node), known_authorities(node.keys)
    now = node.clock.now()
    own = node.keys.certificates(seen.app for seen in found.seen if seen.own and seen.app)
    rows = (_judged(seen, found, _roots(seen, authorities, own), now) for seen in found.seen)
    accesses = _access_authorities(node, now)
    by_acme = (seen.app for seen in found.seen if seen.acme and seen.app)
    accounts = read_accounts(node, found.clients, by_acme)
    return Certificates(now, (*rows, *_authorities(authorities, now), *accesses), accounts)


def _roots(
    seen: Seen,
    authorities: Mapping[CertificateRole, Authority],
    own: Mapping[AppName, Secret],
) -> list[x509.Certificate]:
    """What its verifiers trust; of an imported one, what this machine trusted at its import."""
    if seen.acme is not None:
        return _of_client(seen.acme.root)
    if seen.own and seen.app is not None and seen.app in own:
        return x509.load_pem_x509_certificates(from_item(own[seen.app]).root)
    authority = authorities.get(_ISSUERS[seen.role])
    return x509.load_pem_x509_certificates(authority.root) if authority else []


def _of_client(root: bytes) -> list[x509.Certificate]:
    """None where a client that was taken over shows something else."""
    try:
        return x509.load_pem_x509_certificates(root)
    except ValueError:
        return []


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
    next_renewal, suggested = _next_renewal(seen, certificate)
    return WatchedCertificate(
        role=seen.role,
        host=seen.host,
        certificate=certificate,
        chain=tuple(read_certificate(each) for each in _with_root(seen.chain, roots)),
        verified=not fault,
        reason=fault or _served_otherwise(seen) or superfluous_words(seen.chain),
        served_matches=_matches(seen),
        source=_source(seen),
        last_renewal=None if seen.own else made,
        next_renewal=next_renewal,
        last_error=_acme_error(seen) or (error if not seen.acme and failed_at > made else ""),
        app=seen.app,
        suggested=suggested,
        stapling=read_stapling(seen.chain[0], seen.ocsp, now) if _is_visitors(seen) else None,
    )


def _next_renewal(
    seen: Seen, certificate: Certificate
) -> tuple[datetime | None, SuggestedRenewal | None]:
    """And the ACME server's suggestion, where it is one."""
    if seen.is_ours:
        return certificate.renewal, None
    if seen.acme is None or not seen.acme.runs:
        return None, None
    outcome = seen.acme.outcome
    if outcome is not None and outcome.renewal is not None:
        return outcome.renewal.at, outcome.renewal
    return renewal_by_life(certificate.not_before, certificate.not_after), None


def _is_visitors(seen: Seen) -> bool:
    return seen.role is CertificateRole.VISITORS


def _source(seen: Seen) -> CertificateSource:
    if seen.acme is not None:
        return CertificateSource.ACME
    return CertificateSource.OWN if seen.own else CertificateSource.INTERNAL


def _acme_error(seen: Seen) -> str:
    if seen.refused:
        return _REFUSED
    outcome = seen.acme.outcome if seen.acme else None
    return acme_trouble(outcome, seen.host) if outcome else ""


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
    path = linked(chain)
    last = path[-1]
    above = (root for root in roots if root not in path and root.subject == last.issuer)
    return (*path, *above)


def _authorities(
    authorities: Mapping[CertificateRole, Authority], now: datetime
) -> Iterator[WatchedCertificate]:
    for role, authority in authorities.items():
        root = x509.load_pem_x509_certificate(authority.root)
        own = x509.load_pem_x509_certificate(authority.certificate)
        if role is CertificateRole.VISITORS_CA:
            yield _authority(CertificateRole.VISITORS_ROOT, root, root, now)
        yield _authority(role, own, root, now)


def _access_authorities(node: Node, now: datetime) -> Iterator[WatchedCertificate]:
    """Of the apps that have visitors' certificates of their own."""
    kept: Mapping[AppName, KeptAccess] = {}
    # who was not let in may not know
    with suppress(HoldfastError):
        kept = read_accesses(node.keys, (parts.name for parts in all_parts(node)))
    for app, access in kept.items():
        if access.authority is not None:
            own = x509.load_pem_x509_certificate(access.authority.certificate)
            yield _authority(CertificateRole.ACCESS_CA, own, own, now, app)


def _authority(
    role: CertificateRole,
    own: x509.Certificate,
    root: x509.Certificate,
    now: datetime,
    app: AppName | None = None,
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
        app=app,
    )
