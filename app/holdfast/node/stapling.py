"""What a CA's responder has answered about a certificate, and what of it visitors are shown."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID

from holdfast.domain.stapling import Stapling, StaplingState

_WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])")
_KNOWN = {
    ocsp.OCSPCertStatus.REVOKED: StaplingState.REVOKED,
    ocsp.OCSPCertStatus.UNKNOWN: StaplingState.UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class Answered:
    """What the edge tells. shown: what visitors get, answer: what was answered last, DER, empty
    for nothing. failed_since: when, and why, nothing was answered since."""

    shown: bytes = b""
    answer: bytes = b""
    failed_since: datetime | None = None
    why: str = ""


def read_stapling(certificate: x509.Certificate, told: Answered, now: datetime) -> Stapling:
    responder, required = _responder(certificate), _is_required(certificate)
    if not responder:
        return Stapling(required=required)
    last, shown = _read(told.answer, certificate), _read(told.shown, certificate)
    if last is not None and last.certificate_status in _KNOWN:
        reason = last.revocation_reason
        return Stapling(
            _KNOWN[last.certificate_status],
            responder,
            since=last.revocation_time_utc,
            reason=_WORDS.sub(" ", reason.value).lower() if reason else "",
            required=required,
        )
    until = shown.next_update_utc if shown is not None else None
    if shown is not None and (until is None or until > now):
        state = StaplingState.STAPLED
    else:
        state, until = StaplingState.WAITING, None
        if told.failed_since is not None:
            state = StaplingState.UNANSWERED
    return Stapling(state, responder, until, told.failed_since, told.why, required)


def _read(answer: bytes, certificate: x509.Certificate) -> ocsp.OCSPResponse | None:
    """None where it says nothing of this certificate. Its signature was checked before it came to
    the edge, whose word this is."""
    try:
        read = ocsp.load_der_ocsp_response(answer)
    except ValueError:
        return None
    if read.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
        return None
    return read if read.serial_number == certificate.serial_number else None


def _responder(certificate: x509.Certificate) -> str:
    try:
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess)
    except (x509.ExtensionNotFound, ValueError):
        return ""
    places = (
        str(each.access_location.value)
        for each in access.value
        if each.access_method == AuthorityInformationAccessOID.OCSP
    )
    return next((place for place in places if place.startswith(("http://", "https://"))), "")


def _is_required(certificate: x509.Certificate) -> bool:
    try:
        features = certificate.extensions.get_extension_for_class(x509.TLSFeature)
    except (x509.ExtensionNotFound, ValueError):
        return False
    return x509.TLSFeatureType.status_request in features.value
