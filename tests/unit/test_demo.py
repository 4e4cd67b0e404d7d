"""What the demo does when the node cannot be started as it is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from memory_desk import MemoryDesk
from waiting import wait_until

from holdfast.cli.failures import Interrupted
from holdfast.demo import Demo
from holdfast.domain.errors import HoldfastError, KeyMissing
from holdfast.domain.names import AppName
from holdfast.domain.node import NodeStatus, Snapshot
from holdfast.domain.operation import CancelToken, Operation, Step, Steps, drive
from holdfast.domain.requests import DeployRequest
from holdfast.operations.lazy_desk import LazyDesk

APP = AppName("demo")


class Desk(MemoryDesk):
    """With what the command line asks of one beside the window."""

    def list(self) -> Operation[Snapshot]:
        def body(cancel: CancelToken) -> Steps[Snapshot]:
            self.node.check_online()
            yield Step("List the apps")
            return self.node.snapshot()

        return Operation("List the apps", "list", body)


def demo(desk: Desk, folder: Path, *refusals: HoldfastError) -> Demo:
    """refusals: what the first starts of the node come to."""
    left: Iterator[HoldfastError] = iter(refusals)

    def body(cancel: CancelToken) -> Steps[NodeStatus]:
        if error := next(left, None):
            raise error
        return (yield from desk.start_node().body(cancel))

    start = Operation("Start the node", "node", body)
    return Demo(start, cast(LazyDesk, desk), folder, folder, lambda: 0, lambda _: 0)


@pytest.fixture(autouse=True)
def display(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":7")


def test_a_node_that_does_not_start_is_told_and_nothing_is_removed(tmp_path: Path) -> None:
    desk = Desk("empty")
    with pytest.raises(HoldfastError, match="No packages"):
        demo(desk, tmp_path, HoldfastError("No packages.")).run()
    assert desk.asked == []


def test_an_engine_that_is_not_there_is_told_as_the_start_told_of_it(tmp_path: Path) -> None:
    desk = Desk("offline")
    with pytest.raises(HoldfastError, match="No engine"):
        demo(desk, tmp_path, HoldfastError("No engine.")).run()


def test_what_lost_its_keys_at_a_reboot_is_made_anew(tmp_path: Path) -> None:
    desk = Desk("empty")
    deploy = desk.deploy(DeployRequest("/srv/demo", name=APP))
    assert drive(deploy, CancelToken(), lambda _: None).error is None
    desk.node.seal()
    desk.asked.clear()
    assert demo(desk, tmp_path, KeyMissing("The key of demo")).run() == 0
    assert [each.name for each in desk.asked] == [APP]


def test_a_signal_ends_what_is_done_and_removes_nothing(tmp_path: Path) -> None:
    desk = Desk("empty")
    deploy = desk.deploy(DeployRequest("/srv/demo", name=APP))
    assert drive(deploy, CancelToken(), lambda _: None).error is None
    # were it no signal, this would be made anew
    desk.node.seal()
    desk.asked.clear()
    ended: list[str] = []

    def body(cancel: CancelToken) -> Steps[NodeStatus]:
        os.kill(os.getpid(), signal.SIGINT)
        wait_until(lambda: cancel.is_set, "the signal cancels it")
        try:
            yield Step("Make the images")
        finally:
            ended.append("cleaned up")
        raise AssertionError

    start = Operation("Start the node", "node", body)
    unheeded = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        with pytest.raises(Interrupted):
            Demo(start, cast(LazyDesk, desk), tmp_path, tmp_path, lambda: 0, lambda _: 0).run()
    finally:
        signal.signal(signal.SIGINT, unheeded)
    assert (ended, desk.asked) == (["cleaned up"], [])


_SHOWN = """
import os, sys
from holdfast.demo import virtual_display
with virtual_display():
    print(os.environ["DISPLAY"], flush=True)
    sys.stdin.read()
"""


def test_a_demo_that_is_killed_leaves_no_display() -> None:
    command = [sys.executable, "-c", _SHOWN]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        display = process.stdout.readline().strip()
        socket = Path(f"/tmp/.X11-unix/X{display.removeprefix(':')}")
        assert socket.exists()
        process.kill()
    wait_until(lambda: not socket.exists(), "its X server ends")
