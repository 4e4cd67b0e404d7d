"""A real node's desk, held to what the one in memory is held to as well."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager

import pytest
from desk_contract import DeskContract, Place
from world import Repository, World, plain_app

from holdfast.domain.names import AppName
from holdfast.node.locking import holding
from holdfast.operations.lazy_desk import LazyDesk

pytestmark = [pytest.mark.node, pytest.mark.timeout(600)]


@pytest.fixture(scope="class")
def place(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("contract")
    repository, other = Repository(folder / "books"), Repository(folder / "other-books")
    for each in (repository, other):
        each.commit(plain_app("'ledger'", top="print('the ledger is open', flush=True)"))
    for tag in ("v1.4", "v2.0"):
        repository.tag(tag)

    def busy(app: AppName) -> AbstractContextManager[None]:
        return holding(world.node, app, "deploy")

    made = Place(
        desk=LazyDesk(lambda: world.desk),
        repository=str(repository),
        other=str(other),
        missing=str(folder / "missing"),
        busy=busy,
    )
    made.begin()
    yield made
    world.remove("ledger")
    world.forget_kit()


class TestRealDesk(DeskContract):
    pass
