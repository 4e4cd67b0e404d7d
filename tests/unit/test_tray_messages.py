"""Which warnings of certificates are told, and as what."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from catalogue import DAY, NOW, Wanted, issue

from holdfast.domain.certificate import (
    CertificateRole,
    Certificates,
    CertificateSource,
    WatchedCertificate,
)
from holdfast.domain.stapling import Stapling, StaplingState
from holdfast.node.certificate_facts import read_certificate
from holdfast.presenters.tray import TrayMessage, certificate_messages


def watched(days: float = 90) -> WatchedCertificate:
    """An imported one, which nobody renews, that was made now."""
    made = read_certificate(issue(Wanted(begins=NOW, ends=NOW + days * DAY)).certificate)
    return WatchedCertificate(
        role=CertificateRole.VISITORS,
        host="sales.example.org",
        certificate=made,
        chain=(made,),
        verified=True,
        reason="",
        served_matches=True,
        source=CertificateSource.OWN,
    )


def told(row: WatchedCertificate, left: timedelta) -> tuple[TrayMessage, ...]:
    return certificate_messages(Certificates(row.certificate.not_after - left, (row,)))


def test_each_threshold_is_told_as_another_thing_and_stays_the_same_until_the_next() -> None:
    row = watched()
    keys = [
        [each.key.rpartition("/")[2] for each in told(row, hours * timedelta(hours=1))]
        for hours in (31 * 24, 29 * 24, 15 * 24, 13 * 24, 8 * 24, 6 * 24, 25, 23, 1, -1)
    ]
    assert keys == [[], ["30"], ["30"], ["14"], ["14"], ["7"], ["7"], ["1"], ["1"], ["0"]]
    [soon], [ended] = told(row, 13 * DAY), told(row, -DAY)
    assert soon.title == "sales.example.org (visitors) ends in 13 d"
    assert (soon.severe, ended.severe) == (False, True)
    assert "Import the next one." in soon.text
    assert ended.title == "sales.example.org (visitors) has expired"


def test_another_certificate_is_told_of_anew() -> None:
    first, other = watched(), watched()
    renamed = replace(other, certificate=replace(other.certificate, serial="another"))
    assert told(first, DAY / 2)[0].key != told(renamed, DAY / 2)[0].key


@pytest.mark.parametrize(("left", "keys"), [(2.1, []), (1.9, ["30"]), (0.9, ["14"]), (0.05, ["1"])])
def test_a_short_one_is_warned_of_in_proportion(left: float, keys: list[str]) -> None:
    assert [each.key.rpartition("/")[2] for each in told(watched(6), left * DAY)] == keys


def test_one_that_browsers_may_refuse_is_told_of() -> None:
    row, far = watched(), 60 * DAY
    [revoked] = told(replace(row, stapling=Stapling(StaplingState.REVOKED)), far)
    assert revoked.title == "sales.example.org (visitors) was revoked"
    assert revoked.severe
    lacking = Stapling(StaplingState.UNANSWERED, "http://ocsp.example.org/", required=True)
    [unanswered] = told(replace(row, stapling=lacking), far)
    assert unanswered.title == "sales.example.org (visitors) may be refused by browsers"
    assert told(replace(row, stapling=replace(lacking, required=False)), far) == ()


def test_what_is_renewed_by_itself_is_told_of_when_that_did_not_happen() -> None:
    row = watched()
    renewing = replace(row, source=CertificateSource.INTERNAL, next_renewal=row.certificate.renewal)
    assert told(renewing, 29 * DAY) == ()
    assert [each.severe for each in told(renewing, 13 * DAY)] == [False]
    failed = told(replace(renewing, last_error="The disk is full."), 29 * DAY)
    assert [each.title for each in failed] == ["sales.example.org (visitors) could not be renewed"]
    assert failed[0].text == "The last renewal failed: The disk is full."
