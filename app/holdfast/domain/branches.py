"""The branches of a repository, as git lists them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from holdfast.domain.errors import RepositoryError


@dataclass(frozen=True, slots=True)
class Branches:
    """default: the repository's own choice. commits: branch to full commit id. moved_to: the
    address that the server sends on to, if it does."""

    default: str
    commits: Mapping[str, str]
    moved_to: str | None = None

    def choose(self, wanted: str | None) -> str:
        """The branch asked for, or the default one; RepositoryError if it is not there."""
        branch = wanted or self.default
        if branch in self.commits:
            return branch
        near = ", ".join(sorted(self.commits)[:8]) or "none"
        raise RepositoryError(
            f"The repository has no branch “{branch}”.",
            f"It has: {near}.",
            "Choose one of them with --branch.",
        )


def parse_branches(text: str) -> Branches:
    """The output of `git ls-remote --symref`."""
    default, commits = "", {}
    for line in text.splitlines():
        left, _, ref = line.partition("\t")
        if left.startswith("ref: refs/heads/") and ref == "HEAD":
            default = left.removeprefix("ref: refs/heads/")
        elif ref.startswith("refs/heads/"):
            commits[ref.removeprefix("refs/heads/")] = left
    if not commits:
        raise RepositoryError(
            "The repository is empty.", "It has no branch yet.", "Push a commit to it first."
        )
    if default not in commits:
        default = "main" if "main" in commits else sorted(commits)[0]
    return Branches(default, commits)
