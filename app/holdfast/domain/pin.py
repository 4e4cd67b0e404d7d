"""A pin: the one commit that an app is held to, whatever is pushed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from holdfast.domain.branches import Branches, Wanted
from holdfast.domain.errors import RepositoryError, UsageError
from holdfast.domain.repository import is_commit_id, is_ref_name

#: The beginning of an object name of git's.
_SHORT_ID = re.compile(r"[0-9a-f]{4,39}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """commit: its full id. tag: the tag that named it, None where its id did."""

    commit: str
    tag: str | None = None

    @property
    def name(self) -> str:
        """As a user reads it."""
        return f"{self.tag} ({self.commit[:7]})" if self.tag else self.commit[:7]

    def wanted(self, branches: Branches) -> Wanted:
        """How the repository is asked for it. A server may refuse to be asked by an id, so a tag
        that is still there serves, too."""
        by_tag = self.tag is not None and branches.tags.get(self.tag) == self.commit
        ref = f"refs/tags/{self.tag}" if by_tag else self.commit
        return Wanted(self.tag or "The pin", ref, self.commit, exact=True)


def parse_pin(text: str) -> str:
    """Return the name of a tag or the id of a commit, tidied, or raise UsageError."""
    name = text.strip().removeprefix("refs/tags/")
    if not is_ref_name(name):
        raise UsageError(
            "This is neither a tag nor a commit.",
            "Git admits no blanks, no “..”, none of ~ ^ : ? * [ \\ and no leading hyphen.",
            "Give a tag such as v1.2, or the id of a commit.",
        )
    return name


def choose_pin(wanted: str, branches: Branches, known: Iterable[str] = ()) -> Pin:
    """wanted: as `parse_pin` gives it. branches: with the tag of that name, should it exist.
    known: full ids of commits that were fetched before. Raises RepositoryError."""
    if wanted in branches.tags:
        return Pin(commit=branches.tags[wanted], tag=wanted)
    lower = wanted.lower()
    if is_commit_id(lower):
        return Pin(commit=lower)
    if wanted in branches.commits:
        raise RepositoryError(
            f"“{wanted}” is a branch.",
            "A pin holds an app to one commit, and a branch moves on.",
            f"Pin the commit that it is at now: {branches.commits[wanted]}",
        )
    if _SHORT_ID.fullmatch(lower):
        seen = {*known, *branches.commits.values(), *branches.tags.values()}
        found = sorted(commit for commit in seen if commit.startswith(lower))
        if len(found) == 1:
            return Pin(commit=found[0])
        raise RepositoryError(
            f"The repository has no tag “{wanted}”, and it is no whole id of a commit.",
            f"It may be {found[0]} or {found[1]}."
            if found
            else "A server finds commits by whole ids alone.",
            "Give all 40 digits: git rev-parse prints them.",
        )
    raise RepositoryError(
        f"The repository has no tag “{wanted}”.",
        "It is the id of no commit either.",
        f"Push it: git push origin {wanted}",
    )
