"""A node's certificates in the words of the window and the command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from holdfast.domain.certificate import (
    CertificateRole,
    Certificates,
    CertificateSource,
    CertificateState,
    Trusted,
    WatchedCertificate,
)
from holdfast.domain.stapling import Stapling, StaplingState
from holdfast.presenters.certificate import time_left
from holdfast.presenters.quantities import count, exact, span
from holdfast.presenters.states import Look, Shape, Tone

ROLES = {
    CertificateRole.VISITORS: "Visitors",
    CertificateRole.EDGE: "Edge to apps",
    CertificateRole.SIDECAR: "App's sidecar",
    CertificateRole.VISITORS_ROOT: "Visitors' root CA",
    CertificateRole.VISITORS_CA: "Visitors' CA",
    CertificateRole.SIDECARS_CA: "Sidecars' CA",
    CertificateRole.EDGE_CA: "Edge's CA",
    CertificateRole.ACCESS_CA: "CA of an app's visitors",
}
_SOURCES = {
    CertificateSource.INTERNAL: "Holdfast's own CA",
    CertificateSource.OWN: "Imported",
    CertificateSource.ACME: "An ACME server",
}
_SEALED = "Not while its app is sealed: unseal it"
_SHAPES = {
    CertificateState.WELL: (Shape.DISC, Tone.GOOD),
    CertificateState.SOON: (Shape.DIAMOND, Tone.WARN),
    CertificateState.TROUBLE: (Shape.TRIANGLE, Tone.BAD),
}


def subject_of(row: WatchedCertificate) -> str:
    """Whom it is for: a host, or the name of an authority."""
    return row.host or row.certificate.subject


def state_look(row: WatchedCertificate, now: datetime) -> Look:
    return Look(_state_word(row, now), *_SHAPES[row.state(now)])


def _state_word(row: WatchedCertificate, now: datetime) -> str:
    if now >= row.certificate.not_after:
        return "Expired"
    if not row.verified:
        return "Not verified"
    if row.stapling is not None and row.stapling.state is StaplingState.REVOKED:
        return "Revoked"
    if row.served_matches is False:
        return "Not served"
    if row.stapling is not None and row.stapling.is_trouble:
        return "Not stapled"
    if row.last_error:
        return "Renewal failed"
    return "Ends soon" if row.state(now) is CertificateState.SOON else "Valid"


def served_words(row: WatchedCertificate) -> str:
    """What a live handshake found."""
    if row.served_matches is None:
        return "Never served" if row.role.is_authority else "Not asked for yet"
    if row.role is CertificateRole.EDGE:
        return "Accepted by every sidecar" if row.served_matches else "Refused by a sidecar"
    return "Served right now" if row.served_matches else "Not what is served"


def source_words(row: WatchedCertificate) -> str:
    return _SOURCES[row.source]


def stapling_words(stapling: Stapling) -> str:
    """Whether visitors are shown that its CA still vouches for it (OCSP), and if not, why."""
    told = _STAPLING[stapling.state](stapling)
    return f"{told} It demands such an answer (must-staple)." if stapling.required else told


def _shown(stapling: Stapling) -> str:
    until = f" until {exact(stapling.until)}" if stapling.until else ""
    told = f"Stapled, good{until}."
    return f"{told} {_unanswered(stapling)}" if stapling.since else told


def _unanswered(stapling: Stapling) -> str:
    since = f" since {exact(stapling.since)}" if stapling.since else ""
    why = f": {stapling.reason}" if stapling.reason else ""
    return f"Its CA has not answered at {stapling.responder}{since}{why}."


def _revoked(stapling: Stapling) -> str:
    when = f" on {stapling.since:%Y-%m-%d}" if stapling.since else ""
    why = f" ({stapling.reason})" if stapling.reason else ""
    return f"Its CA has revoked it{when}{why}."


_STAPLING: Mapping[StaplingState, Callable[[Stapling], str]] = {
    StaplingState.NOT_OFFERED: lambda _: "Not offered: it names nobody to ask.",
    StaplingState.WAITING: lambda each: f"Its CA is being asked at {each.responder}.",
    StaplingState.STAPLED: _shown,
    StaplingState.UNANSWERED: _unanswered,
    StaplingState.UNKNOWN: lambda each: f"Its CA does not know it, at {each.responder}.",
    StaplingState.REVOKED: _revoked,
}
_OTHER = {
    CertificateSource.OWN: "Import another one.",
    CertificateSource.ACME: "Renew it: that gets another one, with another key.",
}


def _after_refusal(row: WatchedCertificate, stapling: Stapling) -> str:
    refused = "Browsers may refuse it, as Firefox does."
    if stapling.state is StaplingState.UNANSWERED:
        return f"{refused} Look whether the node reaches that address."
    return f"{refused} {_OTHER.get(row.source, '')}"


def renewal_words(row: WatchedCertificate) -> str:
    if row.source is CertificateSource.ACME:
        if row.next_renewal is None:
            return _SEALED
        return f"{exact(row.next_renewal)}, by the node itself: {_chosen_by(row)}"
    if row.next_renewal is not None:
        return f"{exact(row.next_renewal)}, while a desktop is connected"
    if row.source is CertificateSource.OWN:
        return "Never by Holdfast: import the next one before this one ends"
    return "Not renewed: all that it vouches for would end with it"


def _chosen_by(row: WatchedCertificate) -> str:
    if row.suggested is None:
        return "a third of its life is left then, or half of a short one"
    why = row.suggested.explanation
    return (
        f"its ACME server suggests it (ARI). Why: {why}" if why else "its ACME server suggests it"
    )


def trouble_words(row: WatchedCertificate, now: datetime) -> str:
    """What is wrong with it, in sentences; "" if nothing is."""
    told = [row.reason] if row.reason else []
    if row.stapling is not None and row.stapling.is_trouble:
        told.append(f"{stapling_words(row.stapling)} {_after_refusal(row, row.stapling)}".rstrip())
    if row.last_error:
        told.append(f"The last renewal failed: {row.last_error}")
    if not told and now >= row.certificate.not_after:
        told.append(f"It expired on {row.certificate.not_after:%Y-%m-%d}.")
    if not told and row.certificate.warning(now) is not None:
        told.append(f"It ends in {time_left(row.certificate.not_after, now)}. {_remedy(row, now)}")
    return " ".join(told)


def _remedy(row: WatchedCertificate, now: datetime) -> str:
    if row.next_renewal is not None:
        late = "is overdue" if row.next_renewal <= now else f"is due on {row.next_renewal:%Y-%m-%d}"
        return f"Its renewal {late}."
    if row.source is CertificateSource.OWN:
        return "Import the next one."
    if row.source is CertificateSource.ACME:
        return "It is not renewed while its app is sealed: unseal it."
    return "A new CA has to be made, and trusted where this one is."


def summary_line(found: Certificates) -> str:
    """How all of them are, in a sentence, and one more where an account is in trouble."""
    lost = len(found.troubled_accounts)
    told = f" {count(lost, 'ACME account')} in trouble." if lost else ""
    return f"{_certificates_line(found)}{told}"


def _certificates_line(found: Certificates) -> str:
    trouble = len(found.in_state(CertificateState.TROUBLE))
    soon = len(found.in_state(CertificateState.SOON))
    if trouble or soon:
        parts = [f"{trouble} in trouble"] * bool(trouble) + [f"{soon} near the end"] * bool(soon)
        return f"Of {count(len(found.rows), 'certificate')}, {' and '.join(parts)}."
    if not found.rows:
        return "There are no certificates yet: the first route makes them."
    return f"{count(len(found.rows), 'certificate')} verified, none near the end."


def trusted_line(trusted: Trusted) -> str:
    """Which browsers trust the CA now."""
    if not trusted.stores:
        return "No browser of yours could be told to trust the CA."
    return f"Trusted now by: {'; '.join(trusted.stores)}. Restart a browser that is open."


def reach_line(found: Certificates) -> str:
    """How long the node can go without a desktop; "" where nothing is renewed."""
    until = found.lasts_until
    if until is None:
        return ""
    left = (until - found.looked).total_seconds()
    if left <= 0:
        return "The node has gone too long without a desktop: certificates have ended."
    return (
        f"The node can go without a desktop for {span(left, days_only=True)},"
        f" until {until:%Y-%m-%d}."
    )
