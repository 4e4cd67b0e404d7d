"""What git and ssh say is told as what happened and what to do, by what was known of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from holdfast.domain.connection import (
    Connection,
    CredentialKind,
    CredentialNeeded,
    CredentialRefused,
)
from holdfast.domain.repository import parse_repository
from holdfast.domain.secret import Secret
from holdfast.node.git_failures import (
    ServerDates,
    certificate_out_of_time,
    explain_git,
    tells_bad_certificate,
    tells_wrong_host_key,
)

HTTPS = parse_repository("https://git.example/o/r")
SSH = parse_repository("git@github.com:o/r.git")
TOKEN = Connection(address=HTTPS.url, credential=CredentialKind.TOKEN, secret=Secret(b"hush"))
KEY = Connection(
    address=SSH.url,
    credential=CredentialKind.DEPLOY_KEY,
    secret=Secret(b"hush"),
    public_key="ssh-ed25519 AAAA holdfast",
)


@pytest.mark.parametrize(
    "said",
    [
        "fatal: could not read Username for 'https://git.example': terminal prompts disabled",
        "fatal: unable to access 'https://git.example/o/r/': The requested URL returned error: 403",
        "fatal: Authentication failed for 'https://git.example/o/r/'",
    ],
)
def test_a_credential_is_asked_for_or_refused(said: str) -> None:
    needed = explain_git(HTTPS, said)
    assert isinstance(needed, CredentialNeeded)
    assert "holdfast repository add https://git.example/o/r --token" in needed.next
    refused = explain_git(HTTPS, said, TOKEN)
    assert isinstance(refused, CredentialRefused)
    assert "rotate-key https://git.example/o/r" in refused.next
    assert "--token --bearer" in refused.next
    as_bearer = explain_git(HTTPS, said, replace(TOKEN, credential=CredentialKind.BEARER_TOKEN))
    assert isinstance(as_bearer, CredentialRefused)
    assert "--bearer" not in as_bearer.next


def test_a_key_that_is_refused_names_where_it_belongs() -> None:
    said = "git@github.com: Permission denied (publickey).\nfatal: Could not read from remote."
    refused = explain_git(SSH, said, KEY)
    assert isinstance(refused, CredentialRefused)
    assert "https://github.com/o/r/settings/keys/new" in refused.next
    assert KEY.public_key in refused.next
    assert isinstance(explain_git(SSH, said), CredentialNeeded)


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ("The requested URL returned error: 429", "left alone for a while"),
        ("The requested URL returned error: 502", "a fault of its own"),
        ("error: RPC failed; curl 18\nfatal: early EOF", "broke off in the middle"),
        ("ssh: connect to host h port 22: Connection timed out", "does not answer in time"),
        ("ssh: connect to host h port 22: Connection refused", "does not answer."),
        ("ERROR: Repository not found.", "There is no such repository."),
        ("fatal: commit 4034290000 is strange", "The repository could not be read."),
        ("SSL certificate problem: self-signed certificate", "could not be verified"),
        ("Error: smudge filter lfs failed: HTTP 500", "Git LFS"),
    ],
)
def test_other_troubles_have_words_of_their_own(said: str, what: str) -> None:
    told = explain_git(HTTPS, said, TOKEN)
    assert what in told.what
    assert told.next
    assert "hush" not in f"{told}"


def test_a_forge_may_hide_what_a_credential_may_not_read() -> None:
    said = "ERROR: Repository not found.\nfatal: Could not read from remote repository."
    assert "may not read it" in explain_git(SSH, said, KEY).why
    assert "may not read it" not in explain_git(SSH, said).why


def test_a_wrong_host_key_is_recognised() -> None:
    assert tells_wrong_host_key("@ WARNING @\r\nHost key verification failed.\r\n")
    assert not tells_wrong_host_key("Permission denied (publickey).")


NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("node", "desktop", "what", "why", "then"),
    [
        # both say the same: it is the server's
        (NOW + 9 * DAY, NOW + 9 * DAY, "has expired", "It ended on 21 November 2026", "Ask who"),
        (NOW - 9 * DAY, NOW - 9 * DAY, "is not valid yet", "It begins on 19 November", "both"),
        # the node's clock is wrong
        (NOW + 9 * DAY, NOW, "has expired", "clock is at 29 November 2026, 12:00 UTC", "node's"),
        (NOW - 9 * DAY, NOW, "is not valid yet", "clock is at 11 November", "node's"),
    ],
)
def test_a_certificate_out_of_its_time_is_held_against_both_clocks(
    node: datetime, desktop: datetime, what: str, why: str, then: str
) -> None:
    told = certificate_out_of_time(HTTPS, ServerDates(NOW - DAY, NOW + DAY, node), desktop)
    assert told is not None
    assert told.what == f"The certificate of git.example {what}."
    assert why in told.why
    assert then in told.next


def test_one_that_is_valid_now_is_refused_for_another_reason() -> None:
    assert certificate_out_of_time(HTTPS, ServerDates(NOW - DAY, NOW + DAY, NOW), NOW) is None
    assert tells_bad_certificate("fatal: server certificate verification failed. CAfile: none")
    assert not tells_bad_certificate("fatal: repository not found")
