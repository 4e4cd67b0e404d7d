"""What is made of a CA's answers about a certificate, and in which words it is told."""

from __future__ import annotations

import runpy
import sys
from dataclasses import replace
from datetime import datetime

import pytest
from catalogue import DAY, NOW, Wanted, authority, issue
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.ocsp import OCSPCertStatus as CertStatus
from cryptography.x509.ocsp import OCSPResponderEncoding, OCSPResponseBuilder

from holdfast.domain.stapling import Stapling, StaplingState
from holdfast.node.stapling import Answered, read_stapling
from holdfast.presenters.certificates import stapling_words
from holdfast.shipped import RESOURCES

URL = "http://ocsp.example.org/"
ROOT = authority("Root")
LEAF = issue(Wanted(responder=URL), ROOT)
CERTIFICATE = LEAF.certificate


def answer(
    status: CertStatus, reason: x509.ReasonFlags | None = None, until: datetime = NOW + DAY
) -> bytes:
    revoked = NOW - DAY if status is CertStatus.REVOKED else None
    builder = OCSPResponseBuilder().add_response(
        cert=CERTIFICATE,
        issuer=ROOT.certificate,
        algorithm=SHA1(),
        cert_status=status,
        this_update=NOW - DAY,
        next_update=until,
        revocation_time=revoked,
        revocation_reason=reason,
    )
    named = builder.responder_id(OCSPResponderEncoding.HASH, ROOT.certificate)
    return named.sign(ROOT.key, SHA256()).public_bytes(Encoding.DER)


GOOD = answer(CertStatus.GOOD)


def test_one_that_names_no_responder_has_nothing_to_show() -> None:
    silent = issue(Wanted(), ROOT).certificate
    assert read_stapling(silent, Answered(GOOD, GOOD), NOW) == Stapling()
    # a place that is no address of the web is none
    odd = issue(Wanted(responder="ldap://ocsp.example.org/"), ROOT).certificate
    assert read_stapling(odd, Answered(), NOW) == Stapling()


def test_what_visitors_are_shown_counts() -> None:
    found = read_stapling(CERTIFICATE, Answered(GOOD, GOOD), NOW)
    assert found == Stapling(StaplingState.STAPLED, URL, until=NOW + DAY)
    assert stapling_words(found) == "Stapled, good until Monday 2 March 2026, 12:00:00 UTC."
    kept = read_stapling(CERTIFICATE, Answered(b"", GOOD), NOW)
    assert kept == Stapling(StaplingState.WAITING, URL)
    late = read_stapling(CERTIFICATE, Answered(GOOD, GOOD), NOW + 2 * DAY)
    assert late.state is StaplingState.WAITING
    other = issue(Wanted(responder=URL, serial=8), ROOT).certificate
    assert read_stapling(other, Answered(GOOD, GOOD), NOW).state is StaplingState.WAITING
    assert read_stapling(CERTIFICATE, Answered(b"x", b"x"), NOW).state is StaplingState.WAITING


def test_a_responder_that_is_gone_is_told_beside_what_is_shown_still() -> None:
    gone = Answered(b"", b"", NOW - DAY, "connect timeout")
    found = read_stapling(CERTIFICATE, gone, NOW)
    assert found.state is StaplingState.UNANSWERED
    when = "Saturday 28 February 2026, 12:00:00 UTC"
    told = f"Its CA has not answered at {URL} since {when}: connect timeout."
    assert stapling_words(found) == told
    found = read_stapling(CERTIFICATE, replace(gone, shown=GOOD, answer=GOOD), NOW)
    assert found.state is StaplingState.STAPLED
    assert stapling_words(found).endswith(told)


def test_one_that_was_revoked_is_so_whatever_is_shown_still() -> None:
    last = answer(CertStatus.REVOKED, x509.ReasonFlags.key_compromise)
    found = read_stapling(CERTIFICATE, Answered(GOOD, last), NOW)
    assert (found.state, found.is_trouble) == (StaplingState.REVOKED, True)
    assert stapling_words(found) == "Its CA has revoked it on 2026-02-28 (key compromise)."
    found = read_stapling(CERTIFICATE, Answered(GOOD, answer(CertStatus.REVOKED)), NOW)
    assert stapling_words(found) == "Its CA has revoked it on 2026-02-28."


@pytest.mark.parametrize("state", StaplingState)
def test_one_that_demands_an_answer_is_trouble_without_one(state: StaplingState) -> None:
    calm = (StaplingState.STAPLED, StaplingState.WAITING)
    found = Stapling(state, URL, required=True)
    assert found.is_trouble is (state not in calm)
    assert stapling_words(found).endswith("It demands such an answer (must-staple).")
    assert replace(found, required=False).is_trouble is (state is StaplingState.REVOKED)


def test_that_demand_is_read() -> None:
    made = issue(Wanted(must_staple=True), ROOT).certificate
    assert read_stapling(made, Answered(), NOW) == Stapling(required=True)


@pytest.mark.skipif(sys.platform != "linux", reason="it runs in the node's image")
def test_openssls_complaint_is_told_without_its_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(RESOURCES / "images/node/bin")
    script = runpy.run_path(str(RESOURCES / "images/node/bin/ocsp.py"))
    said = (
        "Error querying OCSP responder\n"
        "40A7:error:1E800067:HTTP routines:OSSL_HTTP_REQ_CTX_nbio:error receiving"
        ":../crypto/http/http_client.c:567:code=503, reason=Service Unavailable\n"
        "40A7:error:1E800067:HTTP routines:OSSL_HTTP_REQ_CTX_nbio:error receiving"
        ":../crypto/http/http_client.c:567:code=503, reason=Service Unavailable\n"
    )
    told = "error receiving: code=503, reason=Service Unavailable"
    assert script["complaint"](said) == told
    assert script["complaint"]("Cannot begin\n") == "Cannot begin"
