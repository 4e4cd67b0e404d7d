"""The branches of a repository, as git lists them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from holdfast.domain.errors import RepositoryError

#: Asked for as a tag: every one. No tag has such a name.
EVERY_TAG = ("*",)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A commit to fetch. name: as a user reads it. ref: by which the repository is asked for it,
    a full name or the commit's id. exact: whether no other commit will do, should it move."""

    name: str
    ref: str
    commit: str
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Branches:
    """default: the repository's own choice. commits: branch to full commit id. moved_to: the
    address that the server sends on to, if it does. tags: those that were asked for, to the full
    id of the commit that each leads to, in the order in which they were told."""

    default: str
    commits: Mapping[str, str]
    moved_to: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)

    def choose(self, wanted: str | None) -> str:
        """The branch asked for, or the default one; RepositoryError if it is not there."""
        branch = wanted or self.default
        if branch in self.commits:
            return branch
        near = ", ".join(sorted(self.commits)[:8]) or "none"
        raise RepositoryError(
            f"The repository has no branch “{branch}”.",
            f"It has: {near}.",
            "Choose one of them with --branch, or a tag or a commit with --pin.",
        )

    def wanted(self, branch: str) -> Wanted:
        """What is fetched of a branch that is there."""
        return Wanted(branch, f"refs/heads/{branch}", self.commits[branch])


def moved_to(address: str, answered: str) -> str | None:
    """Where a repository is now. answered: the address that its server sends git on to."""
    there = answered.rstrip("/")
    # GitLab does so for whoever leaves out the last four letters
    same = there.removesuffix(".git") == address.rstrip("/").removesuffix(".git")
    return None if same else there


def parse_branches(text: str) -> Branches:
    """The output of `git ls-remote --symref`."""
    default, commits, tags = "", {}, {}
    for line in text.splitlines():
        left, _, ref = line.partition("\t")
        if left.startswith("ref: refs/heads/") and ref == "HEAD":
            default = left.removeprefix("ref: refs/heads/")
        elif ref.startswith("refs/heads/"):
            commits[ref.removeprefix("refs/heads/")] = left
        elif ref.startswith("refs/tags/"):
            # an annotated tag comes twice, once as the commit that it leads to
            tag = ref.removeprefix("refs/tags/").removesuffix("^{}")
            if ref.endswith("^{}") or tag not in tags:
                tags[tag] = left
    if not commits:
        raise RepositoryError(
            "The repository is empty.", "It has no branch yet.", "Push a commit to it first."
        )
    if default not in commits:
        default = "main" if "main" in commits else sorted(commits)[0]
    return Branches(default, commits, tags=tags)
