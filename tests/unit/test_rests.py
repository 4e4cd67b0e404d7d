"""What failed is tried again less and less often, until it succeeds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from holdfast.domain.operation import CancelToken
from holdfast.operations.rests import Rests


class SetClock:
    """Stands still until it is told to sleep."""

    def __init__(self) -> None:
        self._now = datetime(2026, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self._now

    def sleep(self, seconds: float, cancel: CancelToken) -> None:
        self._now += timedelta(seconds=seconds)


class TestRests:
    def setup_method(self) -> None:
        self.clock = SetClock()
        self.rests = Rests(self.clock, timedelta(seconds=10), timedelta(seconds=30))

    def length(self) -> int:
        seconds = 0
        while self.rests.is_resting("books"):
            self.clock.sleep(1, CancelToken())
            seconds += 1
        return seconds

    def failed(self, longest: bool = False) -> int:
        self.rests.let_rest("books", longest)
        return self.length()

    def test_each_rest_is_twice_as_long_up_to_the_longest(self) -> None:
        assert self.length() == 0
        assert [self.failed() for _ in range(4)] == [10, 20, 30, 30]

    def test_after_a_success_the_first_one_comes_again(self) -> None:
        assert [self.failed(), self.failed()] == [10, 20]
        self.rests.forget("books")
        assert self.failed() == 10

    def test_one_may_be_the_longest_at_once(self) -> None:
        assert self.failed(longest=True) == 30

    def test_one_name_does_not_hold_another(self) -> None:
        self.rests.let_rest("ledger")
        assert not self.rests.is_resting("books")
