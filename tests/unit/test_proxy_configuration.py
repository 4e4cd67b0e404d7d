from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from holdfast.domain.container import PushedFile
from holdfast.domain.host_names import FurtherName
from holdfast.domain.names import AppName, HostName
from holdfast.domain.secret import Secret
from holdfast.node.proxy_commands import probe_command
from holdfast.node.proxy_configuration import Doorkeeper, Route, edge_files, sidecar_files

SALES = HostName("sales.localhost")
STOCK = HostName("stock.localhost")


def route(
    host: str = SALES, release: str = "r1", address: str = "10.213.0.3", name: str = "s.internal"
) -> Route:
    return Route(HostName(host), AppName("sales"), release, address, name)


def edge(
    *routes: Route, public_port: int = 443, resting: Mapping[HostName, AppName] | None = None
) -> dict[str, str]:
    certificates = {SALES: Secret(b"sales-pem"), STOCK: Secret(b"stock-pem")}
    client = Secret(b"client")
    return texts(
        edge_files(
            routes,
            certificates,
            b"visitors",
            b"sidecars",
            client,
            public_port,
            resting=resting or {},
            uids={AppName("sales"): 700_001, AppName("stock"): 700_002},
        )
    )


def texts(files: list[PushedFile]) -> dict[str, str]:
    return {file.path: file.content.decode() for file in files}


def lines(text: str, word: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if word in line]


def test_each_certificate_answers_for_its_own_host_alone() -> None:
    files = edge(route(STOCK, address="10.213.0.19"), route())
    assert files["next/certs.list"] == (
        "certs/sales.localhost.pem sales.localhost\ncerts/stock.localhost.pem stock.localhost\n"
    )
    assert files["next/certs/stock.localhost.pem"] == "stock-pem"


def test_a_certificate_without_a_route_stays_away() -> None:
    assert not [path for path in edge(route()) if "stock" in path]


def test_a_host_whose_app_is_sealed_has_a_page_and_no_server() -> None:
    files = edge(route(), resting={STOCK: AppName("stock")})
    assert files["next/certs/stock.localhost.pem"] == "stock-pem"
    assert files["next/certs.list"].splitlines()[1] == "certs/stock.localhost.pem stock.localhost"
    assert files["next/apps.list"] == (
        "sales.localhost sales 700001\nstock.localhost stock 700002\n"
    )
    configuration = files["next/haproxy.cfg"]
    assert len(lines(configuration, "acl known_host var(txn.host) -m str stock.localhost")) == 2
    assert "server" not in configuration.partition("backend stock.localhost")[2]
    with pytest.raises(ValueError, match="two routes"):
        edge(route(), resting={SALES: AppName("sales")})
    with pytest.raises(ValueError, match="cannot stand"):
        edge(route(), resting={HostName("a b"): AppName("b")})


def test_visitors_are_counted_of_the_apps_that_shall_be_alone() -> None:
    files = edge(replace(route(), counted=True), route(STOCK, address="10.213.0.19"))
    ours = files["next/haproxy.cfg"].partition("\nbackend sales.localhost\n")[2]
    sales, _, stock = ours.partition("\nbackend stock.localhost\n")
    assert len(lines(sales, "stick-table")) == 1
    # by nothing but a hash of the address, whose key is not in the configuration
    assert lines(sales, "track-") == [
        "http-request track-sc0 src,hmac(sha256,txn.salt) unless { src 127.0.0.0/8 }"
    ]
    for word in ("stick-table", "track-", "salt"):
        assert stock
        assert word not in stock
        assert word not in edge(route())["next/haproxy.cfg"]


def test_the_edge_proves_itself_to_each_sidecar_and_the_sidecar_to_it() -> None:
    [server] = lines(edge(route(name="r1.sales.internal"))["next/haproxy.cfg"], "server sidecar")
    assert server == (
        "server sidecar 10.213.0.3:8443 ssl verify required ca-file sidecars-ca.pem"
        " verifyhost r1.sales.internal sni str(r1.sales.internal) crt edge-client.pem"
        " alpn http/1.1"
    )


def test_plain_visitors_are_sent_to_the_public_port() -> None:
    assert lines(edge(route())["next/haproxy.cfg"], "redirect code") == [
        "http-request redirect code 308 location https://%[var(txn.host)]%[pathq]"
    ]
    assert (
        "https://%[var(txn.host)]:8443%[pathq]"
        in (edge(route(), public_port=8443)["next/haproxy.cfg"])
    )


def test_two_routes_of_one_host_are_refused() -> None:
    with pytest.raises(ValueError, match="same host"):
        edge(route(), route(release="r2"))


