"""What is fetched once for several apps: which of them share it, for how long, and how much."""

from __future__ import annotations

from holdfast.domain.branches import Branches
from holdfast.node.shared_fetches import MOST_SHARED_BYTES, Move, SharedFetches

OLD, OLDER, NEW = "a" * 40, "b" * 40, "c" * 40


BRANCHES = Branches("main", {"main": NEW, "next": NEW})


def test_what_several_apps_need_is_kept_for_as_long_as_they_are_updated() -> None:
    shared = SharedFetches()
    assert (shared.branches, shared.wants(OLD, NEW)) == (None, False)
    with shared.among(BRANCHES, [Move(OLD, NEW), Move(OLD, NEW), Move(OLDER, NEW)]):
        assert shared.branches == BRANCHES
        # an app that comes from another commit alone fetches for itself alone
        assert (shared.wants(OLD, NEW), shared.wants(OLDER, NEW)) == (True, False)
        assert shared.pack(OLD, NEW) is None
        shared.keep(OLD, NEW, b"pack")
        assert (shared.pack(OLD, NEW), shared.pack(OLDER, NEW)) == (b"pack", None)
    assert shared.branches is None
    assert (shared.wants(OLD, NEW), shared.pack(OLD, NEW)) == (False, None)


def test_what_is_large_is_not_kept() -> None:
    shared = SharedFetches()
    with shared.among(BRANCHES, [Move(OLD, NEW)] * 2):
        shared.keep(OLD, NEW, bytes(MOST_SHARED_BYTES + 1))
        assert shared.pack(OLD, NEW) is None
        shared.keep(OLD, NEW, bytes(MOST_SHARED_BYTES))
        assert shared.pack(OLD, NEW) is not None
