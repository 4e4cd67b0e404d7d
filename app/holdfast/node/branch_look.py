"""A look at a repository: its branches, and how one of them stands to a commit."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Protocol

from holdfast.domain.app import Commit
from holdfast.domain.branches import Branches, Wanted, parse_branches
from holdfast.domain.following import Lineage
from holdfast.domain.operation import CancelToken
from holdfast.domain.repository import RepositoryKind, parse_repository
from holdfast.node.looks import looking
from holdfast.node.node import Node


class Looker(Protocol):
    """Raises RepositoryError."""

    def branches(self, tags: Collection[str] = ()) -> Branches:
        """tags: those that are asked about beside."""

    def lineage(self, wanted: Wanted, commit: Commit) -> Lineage:
        """How what a branch is at stands to a commit that was fetched once."""


@contextmanager
def look_at(node: Node, repository: str, cancel: CancelToken | None = None) -> Iterator[Looker]:
    """With nothing of any app's volume: in a container whose every file is RAM."""
    address = parse_repository(repository)
    if address.kind is RepositoryKind.LOCAL:
        yield _LocalLooker(node, address.url)
        return
    with looking(node, address, cancel=cancel) as fetcher:
        yield fetcher


class _LocalLooker:
    def __init__(self, node: Node, folder: str) -> None:
        self._repositories = node.local_repositories
        self._folder = folder

    def branches(self, tags: Collection[str] = ()) -> Branches:
        return parse_branches(self._repositories.branches(self._folder))

    def lineage(self, wanted: Wanted, commit: Commit) -> Lineage:
        follows = self._repositories.follows(self._folder, wanted.name, commit.id)
        if follows is None:
            return Lineage.UNTOLD
        return Lineage.FOLLOWS if follows else Lineage.REWRITTEN
