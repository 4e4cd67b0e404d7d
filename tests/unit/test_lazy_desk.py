"""A verb of the lazy desk is shown, and has its lane, before anything is loaded."""

from __future__ import annotations

from typing import Any

import pytest

from holdfast.domain.errors import HoldfastError
from holdfast.domain.names import AppName
from holdfast.domain.operation import CancelToken, Operation, drive
from holdfast.operations.lazy_desk import LazyDesk
from holdfast.operations.node_desk import NodeDesk

BOOKS = AppName("books")


class Loaded(HoldfastError):
    pass


def load() -> NodeDesk:
    raise Loaded("The desk was loaded.")


DESK = LazyDesk(load)


@pytest.mark.parametrize(
    ("operation", "title", "target"),
    [
        (DESK.unseal(), "Unseal the node", "node"),
        (DESK.unseal(BOOKS), "Unseal books", "books"),
        (DESK.stop(BOOKS), "Stop books", "books"),
        (DESK.compare(BOOKS, "1", "2"), "Compare releases of books", "releases/books"),
        (DESK.check_repository("{0}"), "Test the repository", "repositories"),
        (DESK.revoke_admin("bo on {1}"), "Revoke bo on {1}", "kit"),
    ],
)
def test_a_verb_names_what_it_is_about_and_its_lane(
    operation: Operation[Any], title: str, target: str
) -> None:
    assert (operation.title, operation.target) == (title, target)


def test_it_is_loaded_when_the_first_verb_runs() -> None:
    outcome = drive(DESK.keep(unseal=True), CancelToken(), lambda update: None)
    assert isinstance(outcome.error, Loaded)
