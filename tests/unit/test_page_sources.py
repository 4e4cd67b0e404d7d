"""What a page may load from: what is accepted as a host, and the policy that is made of it."""

from __future__ import annotations

import pytest

from holdfast.domain.errors import UsageError
from holdfast.domain.page_sources import (
    DATA_HOSTS,
    STATISTICS_HOSTS,
    Allowed,
    PageRules,
    PageSources,
    content_security_policy,
    covers,
    parse_sources,
)

AUTHORITY = "sales.localhost:8443"
LISTED = PageSources(Allowed.LISTED, ("tiles.example.org",))


def policy(rules: PageRules) -> dict[str, list[str]]:
    text = content_security_policy(rules, AUTHORITY)
    assert text is not None
    return {name: words for name, *words in (part.split() for part in text.split("; "))}


def test_hosts_are_taken_as_people_paste_them() -> None:
    given = ["https://Tiles.example.org/a/b", "*.example.com", "maps.example.lan:8443/"]
    assert parse_sources("listed", [*given, given[0]]).hosts == (
        "tiles.example.org",
        "*.example.com",
        "maps.example.lan:8443",
    )


@pytest.mark.parametrize(
    "host", ["*", "*.com", "a b.org", "", "x'.org", "a.org;", "https:", "localhost", "a..b", '"']
)
def test_what_is_no_host_is_refused(host: str) -> None:
    with pytest.raises(UsageError) as told:
        parse_sources("listed", [host])
    assert told.value.next


@pytest.mark.parametrize("host", [*STATISTICS_HOSTS, "*.streamlit.io", "*.fivetran.com:443"])
def test_no_list_lets_statistics_through(host: str) -> None:
    with pytest.raises(UsageError, match="usage statistics"):
        parse_sources("anywhere", [host])


@pytest.mark.parametrize(
    ("allowed", "hosts"), [("listed", []), ("own", ["a.org"]), ("some", []), ("listed", ["a.org"])]
)
def test_a_choice_and_its_hosts_belong_together(allowed: str, hosts: list[str]) -> None:
    if (allowed, hosts) == ("listed", ["a.org"]):
        assert parse_sources(allowed, hosts).hosts == ("a.org",)
        many = [f"host-{number}.example.org" for number in range(100)]
        hosts = many
    with pytest.raises(UsageError):
        parse_sources(allowed, hosts)


def test_while_statistics_are_off_no_host_of_theirs_is_let_through() -> None:
    for sources in (PageSources(), LISTED, PageSources(Allowed.OWN)):
        asked = policy(PageRules(True, sources))["connect-src"]
        names = [word.partition("://")[2] for word in asked if "://" in word]
        assert "*" not in asked
        assert "https:" not in asked
        for host in STATISTICS_HOSTS:
            assert not any(covers(name, host) for name in names)
        assert f"wss://{AUTHORITY}" in asked


def test_anywhere_lets_pages_load_all_but_statistics() -> None:
    found = policy(PageRules(True, PageSources()))
    assert "*" in found["default-src"]
    assert {f"https://{host}" for host in DATA_HOSTS} <= set(found["connect-src"])
    assert content_security_policy(PageRules(False, PageSources()), AUTHORITY) is None


def test_listed_hosts_and_statistics_that_are_on() -> None:
    found = policy(PageRules(False, LISTED))
    assert "https://tiles.example.org" in found["default-src"]
    assert {"https://tiles.example.org", "wss://tiles.example.org"} <= set(found["connect-src"])
    assert {f"https://{host}" for host in STATISTICS_HOSTS} <= set(found["connect-src"])
    assert "*" not in found["default-src"]


def test_nothing_in_a_policy_has_to_be_quoted_for_haproxy() -> None:
    for rules in (PageRules(), PageRules(False, LISTED)):
        text = content_security_policy(rules, AUTHORITY)
        assert text is not None
        assert not set('"\\$%#\n') & set(text)
