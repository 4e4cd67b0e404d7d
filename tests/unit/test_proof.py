"""What a proof comes to, in which words, and what it may not be called."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sample
import sample_proof
from shell import Capture, Shell

from holdfast.adapters.docker_payload import container_payload
from holdfast.adapters.local_repository import LocalRepositories
from holdfast.domain.marks import Marks
from holdfast.domain.names import AppName
from holdfast.domain.proof import Control, Hit, Planted, Proof, Unsearched, Verdict
from holdfast.domain.stored import from_json, to_json
from holdfast.node import payloads
from holdfast.node.disk_search import outermost
from holdfast.node.proof_app import CODE, MARKS, proof_files
from holdfast.node.proof_limits import Swap, dump_limits, plain_swaps
from holdfast.presenters import proof as words

PROOF = sample_proof.proof(AppName("sales-board"))


@pytest.mark.parametrize(
    ("changes", "verdict", "told"),
    [
        ({}, Verdict.PROVED, "none of 6 marks was found in the clear"),
        ({"hits": (Hit("code", "hex", "/a"),)}, Verdict.LEAK, "lies in the clear in 1 place"),
        ({"unsearched": (Unsearched("/a", "Denied."),)}, Verdict.NOT_PROVED, "(/a)"),
        ({"controls": (Control("a volume", False),)}, Verdict.NOT_PROVED, "in a volume"),
        ({"controls": ()}, Verdict.NOT_PROVED, "not complete"),
        ({"planted": (Planted("code", "Run.", False),)}, Verdict.NOT_PROVED, "code was not read"),
        ({"planted": ()}, Verdict.NOT_PROVED, "not complete"),
        (
            {"hits": (Hit("code", "hex", "/a"),), "unsearched": (Unsearched("/b", "No."),)},
            Verdict.LEAK,
            "in the clear",
        ),
    ],
)
def test_nothing_less_than_all_of_it_is_a_proof(
    changes: dict[str, Any], verdict: Verdict, told: str
) -> None:
    proof = replace(PROOF, **changes)
    assert proof.verdict is verdict
    assert told in words.sentence(proof)
    assert bool(words.remedy(proof)) is (verdict is not Verdict.PROVED)


def test_it_is_kept_and_read_again() -> None:
    assert from_json(Proof, to_json(PROOF).encode()) == PROOF


def test_its_age_is_told() -> None:
    later = PROOF.finished + timedelta(hours=3)
    assert words.when(PROOF, later) == "Made 3 h ago in 21 s"


def test_without_one_the_page_invites_and_says_what_stands_in_the_way() -> None:
    running, stopped = sample.apps(7)[0], sample.apps(7)[5]
    assert words.headline(running, None, sample.NOW).remedy == ""
    assert words.headline(stopped, None, sample.NOW).remedy == "An app is proved while it runs."
    assert words.headline(None, None, sample.NOW).look is words.NEVER_READ
    assert not any(words.cards(None).values())


@pytest.mark.parametrize(
    ("row", "devices", "plain"),
    [
        ("/dev/sda2 partition 8388604 0 -2", {}, (Swap("/dev/sda2", False),)),
        (r"/srv/a\040swap file 2097148 512 -2", {}, (Swap("/srv/a swap", True),)),
        ("/dev/zram0 partition 4194300 0 100", {}, ()),
        ("/dev/dm-1 partition 8388604 0 -2", {"dm-1": "CRYPT-PLAIN-swap"}, ()),
        ("/dev/dm-1 partition 8388604 0 -2", {"dm-1": "LVM-k2f"}, (Swap("/dev/dm-1", False),)),
        ("", {}, ()),
    ],
)
def test_swap_counts_unless_it_is_encrypted_or_in_ram(
    row: str, devices: dict[str, str], plain: tuple[Swap, ...]
) -> None:
    assert plain_swaps(row, devices) == plain


@pytest.mark.parametrize(
    ("pattern", "is_limit"),
    [
        ("core", True),
        ("/var/crash/core.%p", True),
        ("|/usr/share/apport/apport -p%p", True),
        ("|/usr/lib/systemd/systemd-coredump %P", True),
        ("|/bin/false", False),
        ("/dev/null", False),
        ("", False),
    ],
)
def test_a_handler_of_core_dumps_that_may_write_is_a_limit(pattern: str, is_limit: bool) -> None:
    limits = dump_limits(pattern)
    assert [pattern in limit.what for limit in limits] == [True] * is_limit
    assert all("kernel.core_pattern" in limit.remedy for limit in limits)


def test_a_root_within_another_is_searched_once() -> None:
    roots = ["/var/lib/holdfast", "/var/lib/holdfast/docker/containerd", "/var/lib/containerd"]
    assert outermost([*roots, roots[0]]) == ("/var/lib/holdfast", "/var/lib/containerd")
    assert outermost(["/var/lib/hold", "/var/lib/holdfast"]) == (
        "/var/lib/hold",
        "/var/lib/holdfast",
    )


def test_its_repository_holds_what_the_app_needs_and_goes_with_the_block() -> None:
    marks = Marks(MARKS)
    repositories = LocalRepositories()
    with repositories.made(proof_files(marks)) as folder:
        assert "refs/heads/main" in repositories.branches(folder)
        code = Path(folder, "app.py").read_text()
        assert Path(folder, "Procfile").is_file()
        # the code's own mark is in it, and no other
        assert {found.mark for found in marks.found_in(code.encode())} == {CODE}
        assert "@" not in code
    assert not Path(folder).exists()


def test_what_is_mounted_below_a_root_is_not_bound_and_nothing_can_be_written() -> None:
    asked = container_payload(payloads.searcher("node", ["/var/lib/docker"]).container)
    host = asked["HostConfig"]
    assert host["Binds"] == []
    [mount] = [each for each in host["Mounts"] if each["Type"] == "bind"]
    assert (mount["Source"], mount["ReadOnly"]) == ("/var/lib/docker", True)
    assert mount["BindOptions"]["NonRecursive"] is True
    assert (host["CapAdd"], host["NetworkMode"]) == (["DAC_READ_SEARCH"], "none")
    assert host["Devices"] == []


def test_swap_on_a_device_can_be_read_and_not_written() -> None:
    part = payloads.searcher("node", ["/var/lib/docker"], ["/dev/sda2"])
    [device] = container_payload(part.container)["HostConfig"]["Devices"]
    assert (device["PathOnHost"], device["CgroupPermissions"]) == ("/dev/sda2", "r")


def test_the_command_line_tells_it_and_fails_unless_it_is_proved(capsys: Capture) -> None:
    found = Shell(capsys).json("prove", "sales-board")
    assert (found["app"], found["verdict"], found["hits"]) == ("sales-board", "proved", [])
    assert found["searched"][0]["bytes"] == 780_413_996
    said = Shell(capsys).text("prove", "sales-board")
    assert said.startswith("Proved: 744.3 MiB")
    assert "Nothing in the clear" in said
    leaky = Shell(capsys, "leaky")
    error = leaky.error("prove", "sales-board")
    assert error["what"] == "It is not proved that sales-board leaves nothing in the clear."
    assert "/_data/a" in leaky.text("prove", "sales-board", status=1)
    assert (
        Shell(capsys, "plain-swap").error("prove", "sales-board")["next"].startswith("Turn it off")
    )
