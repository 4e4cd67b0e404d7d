"""A keeper at work beside a test, which waits for what it tells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Thread

from holdfast.domain.keeping import Kept, News, NewsKind
from holdfast.domain.operation import CancelToken, Fact, Operation, Outcome, Update, drive


@dataclass
class Keeping:
    """told: all that was read so far, in order."""

    token: CancelToken = field(default_factory=CancelToken)
    told: list[News] = field(default_factory=list)
    ended: list[Outcome[None]] = field(default_factory=list)
    _facts: SimpleQueue[Kept] = field(default_factory=SimpleQueue)
    _waited: Counter[tuple[NewsKind, str]] = field(default_factory=Counter)

    def notify(self, update: Update) -> None:
        assert isinstance(update, Fact)
        assert isinstance(update.value, Kept)
        self._facts.put(update.value)

    def wait_for(self, kind: NewsKind, duty: str = "", seconds: float = 60.0) -> News:
        """The next such news that was not waited for yet."""
        self._waited[kind, duty] += 1
        while True:
            found = [news for news in self.told if (news.kind, news.duty) == (kind, duty)]
            if len(found) >= self._waited[kind, duty]:
                return found[self._waited[kind, duty] - 1]
            try:
                self.told.append(self._facts.get(timeout=seconds).news)
            except Empty:
                known = [f"{news.duty} {news.kind} {news.text or news.error}" for news in self.told]
                raise AssertionError(f"no {duty} {kind} among {known}") from None


@contextmanager
def keeping(operation: Operation[None]) -> Iterator[Keeping]:
    """Cancelled at the end of the block, and waited for."""
    made = Keeping()
    thread = Thread(
        target=lambda: made.ended.append(drive(operation, made.token, made.notify)), name="test"
    )
    thread.start()
    try:
        yield made
    finally:
        made.token.cancel()
        thread.join()
