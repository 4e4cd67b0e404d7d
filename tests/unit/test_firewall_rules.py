from __future__ import annotations

import pytest

from holdfast.node.firewall import Endpoint, firewall_rules, job_firewall_rules
from holdfast.node.jobs import proxy_places

EDGE = "10.213.0.2"
OWN = "10.213.0.3"


def test_only_the_edge_comes_in() -> None:
    rules = firewall_rules(EDGE, OWN)
    assert "ip saddr 10.213.0.2 ip daddr 10.213.0.3 tcp dport 8443 ct state new accept" in rules
    assert rules.count("policy drop") == 3


def test_overlapping_addresses_are_merged() -> None:
    rules = firewall_rules(EDGE, OWN, host_addresses=["10.213.4.1", "172.17.0.0/16", "fd00::1"])
    [never] = [line for line in rules.splitlines() if "169.254.0.0/16" in line]
    assert "10.213.4.1" not in never
    assert "172.17.0.0/16" in never
    assert "fd00" not in rules


@pytest.mark.parametrize(
    ("lan", "internet", "endings"),
    [
        (True, True, ("accept", "accept")),
        (False, True, ("reject with icmp admin-prohibited", "accept")),
        (True, False, ("accept", "reject with icmp admin-prohibited")),
    ],
)
def test_lan_and_internet_are_apart(lan: bool, internet: bool, endings: tuple[str, str]) -> None:
    rules = firewall_rules(EDGE, OWN, allow_lan=lan, allow_internet=internet).splitlines()
    place = next(number for number, line in enumerate(rules) if "192.168.0.0/16" in line)
    assert rules[place].endswith(f"}} {endings[0]}")
    assert rules[place + 1].strip() == endings[1]


@pytest.mark.parametrize(
    "wrong",
    [
        {"edge_address": "edge"},
        {"own_address": "10.213.0.3/28"},
        {"host_addresses": ["1.2.3.4; accept"]},
        {"resolvers": ["dns.example"]},
        {"our_range": "10.213.0.1/16"},
    ],
)
def test_what_is_no_address_is_refused(wrong: dict[str, object]) -> None:
    facts: dict[str, object] = {"edge_address": EDGE, "own_address": OWN, **wrong}
    with pytest.raises(ValueError):
        firewall_rules(**facts)  # type: ignore[arg-type]


def test_nobody_comes_in_to_a_job() -> None:
    rules = job_firewall_rules()
    assert "ct state new" not in rules
    assert rules.count("policy drop") == 3


def test_a_proxy_is_reached_before_its_host_is_refused() -> None:
    proxies = [Endpoint("192.168.7.1", 3128)]
    rules = job_firewall_rules(host_addresses=["192.168.7.1"], proxies=proxies)
    assert "192.168.7.1 tcp dport 3128 accept" in rules.partition("169.254.0.0/16")[0]


@pytest.mark.parametrize(("address", "port"), [("proxy.example", 80), ("1.2.3.4", 0)])
def test_what_is_no_endpoint_is_refused(address: str, port: int) -> None:
    with pytest.raises(ValueError):
        Endpoint(address, port)


@pytest.mark.parametrize(
    ("value", "places"),
    [
        ("http://proxy.example:3128", [("proxy.example", 3128)]),
        ("proxy.example:3128/", [("proxy.example", 3128)]),
        ("https://proxy.example", [("proxy.example", 443)]),
        ("socks5h://10.1.2.3", [("10.1.2.3", 1080)]),
        ("http://proxy.example:port", []),
        ("", []),
    ],
)
def test_a_proxys_place_is_read(value: str, places: list[tuple[str, int]]) -> None:
    assert proxy_places({"HTTPS_PROXY": value, "https_proxy": value}) == places


def test_what_goes_past_the_proxy_is_no_proxy() -> None:
    assert proxy_places({"NO_PROXY": "intern.example:80"}) == []
