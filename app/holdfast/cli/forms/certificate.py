"""The node's certificates as JSON."""

from __future__ import annotations

from datetime import datetime

from holdfast.cli.forms.form import Form, moment
from holdfast.domain.acme import AcmeAccount
from holdfast.domain.certificate import (
    Certificate,
    Certificates,
    Renewed,
    Trusted,
    WatchedCertificate,
)
from holdfast.domain.stapling import Stapling
from holdfast.presenters import engine_link
from holdfast.presenters.acme_account import account_trouble, failure_words
from holdfast.presenters.certificates import stapling_words


def certificates_form(found: Certificates) -> Form:
    return {
        "certificates": [_certificate_form(row, found.looked) for row in found.rows],
        "accounts": [_account_form(each) for each in found.accounts],
        "engine": {"role": "engine", "source": "unix-socket", "reason": engine_link.WHY},
    }


def _account_form(account: AcmeAccount) -> Form:
    """last_contact: when the server last answered about it. last_error: why it did not."""
    return {
        "role": "acme-account",
        "app": account.app,
        "directory": account.directory or None,
        "contact": account.email or None,
        "url": account.url or None,
        "key": account.key_words or None,
        "state": account.state.value,
        "last_contact": moment(account.contact),
        "last_error": failure_words(account) or None,
        "reason": account_trouble(account) or None,
    }


def _certificate_form(row: WatchedCertificate, now: datetime) -> Form:
    certificate = row.certificate
    return {
        "role": row.role.value,
        "host": row.host or None,
        "names": list(certificate.names),
        "issuer": certificate.issuer,
        "not_before": moment(certificate.not_before),
        "not_after": moment(certificate.not_after),
        "days_left": certificate.days_left(now),
        "key": certificate.key,
        "verified": row.verified,
        "reason": row.reason or None,
        "served_matches": row.served_matches,
        "source": row.source.value,
        "next_renewal": moment(row.next_renewal),
        "renewal_from": _renewal_from(row),
        "renewal_explanation": (row.suggested.explanation or None) if row.suggested else None,
        "last_error": row.last_error or None,
        "stapling": _stapling_form(row.stapling) if row.stapling else None,
    }


def _renewal_from(row: WatchedCertificate) -> str | None:
    if row.next_renewal is None:
        return None
    return "acme-server" if row.suggested else "lifetime"


def _stapling_form(stapling: Stapling) -> Form:
    return {
        "state": stapling.state.value,
        "responder": stapling.responder or None,
        "until": moment(stapling.until),
        "since": moment(stapling.since),
        "required": stapling.required,
        "reason": stapling_words(stapling),
    }


def certificate_check_form(found: Certificates) -> Form:
    """lasts_until: how long the node can go without a desktop."""
    return {**certificates_form(found), "lasts_until": moment(found.lasts_until)}


def renewed_form(renewed: Renewed) -> Form:
    return {"renewed": list(renewed.renewed)}


def imported_form(certificate: Certificate) -> Form:
    return {
        "names": list(certificate.names),
        "issuer": certificate.issuer,
        "not_after": moment(certificate.not_after),
    }


def trusted_form(trusted: Trusted) -> Form:
    return {"trusted": list(trusted.stores), "steps": list(trusted.steps)}


def authority_form(authority: Certificate, saved: str | None) -> Form:
    return {
        "certificate": authority.pem,
        "sha256": authority.sha256,
        "saved": saved,
    }
