"""What was read of apps is known until something happens to them."""

from __future__ import annotations

from itertools import count

from holdfast.domain.names import AppName
from holdfast.node.inventory import AppParts
from holdfast.operations.known import Known

BOARD = AppParts(AppName("board"), 700_000, ())
OTHER = AppParts(AppName("other"), 700_001, ())


def counting() -> Known[int]:
    numbers = count()
    return Known(lambda parts: next(numbers))


def test_an_app_is_read_once_and_again_after_what_happens_to_it() -> None:
    known = counting()
    assert [known.of(each) for each in (BOARD, OTHER, BOARD, OTHER)] == [0, 1, 0, 1]
    known.forget("board")
    assert [known.of(BOARD), known.of(OTHER), known.of(BOARD)] == [2, 1, 2]


def test_what_was_read_while_something_happened_is_not_believed() -> None:
    readings: list[str] = []

    def read(parts: AppParts) -> str:
        if not readings:
            known.forget(parts.name)
        readings.append(parts.name)
        return f"reading {len(readings)}"

    known = Known(read)
    assert [known.of(BOARD) for _ in range(3)] == ["reading 1", "reading 2", "reading 2"]


def test_it_is_amended_by_who_knows_it_and_by_no_other() -> None:
    known = counting()
    old = known.of(BOARD)
    known.amend(BOARD.name, old, 10)
    assert known.of(BOARD) == 10
    known.forget(BOARD.name)
    known.amend(BOARD.name, 10, 11)
    assert known.of(BOARD) == 1
    known.amend(BOARD.name, 10, 11)
    assert known.of(BOARD) == 1
