"""Lines of git, curl and ssh as they were seen, each told as what is wrong and what to do."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from holdfast.domain.connection import CredentialNeeded
from holdfast.domain.repository import parse_repository
from holdfast.node.git_failures import explain_git

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HTTPS = parse_repository("https://git.example/o/r")
SSH = parse_repository("git@git.example:o/r")
FATAL = "fatal: unable to access 'https://git.example/o/r/': "
FAILED = f"{FATAL}Failed to connect to git.example port 443 after "
SSH_ENDED = """
fatal: Could not read from remote repository.

Please make sure you have the correct access rights
and the repository exists.
"""


@pytest.mark.parametrize(
    ("said", "what", "then"),
    [
        (f"{FAILED}19344 ms: Couldn't connect to server", "git.example does not answer.", "port"),
        (f"{FATAL}SSL connection timeout", "git.example does not answer.", "port"),
        ("fatal: no answer within 90 seconds", "git.example does not answer.", "port"),
        (
            f"{FAILED}3066 ms: Could not connect to server\nconnect: Connection timed out",
            "git.example does not answer.",
            "port",
        ),
        (f"{FAILED}0 ms: Couldn't connect to server", "does not answer.", "on the node itself"),
        (
            f"{FAILED}0 ms: Could not connect to server\nconnect: Connection refused",
            "git.example does not answer.",
            "on the node itself",
        ),
        (
            f"{FAILED}3066 ms: Couldn't connect to server\nconnect: No route to host",
            "The node has no way to git.example.",
            "VPN",
        ),
        (
            f"{FAILED}0 ms: Couldn't connect to server\nconnect: Network is unreachable",
            "The node has no way to git.example.",
            "VPN",
        ),
        (
            f"{FATAL}Could not resolve proxy: nowhere.invalid",
            "The proxy's host name is not known.",
            "HTTPS_PROXY",
        ),
        (
            f"{FATAL}CONNECT tunnel failed, response 407",
            "The proxy wants to know who asks.",
            "name git.example in NO_PROXY",
        ),
        (
            f"{FATAL}Received HTTP code 407 from proxy after CONNECT",
            "The proxy wants to know who asks.",
            "NO_PROXY",
        ),
        (
            f"{FATAL}CONNECT tunnel failed, response 403",
            "The proxy lets nobody through to git.example.",
            "admit git.example",
        ),
        (
            f"{FATAL}CONNECT tunnel failed, response 502",
            "The proxy lets nobody through to git.example.",
            "admit git.example",
        ),
        (
            f"{FATAL}Could not resolve host: git.example",
            "There is no host git.example.",
            "spelling",
        ),
        (
            f"{FATAL}Could not resolve host: git.example\nTemporary failure in name resolution\n",
            "The node cannot look up names just now.",
            "name server",
        ),
        (
            f"{FATAL}The requested URL returned error: 410",
            "The repository is gone from git.example.",
            "where it is now",
        ),
        (
            f"{FATAL}Maximum (20) redirects followed",
            "git.example sends from one address to the next, without an end.",
            "the one for git",
        ),
        (
            "fatal: https://git.example/o/r/info/refs not valid: is this a git repository?",
            "git.example answers with a web page, and not with a repository.",
            "address that the forge shows",
        ),
    ],
)
def test_over_https(said: str, what: str, then: str) -> None:
    told = explain_git(HTTPS, said, NOW)
    assert what in told.what
    assert told.why
    assert then in told.next


@pytest.mark.parametrize(
    ("said", "what", "why"),
    [
        ("ssh: connect to host h port 22: Connection timed out", "does not answer.", "Nothing"),
        ("ssh: connect to host h port 22: Connection refused", "does not answer.", "refused"),
        ("ssh: connect to host h port 22: No route to host", "no way to git.example", "No route"),
        ("ssh: connect to host h port 22: Network is unreachable", "no way to", "unreachable"),
        (
            "ssh: Could not resolve hostname git.example: Name or service not known",
            "There is no host",
            "address",
        ),
        (
            "ssh: Could not resolve hostname git.example: Temporary failure in name resolution",
            "cannot look up names",
            "No name server",
        ),
        (
            "Unable to negotiate with 127.0.0.1 port 2299: no matching host key type found. Their"
            " offer: ssh-rsa",
            "speaks an SSH that is not safe any more",
            "Their offer: ssh-rsa",
        ),
    ],
)
def test_over_ssh(said: str, what: str, why: str) -> None:
    told = explain_git(SSH, f"{said}{SSH_ENDED}", NOW)
    assert what in told.what
    assert why in told.why
    assert told.next


def test_a_page_for_signing_in_is_named_by_its_host_alone() -> None:
    place = "https://sso.example/login?SAMLRequest=abc&next=/o/r"
    said = f"warning: redirecting to {place}/\n"
    said += f"fatal: {place}/info/refs not valid: is this a git repository?"
    told = explain_git(HTTPS, said, NOW)
    assert told.what == "git.example sends to a page for people, to sign in say."
    assert "redirects to sso.example," in told.why
    assert "SAMLRequest" not in f"{told.why}{told.next}"


def test_an_address_that_did_not_work_is_no_reason_where_another_did() -> None:
    said = f"{FATAL}The requested URL returned error: 401\nconnect: Network is unreachable\n"
    assert isinstance(explain_git(HTTPS, said, NOW), CredentialNeeded)


def test_what_a_server_says_is_no_word_of_gits() -> None:
    said = f"remote: connection refused\n{FATAL}The requested URL returned error: 401"
    assert isinstance(explain_git(HTTPS, said, NOW), CredentialNeeded)
