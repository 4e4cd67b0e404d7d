"""The host keys that ship are those that the forges publish, and known_hosts is spelled right."""

from __future__ import annotations

import pytest

from holdfast.domain.host_keys import HostKey, known_hosts, known_name, parse_known_hosts
from holdfast.domain.repository import parse_repository
from holdfast.shipped import RESOURCES

SHIPPED = (RESOURCES / "forges" / "known_hosts").read_text()

#: As these pages print them: docs.github.com “GitHub's SSH key fingerprints”, docs.gitlab.com
#: “GitLab.com settings”, support.atlassian.com “Configure SSH and two-step verification”,
#: docs.codeberg.org “SSH fingerprints”. Ed25519, ECDSA, RSA.
PUBLISHED = {
    "github.com": (
        "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU",
        "SHA256:p2QAMXNIC1TJYWeIOttrVc98/R1BUFWu3/LiyKgUfQM",
        "SHA256:uNiVztksCsDhcc0u9e8BujQXVUpKZIDTMczCvj3tD2s",
    ),
    "gitlab.com": (
        "SHA256:eUXGGm1YGsMAS7vkcx6JOJdOGHPem5gQp4taiCfCLB8",
        "SHA256:HbW3g8zUjNSksFbqTiUWPWg2Bq1x8xdGUrliXFzSnUw",
        "SHA256:ROQFvPThGrW4RuWLoL9tq9I9zJ42fK4XywyRtbOz/EQ",
    ),
    "bitbucket.org": (
        "SHA256:ybgmFkzwOSotHTHLJgHO0QN8L0xErw6vd0VhFA9m3SM",
        "SHA256:FC73VB6C4OQLSCrjEayhMp9UMxS97caD/Yyi2bhW/J0",
        "SHA256:46OSHA1Rmj8E8ERTC6xkNcmGOw9oFxYr0WF6zWW8l1E",
    ),
    "codeberg.org": (
        "SHA256:mIlxA9k46MmM6qdJOdMnAQpzGxF4WIVVL+fj+wZbw0g",
        "SHA256:T9FYDEHELhVkulEKKwge5aVhVTbqCW0MIRwAfpARs/E",
        "SHA256:6QQmYi4ppFS4/+zSZ5S4IU+4sa6rwvQ4PbhCtPEBekQ",
    ),
}


@pytest.mark.parametrize("host", PUBLISHED)
def test_a_forges_keys_have_the_fingerprints_that_it_publishes(host: str) -> None:
    keys = parse_known_hosts(SHIPPED, host)
    assert tuple(key.fingerprint for key in keys) == PUBLISHED[host]
    assert [key.name for key in keys] == ["ED25519", "ECDSA", "RSA"]


def test_no_other_host_ships() -> None:
    assert {line.split()[0] for line in SHIPPED.splitlines()} == set(PUBLISHED)


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("git@github.com:o/r.git", "github.com"),
        ("ssh://git@git.example:2222/r.git", "[git.example]:2222"),
        ("ssh://git@[2001:db8::1]/r.git", "2001:db8::1"),
        ("ssh://git@[2001:db8::1]:2222/r.git", "[2001:db8::1]:2222"),
    ],
)
def test_a_host_is_named_as_openssh_does(address: str, name: str) -> None:
    assert known_name(parse_repository(address)) == name


def test_what_is_written_is_read_again_and_nothing_else() -> None:
    keys = parse_known_hosts(SHIPPED, "codeberg.org")
    assert parse_known_hosts(known_hosts("[h]:22", reversed(keys)), "[h]:22") == keys
    noise = "# github.com:22 SSH-2.0\ngithub.com ssh-dss AAAA\ngithub.com ssh-rsa no=base64\n\n"
    assert parse_known_hosts(noise, "github.com") == ()


def test_a_fingerprint_is_the_digest_of_the_key_without_padding() -> None:
    # printf '\0\0\0' | openssl dgst -sha256 -binary | base64
    assert HostKey("ssh-rsa", "AAAA").fingerprint == (
        "SHA256:cJ6AyISHokEeHuTfufIqhhSS0gxHZRUMDHlKvXD4FHw"
    )
