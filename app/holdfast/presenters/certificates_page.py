"""The page of certificates: a row for each, and all that is known about the chosen one."""

from __future__ import annotations

import re
from datetime import datetime

from holdfast.domain.certificate import Certificate, Certificates, CertificateState
from holdfast.domain.certificate import WatchedCertificate as Watched
from holdfast.domain.names import AppName
from holdfast.domain.stapling import StaplingState
from holdfast.presenters.acme_account import ROLE, account_row, server_of
from holdfast.presenters.certificate import time_left
from holdfast.presenters.certificates import (
    ROLES,
    reach_line,
    renewal_words,
    served_words,
    source_words,
    stapling_words,
    state_look,
    subject_of,
    summary_line,
    trouble_words,
)
from holdfast.presenters.engine_link import engine_row
from holdfast.presenters.notices import Notice
from holdfast.presenters.quantities import DASH, ago, count, exact
from holdfast.presenters.rows import Bar, Cell, Column, Row
from holdfast.presenters.states import Look, Shape, Tone

COLUMNS = (
    Column("For", 190, 4),
    Column("State", 120, 2),
    Column("Left", 120, 1),
    Column("Issuer", 120, 3),
    Column("Valid to", 110),
    Column("Served", 72),
)
CHECK = "Check again"
RENEW = "Renew now"
EXPORT = "Export CA…"
TRUST = "Trust this CA"
COPY = "Copy PEM"
READING = Notice(
    "Looking at the certificates", "Each is verified, and asked for as a visitor would."
)
NONE = Notice("No certificates yet", "The first app's route makes them.")
NONE_OF_APP = Notice(
    "The app has no certificate now", "It gets one, and its sidecar another, when it is started."
)
_SERVED = {True: "Yes", False: "No", None: DASH}
_PAIRS = re.compile(r"\b[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){7,}\b")


def certificate_rows(found: Certificates) -> tuple[Row, ...]:
    if not found.rows:
        return ()
    certificates = (_row(each, found.looked) for each in found.rows)
    return (*certificates, *map(account_row, found.accounts), engine_row())


def of_app(found: Certificates, app: AppName) -> tuple[tuple[str, str], ...]:
    """(key, words) of each that guards the app, what visitors get before the others; its account
    with an ACME server comes last."""
    rows = sorted((row for row in found.rows if row.app == app), key=_order)
    certificates = ((row.key, f"{subject_of(row)} · {ROLES[row.role]}") for row in rows)
    accounts = (
        (each.key, f"{server_of(each)} · {ROLE}") for each in found.accounts if each.app == app
    )
    return (*certificates, *accounts)


def _order(row: Watched) -> tuple[int, str]:
    return list(ROLES).index(row.role), row.host


def _row(row: Watched, now: datetime) -> Row:
    certificate, look = row.certificate, state_look(row, now)
    left = certificate.not_after - now
    role, subject, trouble = ROLES[row.role], subject_of(row), trouble_words(row, now)
    tone = Tone.GOOD if row.state(now) is CertificateState.WELL else look.tone
    served = _SERVED[row.served_matches]
    return Row(
        key=row.key,
        cells=(
            Cell(subject, detail=role, strong=True, order=subject, tooltip=_names(certificate)),
            Cell(look.word, look=look, order=look.word, tooltip=trouble),
            Cell(
                time_left(certificate.not_after, now),
                bar=Bar(max(0.0, min(1.0, left / certificate.life)), tone),
                order=left.total_seconds(),
            ),
            Cell(certificate.issuer, order=certificate.issuer, tooltip=certificate.issuer),
            Cell(
                f"{certificate.not_after:%Y-%m-%d}",
                order=certificate.not_after.timestamp(),
                tooltip=exact(certificate.not_after),
            ),
            Cell(served, order=served, tooltip=served_words(row)),
        ),
        search=f"{subject} {role} {look.word} {certificate.issuer} {_names(certificate)}".lower(),
    )


def _names(certificate: Certificate) -> str:
    return ", ".join(certificate.names)


def headline(found: Certificates) -> tuple[str, str]:
    """How all of them are, and for how long nobody has to come."""
    return summary_line(found), reach_line(found)


def troubled(found: Certificates | None) -> tuple[int, Look]:
    """How many ask for action, as the sidebar counts them; accounts are among them."""
    bad, soon, accounts = _troubled(found)
    bad += accounts
    shape, tone = (Shape.TRIANGLE, Tone.BAD) if bad else (Shape.DIAMOND, Tone.WARN)
    return bad + soon, Look(str(bad + soon), shape, tone)


def troubled_words(found: Certificates | None) -> str:
    """What they are, empty where nothing asks for action."""
    bad, soon, accounts = _troubled(found)
    told = []
    if bad + soon:
        told.append(count(bad + soon, "certificate"))
    if accounts:
        told.append(count(accounts, "ACME account"))
    verb = "needs" if bad + soon + accounts == 1 else "need"
    return f"{' and '.join(told)} {verb} you" if told else ""


def _troubled(found: Certificates | None) -> tuple[int, int, int]:
    """Certificates in trouble, those that soon are, and accounts."""
    if found is None:
        return 0, 0, 0
    states = (CertificateState.TROUBLE, CertificateState.SOON)
    bad, soon = (len(found.in_state(state)) for state in states)
    return bad, soon, len(found.troubled_accounts)


def is_of_no_use(row: Watched) -> bool:
    """Whether visitors are to be kept from it, as opposed to what may become so."""
    revoked = row.stapling is not None and row.stapling.state is StaplingState.REVOKED
    return revoked or not row.verified


def trouble_notice(row: Watched, now: datetime) -> Notice | None:
    """What stands above the details of one that is not as it should be."""
    trouble = trouble_words(row, now)
    return Notice(state_look(row, now).word, trouble) if trouble else None


def watched_facts(row: Watched, now: datetime) -> tuple[tuple[str, ...], ...]:
    """How the node uses it."""
    made = row.last_renewal
    return (
        ("Role", ROLES[row.role]),
        *((("App", row.app),) if row.app else ()),
        ("Source", source_words(row)),
        ("Chain", "Verified up to its root" if row.verified else row.reason),
        ("Served", served_words(row)),
        *((("OCSP", stapling_words(row.stapling)),) if row.stapling else ()),
        *((("Last renewal", ago(made, now), exact(made)),) if made else ()),
        ("Next renewal", renewal_words(row)),
        *((("Last error", row.last_error),) if row.last_error else ()),
    )


def certificate_facts(certificate: Certificate) -> tuple[tuple[str, ...], ...]:
    """What it says of itself."""
    names = _names(certificate)
    return (
        ("Subject", certificate.subject),
        ("Issuer", certificate.issuer),
        *((("Names", names),) if names else ()),
        ("Valid from", exact(certificate.not_before)),
        ("Valid to", exact(certificate.not_after)),
        ("Key", certificate.key),
        ("Signature", certificate.signature),
        ("Serial", certificate.serial),
        ("SHA-256", _breakable(certificate.sha256)),
        ("SHA-1", _breakable(certificate.sha1)),
        *(
            (each.name, _breakable(each.value) + (" (critical)" if each.critical else ""))
            for each in certificate.extensions
        ),
    )


def _breakable(value: str) -> str:
    """Pairs of digits with a space between them, where a line may break."""
    return _PAIRS.sub(lambda found: found[0].replace(":", " "), value)
