"""How an app follows its branch, and what was found by the last look at the repository."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from holdfast.domain.app import FollowMode
from holdfast.domain.names import AppName
from holdfast.domain.pin import Pin


class BranchState(StrEnum):
    """docs/guide.md documents each."""

    UNKNOWN = "not checked"
    CURRENT = "current"
    NEWER = "newer commit"
    FORCED = "force-pushed"
    FAILED = "failed"
    SET_BACK = "set back"
    ROLLED_BACK = "rolled back"
    GONE = "branch gone"
    UNREACHABLE = "unreachable"
    PINNED = "pinned"
    TAG_MOVED = "tag moved"
    TAG_GONE = "tag gone"


#: What only an app that is pinned can be in.
OF_PINS = (BranchState.PINNED, BranchState.TAG_MOVED, BranchState.TAG_GONE)
#: In these there is something that the mode decides about: to make it live, to tell it, or not.
OF_PUSHES = (BranchState.NEWER, BranchState.FORCED)

#: A repository that cannot be read is left alone for as long as it has been so, within these.
SHORTEST_REST = timedelta(minutes=1)
LONGEST_REST = timedelta(minutes=30)


class Lineage(StrEnum):
    """How a branch's newest commit stands to the one that serves."""

    FOLLOWS = "follows"
    REWRITTEN = "rewritten"
    """What serves is none of its ancestors: the branch was pushed by force."""
    UNTOLD = "cannot be told"


@dataclass(frozen=True, slots=True)
class BranchLook:
    """One look. head: the branch's newest commit, or the last that was known of it. told: what is
    the matter, and next: what to do about it, as sentences; empty where all is well. aside: the
    same of the repository itself. instead: a branch that might be followed in place of this one.
    release: the one that served then. since: of looks that failed, the first in a row. rest: for
    how long the server asked to be left alone.
    """

    state: BranchState = BranchState.UNKNOWN
    branch: str = ""
    checked: datetime | None = None
    head: str | None = None
    told: str = ""
    next: str = ""
    aside: str = ""
    instead: str = ""
    release: str | None = None
    lineage: Lineage | None = None
    since: datetime | None = None
    rest: timedelta = timedelta()

    @property
    def again(self) -> datetime | None:
        """When a repository that could not be read is asked the next time."""
        if self.state is not BranchState.UNREACHABLE or self.checked is None or self.since is None:
            return None
        rest = max(self.checked - self.since, SHORTEST_REST, self.rest)
        return self.checked + min(rest, LONGEST_REST)

    def is_due(self, now: datetime, pause: timedelta) -> bool:
        """Whether to look again. pause: what counts as just now."""
        if self.checked is None or self.checked - now > pause:
            # nobody is held up by a desktop whose clock is ahead
            return True
        return now - self.checked >= pause and (self.again is None or now >= self.again)


NEVER_LOOKED = BranchLook()


@dataclass(frozen=True, slots=True)
class RepositoryLook:
    """The last look at a repository for all the apps that follow it, whichever desktop looked.
    repository: a digest of its address. changed: the last one that found of any of them something
    else than was known before.
    """

    repository: str
    at: datetime
    changed: datetime
    apps: tuple[AppName, ...] = ()

    def is_recent(self, now: datetime, pause: timedelta) -> bool:
        """By whatever clock it was written down."""
        return abs(now - self.at) < pause

    def dated(self, app: AppName, look: BranchLook) -> BranchLook:
        """What is known of one of the apps, with the moment of the last look that found it so."""
        if app not in self.apps or look.checked is None or look.checked > self.at:
            return look
        return replace(look, checked=self.at)


@dataclass(frozen=True, slots=True)
class Followed:
    """An app, how it follows its branch, and the last look."""

    app: AppName
    mode: FollowMode
    branch: str
    repository: str
    commit: str | None
    look: BranchLook = NEVER_LOOKED
    pin: Pin | None = None
