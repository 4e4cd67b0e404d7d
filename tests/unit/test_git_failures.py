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
    ServerBusy,
    ServerUntrusted,
)
from holdfast.domain.repository import parse_repository
from holdfast.domain.secret import Secret
from holdfast.node.git_certificates import (
    ServerDates,
    certificate_out_of_time,
    tells_bad_certificate,
)
from holdfast.node.git_failures import (
    explain_git,
    tells_wrong_host_key,
)
from holdfast.presenters.connect import untrusted_offer

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
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
    needed = explain_git(HTTPS, said, NOW)
    assert isinstance(needed, CredentialNeeded)
    assert "holdfast repository add https://git.example/o/r --token" in needed.next
    refused = explain_git(HTTPS, said, NOW, TOKEN)
    assert isinstance(refused, CredentialRefused)
    assert refused.next.endswith(": holdfast repository rotate-key https://git.example/o/r")
    assert "--bearer" in refused.next
    # what was only tried is not there to be replaced
    tried = explain_git(HTTPS, said, NOW, TOKEN, kept=False)
    assert tried.next.endswith(": holdfast repository add https://git.example/o/r --token")
    as_bearer = explain_git(
        HTTPS, said, NOW, replace(TOKEN, credential=CredentialKind.BEARER_TOKEN)
    )
    assert isinstance(as_bearer, CredentialRefused)
    assert "--bearer" not in as_bearer.next


def test_a_key_that_is_refused_names_where_it_belongs() -> None:
    said = "git@github.com: Permission denied (publickey).\nfatal: Could not read from remote."
    refused = explain_git(SSH, said, NOW, KEY)
    assert isinstance(refused, CredentialRefused)
    assert "https://github.com/o/r/settings/keys/new" in refused.next
    assert KEY.public_key in refused.next
    assert isinstance(explain_git(SSH, said, NOW), CredentialNeeded)


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ("The requested URL returned error: 429", "left alone for a while"),
        ("The requested URL returned error: 502", "a fault of its own"),
        ("error: RPC failed; curl 18\nfatal: early EOF", "broke off in the middle"),
        ("Operation too slow. Less than 1 bytes/sec", "does not answer in time"),
        ("ssh: connect to host h port 22: Connection refused", "does not answer."),
        ("ERROR: Repository not found.", "There is no such repository."),
        ("fatal: commit 4034290000 is strange", "The repository could not be read."),
        ("SSL certificate problem: self-signed certificate", "could not be verified"),
        ("Error: smudge filter lfs failed: HTTP 500", "Git LFS"),
    ],
)
def test_other_troubles_have_words_of_their_own(said: str, what: str) -> None:
    told = explain_git(HTTPS, said, NOW, TOKEN)
    assert what in told.what
    assert told.next
    assert "hush" not in f"{told}"


def test_a_forge_may_hide_what_a_credential_may_not_read() -> None:
    said = "ERROR: Repository not found.\nfatal: Could not read from remote repository."
    assert "may not read it" in explain_git(SSH, said, NOW, KEY).why
    assert "may not read it" not in explain_git(SSH, said, NOW).why


SSH_ENDED = """
fatal: Could not read from remote repository.

Please make sure you have the correct access rights
and the repository exists.
"""


@pytest.mark.parametrize(
    ("said", "what", "why"),
    [
        ("", "github.com broke off", "without a word. Or it said nothing for a minute"),
        ("Connection to github.com closed by remote host.", "github.com broke off", "closed by"),
        ("ERROR: Your account is suspended.", "could not be read", "account is suspended"),
    ],
)
def test_of_an_ssh_server_that_ended_it_its_own_words_are_told(
    said: str, what: str, why: str
) -> None:
    told = explain_git(SSH, f"{said}{SSH_ENDED}", NOW, KEY)
    assert what in told.what
    assert why in told.why


@pytest.mark.parametrize(
    ("said", "what"),
    [
        (
            "warning: redirecting to https://git.other:8443/o/r/\n"
            "fatal: could not read Username for 'https://git.other:8443': terminal prompts"
            " disabled",
            "git.example sends git on to git.other:8443.",
        ),
        (
            "warning: redirecting to https://git.example:443/o/new/\n"
            "fatal: Authentication failed for 'https://git.example/o/new/'",
            "git.example does not accept the token.",
        ),
        (
            "error: RPC failed; HTTP 307 curl 22 The requested URL returned error: 307\n"
            "fatal: expected flush after ref listing",
            "git.example sends git on to another address.",
        ),
    ],
)
def test_a_server_that_sends_on_is_not_taken_for_one_that_refuses(said: str, what: str) -> None:
    assert explain_git(HTTPS, said, NOW, TOKEN).what == what


def test_a_wrong_host_key_is_recognised() -> None:
    assert tells_wrong_host_key("@ WARNING @\r\nHost key verification failed.\r\n")
    assert not tells_wrong_host_key("Permission denied (publickey).")


@pytest.mark.parametrize(
    ("asked", "rest", "words"),
    [
        ("Retry-After: 120\r", timedelta(minutes=2), "It asks for 2 minutes."),
        ("retry-after: Sun, 01 Mar 2026 13:00:00 GMT", timedelta(hours=1), "It asks for an hour."),
        ("retry-after: Sun, 01 Mar 2026 11:00:00 GMT", None, ""),
        ("retry-after: soon", None, ""),
        ("retry-after: 99999999999999", None, ""),
        ("retry-after: Mon, 1 Jan 99999999999 00:00:00 GMT", None, ""),
        ("retry-after: Mon, 1 Jan 2026 00:00:00 +99999999999999999999", None, ""),
        ("", None, ""),
    ],
)
@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_server_says_how_long_to_wait(
    status: int, asked: str, rest: timedelta | None, words: str
) -> None:
    told = explain_git(HTTPS, f"The requested URL returned error: {status}\n{asked}\n", NOW)
    assert isinstance(told, ServerBusy)
    assert (told.rest, words in told.why) == (rest, True)
    assert told.next.startswith("Try again after that") is (rest is not None)


