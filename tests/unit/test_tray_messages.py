"""Which warnings of certificates are told, and as what."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from catalogue import DAY, NOW, Wanted, issue

from holdfast.domain.acme import AccountState, AcmeAccount, AcmeOutcome
from holdfast.domain.certificate import (
    CertificateRole,
    Certificates,
    CertificateSource,
    WatchedCertificate,
)
from holdfast.domain.names import AppName
from holdfast.domain.stapling import Stapling, StaplingState
from holdfast.node.certificate_facts import read_certificate
from holdfast.presenters.tray import (
    TrayMessage,
    certificate_messages,
    crashes_together,
    together,
)
from holdfast.presenters.verbs import Place


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


def test_several_of_one_look_are_told_as_one() -> None:
    def message(at: int, text: str, severe: bool = False) -> TrayMessage:
        return TrayMessage(f"{at}", f"host{at} could not be renewed", text, severe=severe)

    assert together([]) == ()
    one = message(1, "The keychain is locked.")
    assert together([one]) == (one,)
    [all_] = together([message(at, "The keychain is locked.", at == 4) for at in range(1, 6)])
    assert (all_.title, all_.severe, all_.app) == ("5 warnings about certificates", True, None)
    assert all_.text.splitlines() == [
        *(f"host{at} could not be renewed" for at in (1, 2, 3)),
        "and 2 more",
        "The keychain is locked.",
    ]
    [two] = together([message(1, "One reason."), message(2, "Another one.")])
    assert two.text.splitlines() == ["host1 could not be renewed", "host2 could not be renewed"]


def test_several_apps_that_crash_at_once_are_told_as_one() -> None:
    def crashed(name: str) -> TrayMessage:
        return TrayMessage(f"crashed/{name}", f"{name} has crashed", "Later.", AppName(name), True)

    sealed = TrayMessage("sealed", "sales is sealed", "Unseal it.", AppName("sales"))
    assert crashes_together([crashed("a"), sealed]) == (crashed("a"), sealed)
    one, other = crashes_together([*map(crashed, "abcd"), sealed])
    assert (one.title, one.app, one.place, one.severe) == (
        "4 apps have crashed",
        None,
        Place.APPS,
        True,
    )
    assert one.text == "a has crashed\nb has crashed\nc has crashed\nand 1 more\nLater."
    assert other == sealed


def test_an_account_that_renews_nothing_any_more_is_told_of() -> None:
    said = AcmeOutcome(NOW, "accountDoesNotExist", "no such account")
    lost = AcmeAccount(AppName("sales"), AccountState.LOST, url="https://a/1", failure=said)
    valid = AcmeAccount(AppName("other"), AccountState.VALID)
    [message] = certificate_messages(Certificates(NOW, (), (lost, valid)))
    assert message.title == "The ACME account of sales is lost"
    assert message.severe
    assert "no such account" in message.text


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
