"""The host names of an app: what a change makes of them, and what the edge is told."""

from __future__ import annotations

import pytest
from shell import Capture, Shell

from holdfast.domain.errors import UsageError
from holdfast.domain.host_names import (
    MOST_NAMES,
    AppNames,
    FurtherName,
    changed,
    parse_change,
)
from holdfast.domain.names import AppName, HostName, parse_host_name
from holdfast.node.edge_routes import with_further
from holdfast.node.proxy_configuration import Route

APP, OTHER = AppName("sales-board"), AppName("stock")
MAIN, SHOP, OLD = HostName("sales.example.org"), HostName("shop.example.org"), HostName("old.lan")
NAMES = AppNames(APP, MAIN, (FurtherName(SHOP), FurtherName(OLD, redirects=True)))


def test_a_name_is_added_changed_and_taken_away() -> None:
    first = changed(AppNames(APP, MAIN), parse_change(["Shop.Example.org."], [OLD]))
    assert (first.names, first.fresh) == (NAMES, NAMES.further)
    again = changed(NAMES, parse_change([SHOP]))
    assert (again.names, again.fresh) == (NAMES, ())
    turned = changed(NAMES, parse_change([OLD], remove=[SHOP]))
    assert turned.names.further == (FurtherName(OLD),)
    assert turned.fresh == (FurtherName(OLD),)
    assert NAMES.serving == (MAIN, SHOP)
    assert NAMES.all == (MAIN, SHOP, OLD)


@pytest.mark.parametrize(
    ("typed", "host"),
    [
        ("bücher.example.org", "xn--bcher-kva.example.org"),
        ("BÜCHER.Example.org.", "xn--bcher-kva.example.org"),
        ("日本.example.org", "xn--wgv71a.example.org"),
        ("xn--bcher-kva.example.org", "xn--bcher-kva.example.org"),
    ],
)
def test_an_international_name_is_taken_by_its_form_in_dns(typed: str, host: str) -> None:
    assert parse_host_name(typed) == host


@pytest.mark.parametrize("typed", ["bücher", "-ü.org", "ü..org", f"{'ü' * 70}.org", "a\u200db.org"])
def test_what_is_no_name_anywhere_is_refused_as_it_was_typed(typed: str) -> None:
    with pytest.raises(UsageError, match="is not a host name") as told:
        parse_host_name(typed)
    assert typed in told.value.what


@pytest.mark.parametrize(
    ("add", "redirect", "remove", "what"),
    [
        ([MAIN], [], [], "main name"),
        ([], [MAIN], [], "main name"),
        ([], [], [MAIN], "main name"),
        ([], [], ["none.lan"], "has no name none.lan"),
        ([SHOP], [SHOP], [], "named twice"),
        ([SHOP], [], [SHOP], "named twice"),
        (["*.example.org"], [], [], "is not a host name"),
        (["shop"], [], [], "is not a host name"),
        ([f"n{n}.lan" for n in range(MOST_NAMES)], [], [], "would have 22 further names"),
    ],
)
def test_what_cannot_be_is_refused(
    add: list[str], redirect: list[str], remove: list[str], what: str
) -> None:
    with pytest.raises(UsageError, match=what.replace("*", r"\*")):
        changed(NAMES, parse_change(add, redirect, remove))


def route(app: AppName, host: HostName) -> Route:
    return Route(host, app, "r1", "10.213.0.3", "s.internal")


def test_a_name_leads_to_one_app_alone_and_main_names_come_first() -> None:
    both = {APP: NAMES.further, OTHER: (FurtherName(MAIN), FurtherName(SHOP), FurtherName(OLD))}
    stock = HostName("stock.lan")
    routes, resting = with_further([route(APP, MAIN), route(OTHER, stock)], {}, both)
    assert [each.hosts for each in routes] == [(MAIN, SHOP, OLD), (stock,)]
    assert resting == {}
    # one that is sealed tells so at all of its names
    routes, resting = with_further([route(OTHER, stock)], {MAIN: APP}, both)
    assert routes[0].hosts == (stock, SHOP, OLD)
    assert resting == {MAIN: APP}
    _, resting = with_further([], {MAIN: APP}, both)
    assert resting == {MAIN: APP, SHOP: APP, OLD: APP}


@pytest.fixture
def shell(capsys: Capture) -> Shell:
    return Shell(capsys)


def test_they_are_shown_and_changed_on_the_command_line(shell: Shell) -> None:
    main = "sales-board.localhost"
    alone = {"name": APP, "host_name": main, "further": []}
    assert shell.json("app", "names", APP) == alone
    made = shell.json("app", "names", APP, "--add", SHOP, "--redirect", OLD)
    assert made["further"] == [
        {"host_name": SHOP, "redirects": False},
        {"host_name": OLD, "redirects": True},
    ]
    told = shell.text("app", "names", APP)
    assert "Main name" in told
    assert "Redirects to the main name" in told
    error = shell.error("app", "names", "fleet-map", "--add", SHOP, status=2)
    assert error["why"] == "The app sales-board answers there."
    shell.error("app", "names", APP, "--add", "no name", status=2)
    assert "no app named nowhere" in shell.error("app", "names", "nowhere")["what"]
    assert shell.json("app", "names", APP, "--remove", SHOP, "--remove", OLD) == alone
