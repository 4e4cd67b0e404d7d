"""What an ACME client tells of its troubles, in words that say what to do."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from holdfast.domain.acme import (
    LETS_ENCRYPT,
    AcmeOutcome,
    SuggestedRenewal,
    acme_trouble,
    parse_acme,
    renewal_by_life,
)
from holdfast.domain.errors import UsageError
from holdfast.node.acme_outcome import read_outcome
from holdfast.shipped import RESOURCES

_SCRIPT = runpy.run_path(str(RESOURCES / "images/node/bin/acme.py"))
judged: Callable[[str, str], dict[str, str]] = _SCRIPT["judged"]
HOST = "shop.example.org"


def answer(kind: str, detail: str) -> str:
    """As certbot's log has a server's answer."""
    body = f'{{\n  "type": "urn:ietf:params:acme:error:{kind}",\n  "detail": "{detail}",'
    return f'DEBUG:acme.client:Received response:\nHTTP 429\n{body}\n  "status": 429\n}}\n'


@pytest.mark.parametrize(
    ("said", "log", "kind", "words"),
    [
        ("", answer("rateLimited", "too many certificates"), "rateLimited", "limit is reached"),
        ("", answer("badNonce", "old") + answer("caa", "no"), "caa", "forbids this ACME server"),
        ("", answer("connection", "refused"), "connection", "could not verify shop.example.org"),
        ("", answer("accountDoesNotExist", "?"), "accountDoesNotExist", "the account any more"),
        ("", answer("userActionRequired", "new terms"), "userActionRequired", "client failed"),
        (
            "An unexpected error occurred:\nrequests.exceptions.ConnectionError: refused\n",
            "",
            "gone",
            "does not answer",
        ),
        (
            "An unexpected error occurred:\nValueError: Requesting 192.0.2.1/dir: Connection"
            " refused\n",
            "",
            "gone",
            "does not answer",
        ),
        (
            "An unexpected error occurred:\nssl.SSLCertVerificationError: certificate verify"
            " failed: certificate is not yet valid\n",
            "",
            "clock",
            "clock is right",
        ),
        ("ssl: CERTIFICATE_VERIFY_FAILED: self-signed", "", "untrusted", "--ca-file"),
        ("No space left on device", "", "other", "No space left on device"),
    ],
)
def test_each_trouble_has_words_of_its_own(said: str, log: str, kind: str, words: str) -> None:
    told = judged(said, log)
    assert told["kind"] == kind
    outcome = read_outcome(told)
    assert outcome is not None
    assert words in acme_trouble(outcome, HOST)


def test_the_servers_own_words_are_kept() -> None:
    told = judged("", answer("rateLimited", r"retry after \"noon\""))
    assert told["detail"] == 'retry after "noon"'


@pytest.mark.parametrize(
    "directory",
    [
        "http://acme.example/dir",
        "https://",
        "https://[",
        "https://acme.example:port/dir",
        "https://ada:secret@acme.example/dir",
        "https://secret@acme.example/dir",
        "https://acme.example/dir?token=secret",
        "https://acme.example/dir#secret",
        "https://acme.example/dir secret",
    ],
)
def test_what_is_no_plain_https_address_is_refused_and_not_repeated(directory: str) -> None:
    with pytest.raises(UsageError, match="a query") as told:
        parse_acme(directory, "", b"")
    assert "secret" not in str(told.value)
    assert told.value.__context__ is None


def test_a_plain_https_address_is_taken() -> None:
    for directory in (LETS_ENCRYPT, "https://[2001:db8::1]:14000/dir"):
        assert parse_acme(directory, "", b"").directory == directory


@pytest.mark.parametrize(("days", "left"), [(90, 30), (45, 15), (6, 3)])
def test_without_a_suggestion_it_is_renewed_as_certbot_does(days: int, left: int) -> None:
    begins = datetime(2026, 3, 1, tzinfo=UTC)
    ends = begins + timedelta(days=days)
    assert renewal_by_life(begins, ends) == ends - timedelta(days=left)


def test_a_suggestion_is_read_and_may_be_missing() -> None:
    plain = {"at": "2026-03-01T12:00:00+00:00", "kind": "", "detail": ""}
    suggested = {"at": "2026-04-01T12:00:00+00:00", "explanation": "https://acme.example/why"}
    told = read_outcome({**plain, "renewal": suggested})
    assert told is not None
    assert told.renewal == SuggestedRenewal(
        datetime(2026, 4, 1, 12, tzinfo=UTC), "https://acme.example/why"
    )
    for each in (plain, {**plain, "renewal": None}):
        without = read_outcome(each)
        assert without is not None
        assert without.renewal is None


def test_where_nothing_went_wrong_nothing_is_told() -> None:
    assert acme_trouble(AcmeOutcome(datetime.now(UTC), "", ""), HOST) == ""


@pytest.mark.parametrize("told", [None, [], {"at": "never"}, "text"])
def test_what_is_no_status_is_none(told: Any) -> None:
    assert read_outcome(told) is None
