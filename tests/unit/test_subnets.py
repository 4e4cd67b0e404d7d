from __future__ import annotations

from ipaddress import IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.domain.errors import HoldfastError
from holdfast.node.subnets import (
    edge_address,
    free_sidecar_address,
    free_subnet,
    gateway_address,
)

#: Blocks of the range's first /24 and of what lies around it, from /20 to /30.
BLOCKS = st.builds(
    lambda address, length: str(IPv4Network((0x0AD50000 + address, length), strict=False)),
    st.integers(-0x200, 0x400),
    st.integers(20, 30),
)


def test_the_first_app_gets_the_first_place() -> None:
    assert free_subnet([]) == "10.213.0.0/28"
    assert free_subnet(["172.17.0.0/16", "fd00::/64"]) == "10.213.0.0/28"


def test_a_gap_is_used_again() -> None:
    assert free_subnet(["10.213.0.0/28", "10.213.0.32/28"]) == "10.213.0.16/28"


@given(st.lists(BLOCKS, max_size=20))
def test_it_never_overlaps_what_is_in_use(used: list[str]) -> None:
    subnet = IPv4Network(free_subnet(used))
    assert subnet.prefixlen == 28
    assert subnet.subnet_of(IPv4Network("10.213.0.0/16"))
    assert not any(subnet.overlaps(IPv4Network(network)) for network in used)


def test_a_full_range_says_what_to_do() -> None:
    with pytest.raises(HoldfastError) as caught:
        free_subnet(["10.0.0.0/8"])
    assert caught.value.next


def test_everyone_has_a_place() -> None:
    subnet = "10.213.0.16/28"
    assert gateway_address(subnet) == "10.213.0.17"
    assert edge_address(subnet) == "10.213.0.18"
    assert free_sidecar_address(subnet, []) == "10.213.0.19"
    assert free_sidecar_address(subnet, ["10.213.0.18", "10.213.0.19"]) == "10.213.0.20"


def test_twelve_releases_fit() -> None:
    used: list[str] = []
    for _ in range(12):
        used.append(free_sidecar_address("10.213.0.0/28", used))
    assert used[-1] == "10.213.0.14"
    with pytest.raises(HoldfastError):
        free_sidecar_address("10.213.0.0/28", used)