def test_a_certificate_that_changed_is_told_from_one_nobody_vouched_for() -> None:
    said = "SSL certificate problem: self-signed certificate"
    told = explain_git(HTTPS, said, NOW, TOKEN)
    assert isinstance(told, ServerUntrusted)
    assert "was added with a CA" not in told.why
    held = replace(TOKEN, certificates="-----BEGIN CERTIFICATE-----")
    assert "was added with a CA" in explain_git(HTTPS, said, NOW, held).why


SSO = """remote: The 'acme' organization has enabled or enforced SAML SSO.
remote: To access this repository, you must use the HTTPS remote with a personal access token.
fatal: unable to access 'https://git.example/o/r/': The requested URL returned error: 403
"""
LIMIT = """remote: You have exceeded a secondary rate limit.
fatal: unable to access 'https://git.example/o/r/': The requested URL returned error: 403
"""


@pytest.mark.parametrize(
    "said",
    [
        "SSL: certificate subject name (somebody) does not match target hostname 'git.example'",
        "SSL: no alternative certificate subject name matches target host name 'git.example'",
        "server certificate verification failed: certificate owner does not match hostname",
    ],
)
def test_a_certificate_of_another_name_is_no_matter_of_its_ca(said: str) -> None:
    told = explain_git(HTTPS, f"fatal: unable to access 'https://git.example/o/r/': {said}", NOW)
    assert isinstance(told, ServerUntrusted) and not told.by_ca
    assert told.what == "git.example shows a certificate of another name."
    assert "--ca" not in told.next


def test_a_server_says_itself_why_it_refuses() -> None:
    said = "remote: This token of hush may\x1b[K not.  \nThe requested URL returned error: 403\n"
    hidden = replace(TOKEN, secret=Secret(b"of hush"))
    told = explain_git(HTTPS, said, NOW, hidden)
    assert isinstance(told, CredentialRefused)
    assert told.why.endswith("It says: “This token ••• may[K not.”")
    assert "It says: “This token" in explain_git(HTTPS, said, NOW).why
    long = explain_git(HTTPS, f"remote: {'x' * 5000}\nreturned error: 403", NOW, TOKEN)
    assert len(long.why) < 400


def test_single_sign_on_is_told_from_a_token_that_is_wrong() -> None:
    told = explain_git(HTTPS, SSO, NOW, TOKEN)
    assert isinstance(told, CredentialRefused)
    assert told.what == "The organisation asks for single sign-on."
    assert "'acme' organization" in told.why
    assert "Authorise the token" in told.next
    over_ssh = SSO.splitlines()[0].replace("remote:", "ERROR:")
    assert "Authorise the key" in explain_git(SSH, f"{over_ssh}{SSH_ENDED}", NOW, KEY).next
    assert isinstance(explain_git(HTTPS, SSO, NOW), CredentialNeeded)
    # a name is no reason
    named = "remote: Repository 'team/SSO' not found\nThe requested URL returned error: 404"
    assert "no such repository" in explain_git(HTTPS, named, NOW, TOKEN).what


def test_a_limit_is_told_from_a_token_that_is_wrong() -> None:
    told = explain_git(HTTPS, f"{LIMIT}Retry-After: 60\n", NOW, TOKEN)
    assert isinstance(told, ServerBusy)
    assert told.rest == timedelta(minutes=1)
    assert "secondary rate limit" in told.why


THEN = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("node", "desktop", "what", "why", "then"),
    [
        # both say the same: it is the server's
        (THEN + 9 * DAY, THEN + 9 * DAY, "has expired", "It ended on 21 November 2026", "Ask who"),
        (THEN - 9 * DAY, THEN - 9 * DAY, "is not valid yet", "It begins on 19 November", "both"),
        # the node's clock is wrong
        (THEN + 9 * DAY, THEN, "has expired", "clock is at 29 November 2026, 12:00 UTC", "node's"),
        (THEN - 9 * DAY, THEN, "is not valid yet", "clock is at 11 November", "node's"),
    ],
)
def test_a_certificate_out_of_its_time_is_held_against_both_clocks(
    node: datetime, desktop: datetime, what: str, why: str, then: str
) -> None:
    told = certificate_out_of_time(HTTPS, ServerDates(THEN - DAY, THEN + DAY, node), desktop)
    assert isinstance(told, ServerUntrusted)
    assert told.what == f"The certificate of git.example {what}."
    assert why in told.why
    assert then in told.next
    # no CA helps against that
    assert not untrusted_offer(told).authority


def test_the_authority_of_a_server_may_be_added_where_it_is_told() -> None:
    told = explain_git(HTTPS, "fatal: server certificate verification failed. CAfile: none", NOW)
    assert isinstance(told, ServerUntrusted)
    offer = untrusted_offer(told)
    assert offer.authority and "CAfile: none. Choose the file with its CA here. Add" in offer.text


def test_one_that_is_valid_now_is_refused_for_another_reason() -> None:
    assert certificate_out_of_time(HTTPS, ServerDates(THEN - DAY, THEN + DAY, THEN), THEN) is None
    assert tells_bad_certificate("fatal: server certificate verification failed. CAfile: none")
    assert not tells_bad_certificate("fatal: repository not found")
