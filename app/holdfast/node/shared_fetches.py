"""What one app's fetch brought, for others that follow the same repository: it is asked once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from holdfast.domain.branches import Branches

#: A pack passes through this machine's memory; each app fetches a larger one itself.
MOST_SHARED_BYTES = 32 << 20


@dataclass(frozen=True, slots=True)
class Move:
    """An app's, to the newest commit of its branch. before, after: full ids."""

    before: str
    after: str


@dataclass
class SharedFetches:
    """Of one thread, and one repository at a time; empty where nothing is shared. branches: as a
    look has just found them, None where nobody looked."""

    branches: Branches | None = None
    _shared: set[Move] = field(default_factory=set)
    _packs: dict[Move, bytes] = field(default_factory=dict)

    @contextmanager
    def among(self, branches: Branches | None, moves: Iterable[Move]) -> Iterator[None]:
        """For the time of the block. Both as one look at the repository found them."""
        self.branches = branches
        self._shared.update(move for move, number in Counter(moves).items() if number > 1)
        try:
            yield
        finally:
            self.branches = None
            self._shared.clear()
            self._packs.clear()

    def pack(self, before: str, after: str) -> bytes | None:
        """What leads from one commit to the other, where another app has fetched it."""
        return self._packs.get(Move(before, after))

    def wants(self, before: str, after: str) -> bool:
        """Whether another app will need that, too."""
        return Move(before, after) in self._shared

    def keep(self, before: str, after: str, pack: bytes) -> None:
        if len(pack) <= MOST_SHARED_BYTES:
            self._packs[Move(before, after)] = pack
