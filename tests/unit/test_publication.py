"""Where a node is published: what may be asked for, and what a user is told of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from memory_node import ADDRESS
from shell import Capture, Shell

from holdfast.domain.connection import ConnectionRequest
from holdfast.domain.errors import UsageError
from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken, drive
from holdfast.domain.publication import Publication, Published, parse_publication
from holdfast.domain.secret import Secret
from holdfast.presenters.publication import reach_sentence, still_to_do, to_be_asked

BOARD = "sales-board"
PRIVATE = f"https://git.example.lan/team/{BOARD}"


def test_the_usual_ports_are_for_the_network_alone() -> None:
    assert parse_publication("192.0.2.7", None, None, "apps.example.org") == Publication(
        "192.0.2.7", 443, 80, "apps.example.org"
    )
    assert parse_publication("127.0.0.1", None, None, "localhost") == Publication()
    assert parse_publication("0.0.0.0", 8443, None, "localhost").https_port == 8443


@pytest.mark.parametrize("address", ["", "::", "fd00::1", "example.org", "192.0.2.7:443", "1.2.3"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(UsageError, match="is not an address to publish on"):
        parse_publication(address, None, None, "localhost")


def test_one_port_is_not_for_both() -> None:
    with pytest.raises(UsageError, match="for TLS and for plain HTTP"):
        parse_publication("192.0.2.7", 80, None, "localhost")


@pytest.mark.parametrize("domain", ["", "org", "*.example.org", "a b.org"])
def test_what_is_no_domain_is_refused(domain: str) -> None:
    with pytest.raises(UsageError, match="is not a host name"):
        parse_publication("192.0.2.7", None, None, domain)


def test_a_new_app_is_named_below_the_domain() -> None:
    assert Publication(base_domain="apps.example.org").host_name(AppName("sales")) == (
        "sales.apps.example.org"
    )


def test_an_edge_on_any_port_meets_one_that_names_none() -> None:
    assert Publication().is_met_by("127.0.0.1", 8447)
    assert not Publication().is_met_by("0.0.0.0", 8443)
    assert not Publication("0.0.0.0", 443, 80).is_met_by("0.0.0.0", 8443)


def test_it_is_told_who_reaches_it_and_what_is_left_to_do() -> None:
    home = Published(Publication(), "127.0.0.1:8443", ())
    assert "from the node itself alone, at 127.0.0.1:8443" in reach_sentence(home)
    assert still_to_do(home) == ()
    lan = Publication("192.0.2.7", 443, 80, "apps.example.org")
    steps = still_to_do(Published(lan, "192.0.2.7:443", (AppName("demo"),)))
    assert steps[0] == "Let the DNS lead *.apps.example.org to 192.0.2.7."
    assert "demo" in steps[-1]
    assert "--host-name NAME.apps.example.org" in steps[-1]
    nameless = Published(Publication("0.0.0.0", 443, 80), "0.0.0.0:443", (AppName("demo"),))
    assert "--base-domain" in still_to_do(nameless)[0]


def test_what_becomes_of_private_code_is_said_before_and_after() -> None:
    apps = (AppName("books"), AppName("ledger"), AppName("till"))
    home = Published(Publication(), "127.0.0.1:8443", (), private_open=apps)
    said = to_be_asked(home, "192.0.2.7")
    assert said.startswith("books, ledger and till come from private repositories: their visitors")
    one = replace(home, private_open=apps[:1])
    assert to_be_asked(one, "0.0.0.0").startswith("books comes from a private repository: its")
    assert to_be_asked(home, "127.0.0.1") == ""
    assert to_be_asked(replace(home, private_open=()), "192.0.2.7") == ""
    shown = replace(home, publication=Publication("192.0.2.7", 443, 80, "apps.example.org"))
    assert to_be_asked(shown, "0.0.0.0") == ""
    steps = still_to_do(replace(shown, private_open=apps[:1], closed=apps[1:2]))
    assert any("holdfast access issue ledger VISITOR" in step for step in steps)
    several = still_to_do(replace(shown, closed=apps))
    assert any("holdfast access issue NAME VISITOR" in step for step in several)
    assert any("holdfast access set books certificate" in step for step in steps)


class TestCommand:
    @pytest.fixture
    def shell(self, capsys: Capture) -> Shell:
        return Shell(capsys)

    def test_closes_apps_of_private_repositories(self, shell: Shell) -> None:
        request = ConnectionRequest(address=PRIVATE, token=Secret(b"t0ken"))
        memory = shell.world.memory
        drive(memory.connect_repository(request), CancelToken(), lambda update: None)
        assert shell.json("node", "publish")["private_open"] == [BOARD]
        left = shell.json("node", "publish", ADDRESS, "--leave-open")
        assert (left["closed"], left["private_open"]) == ([], [BOARD])
        assert f"holdfast access set {BOARD} certificate" in shell.text("node", "publish")
        shell.json("node", "publish", "127.0.0.1")
        done = shell.json("node", "publish", ADDRESS)
        assert (done["closed"], done["private_open"]) == ([BOARD], [])
        assert shell.json("access", "show", BOARD)["mode"] == "certificate"
        assert shell.error("node", "publish", "--leave-open", status=2)["next"]