def test_a_route_without_a_certificate_is_refused() -> None:
    with pytest.raises(KeyError):
        edge(route("unknown.localhost"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"host": "a b.localhost"},
        {"release": "r1\n  stats enable"},
        {"address": "sidecar"},
        {"name": "x) crt other"},
    ],
)
def test_nothing_else_gets_into_the_configuration(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"cannot stand|octets"):
        route(**wrong)


def test_the_sidecar_admits_the_edge_alone() -> None:
    configuration = texts(sidecar_files(Secret(b"pem"), b"ca", 8501, "r1"))["next/haproxy.cfg"]
    [bind] = lines(configuration, "bind :")
    assert "ca-file edge-ca.pem verify required" in bind
    [rule] = lines(configuration, "tcp-request session")
    assert rule.endswith("{ ssl_c_s_dn(cn) -m str edge.holdfast.internal }")
    assert "server app 127.0.0.1:8501" in configuration


#: In the RAM volume of the sidecar alone, for its own user.
CONTROL = "stats socket /keys/control mode 600 level admin"


def test_no_proxy_writes_a_log_and_none_is_controlled_over_the_network() -> None:
    sidecar = texts(sidecar_files(Secret(b"pem"), b"ca", 8501, "r1"))["next/haproxy.cfg"]
    for configuration in (edge(route())["next/haproxy.cfg"], sidecar):
        assert lines(configuration, "no log") == ["no log"]
        assert not lines(configuration, " log ")
        assert "stats" not in configuration.replace(CONTROL, "")
    assert [line for line in sidecar.splitlines() if line.strip() == CONTROL] == [f"  {CONTROL}"]
    assert CONTROL not in edge(route())["next/haproxy.cfg"]


def test_keys_are_for_the_proxy_alone_and_never_printed() -> None:
    files = sidecar_files(Secret(b"the-private-key"), b"ca", 8501, "r1")
    assert {file.mode for file in files} == {0o400}
    assert "the-private-key" not in repr(files)


def test_pages_of_an_app_that_starts_look_again_by_themselves() -> None:
    page = edge()["next/pages/503.html"]
    assert '<meta http-equiv="refresh" content="3">' in page
    assert "http:" not in page and "https:" not in page
    assert "refresh" not in edge()["next/pages/504.html"]


def test_the_probe_is_a_command_without_secrets() -> None:
    assert probe_command(SALES, "/_stcore/stream", websocket=True)[-3:] == (
        "sales.localhost",
        "/_stcore/stream",
        "--websocket",
    )


def test_further_names_share_the_route_of_the_main_one() -> None:
    shop, old = HostName("shop.example.org"), HostName("old.example.org")
    named = replace(route(), further=(FurtherName(shop), FurtherName(old, redirects=True)))
    certificates = {host: Secret(host.encode()) for host in (SALES, shop, old)}
    keepers = {host: Doorkeeper("m", "AB", b"ca", b"crl") for host in certificates}
    uids = {AppName("sales"): 700_001}
    files = texts(
        edge_files(
            [named],
            certificates,
            b"visitors",
            b"sidecars",
            Secret(b"client"),
            8443,
            doorkeepers=keepers,
            uids=uids,
        )
    )
    assert [line.split()[-1] for line in files["next/certs.list"].splitlines()] == [
        SALES,
        shop,
        old,
    ]
    assert files["next/apps.list"].count("sales 700001\n") == 3
    configuration = files["next/haproxy.cfg"]
    assert lines(configuration, "backend ") == ["use_backend %[var(txn.route)]", f"backend {SALES}"]
    assert lines(configuration, "set-var(txn.route) str") == [
        f"http-request set-var(txn.route) str({SALES}) if {{ var(txn.host) -m str {shop} }}"
    ]
    [moved] = lines(configuration, f"https://{SALES}")
    assert moved == (
        f"http-request redirect code 307 location https://{SALES}:8443%[pathq]"
        f" if {{ var(txn.host) -m str {old} }}"
    )
    # who is not let in is not led on either
    assert configuration.index("by_certificate !of_this_app") < configuration.index(moved)
    for host in certificates:
        assert f"set-var(txn.issuer) str(AB) if {{ var(txn.host) -m str {host} }}" in configuration
    [policy] = lines(configuration, "add-header content-security-policy")
    assert "wss://%[var(txn.host)]:8443" in policy


@pytest.mark.parametrize("wrong", ["a b.localhost", "x { ssl_fc }", "a.localhost\nuse_backend b"])
def test_nothing_else_gets_in_by_a_further_name(wrong: str) -> None:
    with pytest.raises(ValueError, match="cannot stand"):
        replace(route(), further=(FurtherName(HostName(wrong)),))


def test_a_further_name_that_is_another_route_is_refused() -> None:
    with pytest.raises(ValueError, match="same host"):
        edge(replace(route(), further=(FurtherName(STOCK),)), route(STOCK))
