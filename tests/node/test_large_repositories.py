"""Large repositories on a real engine: what is fetched of them, in what memory, and what is told
of one that is too large."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from forge import Forge, forge
from lan import received
from large_repository import STEP_BYTES, long_history, many_files
from world import World, plain_app

from holdfast.domain import names
from holdfast.domain.connection import ConnectionRequest
from holdfast.domain.errors import RepositoryError
from holdfast.domain.names import AppName
from holdfast.domain.repository import parse_repository
from holdfast.node.fetcher import fetching
from holdfast.node.payloads import EDGE_UID, MEBIBYTE

pytestmark = [pytest.mark.node, pytest.mark.timeout(600)]

ODD = "Zahlen für März/größte Zahl – 最大.txt"
APP = plain_app(f"open({ODD!r}).read()")


@pytest.fixture(scope="module")
def place(world: World) -> Iterator[Forge]:
    """Its CA is trusted; nothing else is kept of it."""
    with forge() as made:
        known = made.https("known", "open")
        made.repository("known").commit({"app.py": ""})
        request = ConnectionRequest(address=known, certificates=made.certificates.encode())
        world.run(world.desk.connect_repository(request))
        yield made
        world.run(world.desk.disconnect_repository(known, anyway=False))


@pytest.fixture(autouse=True)
def nothing_is_left(world: World, place: Forge) -> Iterator[None]:
    before = world.picture()
    yield
    assert world.picture() == before


def test_of_a_long_history_one_commit_is_fetched(world: World, place: Forge) -> None:
    long_history(place.served / "history", {**APP, ODD: "7"})
    stored = sum(file.stat().st_size for file in (place.served / "history").rglob("*.pack"))
    assert stored > 95 * STEP_BYTES
    address = place.https("history", "open")
    before = received()
    found = world.run(world.desk.inspect(address, None))
    assert (found.branches, found.proposed.path) == (("main",), "Procfile")
    assert received() - before < 1.2 * STEP_BYTES
    before = received()
    world.deploy(address, "history")
    try:
        assert world.visit("history.localhost").text == "7"
        assert received() - before < 1.2 * STEP_BYTES
    finally:
        world.remove("history")


def test_of_many_files_all_are_there_whatever_they_are_called(world: World, place: Forge) -> None:
    many_files(place.served / "many", {**APP, ODD: "the greatest"})
    address = parse_repository(place.https("many", "open"))
    looker = AppName("looker")
    with fetching(world.node, looker, EDGE_UID, address, None) as fetcher:
        fetcher.fetch(fetcher.branches().wanted("main"), "refs/holdfast/look")
        paths = fetcher.checkout("refs/holdfast/look").paths
        usage = world.engine.usage(names.task(looker, "fetch"))
    assert len(paths) == 10_000 + len(APP) + 1
    assert ODD in paths
    # its RAM volumes with them
    assert usage.memory_bytes < 256 * MEBIBYTE
    world.deploy(address.url, "many")
    try:
        assert world.visit("many.localhost").text == "the greatest"
    finally:
        world.remove("many")


def test_one_that_fills_the_memory_of_a_look_is_told_as_such(world: World, place: Forge) -> None:
    # of one blob that compresses well
    zeros = "0" * (64 * MEBIBYTE)
    again = {f"{number:02}.txt": zeros for number in range(40)}
    many_files(place.served / "too-wide", {"app.py": "import streamlit", **again}, number=0)
    with pytest.raises(RepositoryError, match="too large to be looked at") as told:
        world.run(world.desk.inspect(place.https("too-wide", "open"), None))
    assert "holdfast app deploy https://" in told.value.next
