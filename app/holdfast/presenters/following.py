"""How an app follows its branch, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from holdfast.domain.app import FollowMode
from holdfast.domain.following import OF_PUSHES, BranchState, Followed
from holdfast.presenters.notices import Notice
from holdfast.presenters.quantities import ago, when

FOLLOW_WORDS = {
    FollowMode.AUTO: "Deploy by itself",
    FollowMode.TELL: "Tell me",
    FollowMode.OFF: "Do nothing",
}
STATE_WORDS = {
    BranchState.UNKNOWN: "Not checked yet",
    BranchState.CURRENT: "Serves the newest commit",
    BranchState.NEWER: "A newer commit is there",
    BranchState.FORCED: "The branch was pushed by force",
    BranchState.FAILED: "The newest commit could not be made live",
    BranchState.SET_BACK: "The branch was set back",
    BranchState.ROLLED_BACK: "Serves an earlier commit than the branch",
    BranchState.GONE: "The branch is gone",
    BranchState.UNREACHABLE: "The repository could not be read",
    BranchState.PINNED: "Pushes are not made live",
    BranchState.TAG_MOVED: "The tag has moved",
    BranchState.TAG_GONE: "The tag is gone",
}


def look_words(followed: Followed, now: datetime | None = None) -> str:
    """The state, and when that was found."""
    look, now = followed.look, now or datetime.now(UTC)
    words = STATE_WORDS[look.state]
    if look.checked is None:
        return words
    return f"{words} · checked {ago(look.checked, now)}"


def away_words(followed: Followed, now: datetime | None = None) -> str:
    """Since when the repository cannot be read, and when it is tried again; "" where it can."""
    look, now = followed.look, now or datetime.now(UTC)
    if look.since is None or look.again is None:
        return ""
    since = f"It has not been readable since {when(look.since, now)}."
    if followed.mode is FollowMode.OFF:
        return since
    return f"{since} The next try is at {when(look.again, now)}."


@dataclass(frozen=True, slots=True)
class BranchWords:
    """What the card about the branch says. told: empty where all is well, else what is the matter
    and what to do about it, a line each. instead: the branch that is offered in place of this one.
    update: why *Update now* cannot be pressed, "" when it can. shout: whether what is told is a
    warning."""

    state: str
    told: str = ""
    instead: str = ""
    update: str = ""
    shout: bool = False


_ALARMING = (
    BranchState.FORCED,
    BranchState.SET_BACK,
    BranchState.FAILED,
    BranchState.GONE,
    BranchState.UNREACHABLE,
    BranchState.TAG_MOVED,
    BranchState.TAG_GONE,
)
#: The next step is a button beside the words.
_BESIDE = (*OF_PUSHES, BranchState.SET_BACK, BranchState.ROLLED_BACK, BranchState.GONE)
#: So much of a branch's name stands on a button.
_LONGEST = 20
PIN, UNPIN = "Pin…", "Unpin"
PIN_HINT = "A tag or a commit; empty for the commit that serves"
#: Who looks, and when: a desktop has no address at which a push could be told.
ABOUT = (
    "While this window is open, or holdfast node watch runs, the repository is asked about every "
    "30 seconds."
)


def push_notice(followed: Followed | None) -> Notice | None:
    """What an app's page says above its tabs of a commit that waits to be made live."""
    waits = followed is not None and followed.mode is FollowMode.TELL
    if followed is None or not waits or followed.look.state not in OF_PUSHES:
        return None
    forced = followed.look.state is BranchState.FORCED
    title = STATE_WORDS[BranchState.FORCED] if forced else "There is a newer commit"
    return Notice(title, followed.look.told, "Update now")


def branch_words(followed: Followed | None, now: datetime) -> BranchWords:
    if followed is None:
        return BranchWords("Not known yet", update="The app's volume cannot be read now.")
    look = followed.look
    update = ""
    if followed.pin is not None and followed.commit == followed.pin.commit:
        update = "It is pinned to the commit that serves."
    elif look.state is BranchState.CURRENT:
        update = "The newest commit serves already."
    elif look.state is BranchState.GONE:
        update = "The branch is gone."
    then = "" if look.state in _BESIDE else look.next
    away = away_words(followed, now)
    state = look_words(followed, now)
    if followed.pin is not None:
        state = f"Pinned to {followed.pin.name} · {state}"
    told = "\n".join(part for part in (look.told, away, then, look.aside) if part)
    return BranchWords(state, told, look.instead, update, look.state in _ALARMING)


def instead_word(branch: str) -> str:
    """What the button that follows another branch says."""
    return f"Follow {branch if len(branch) <= _LONGEST else f'{branch[:_LONGEST]}…'}"


def pin_word(followed: Followed | None) -> str:
    """What the button beside the branch does."""
    return UNPIN if followed is not None and followed.pin is not None else PIN
