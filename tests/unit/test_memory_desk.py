"""The desk in memory, held to what a real node's is held to: the window's tests rely on it."""

from __future__ import annotations

import pytest
from desk_contract import DeskContract, Place
from terminal_world import TerminalDesk


@pytest.fixture
def place() -> Place:
    desk = TerminalDesk("empty")
    desk.missing.add("https://git.example.lan/team/missing")
    made = Place(
        desk=desk,
        repository="https://git.example.lan/team/books",
        other="https://git.example.lan/team/other-books",
        missing="https://git.example.lan/team/missing",
        busy=desk.node.deploying,
    )
    made.begin()
    return made


class TestDeskInMemory(DeskContract):
    pass
