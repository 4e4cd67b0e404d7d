"""How an app follows its branch, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from holdfast.domain.app import FollowMode
from holdfast.domain.following import BranchLook, BranchState, Followed
from holdfast.presenters.notices import Notice
from holdfast.presenters.quantities import ago

FOLLOW_WORDS = {
    FollowMode.AUTO: "Deploy by itself",
    FollowMode.TELL: "Tell me",
    FollowMode.OFF: "Do nothing",
}
STATE_WORDS = {
    BranchState.UNKNOWN: "Not checked yet",
    BranchState.CURRENT: "Serves the newest commit",
    BranchState.NEWER: "A newer commit is there",
    BranchState.FAILED: "The newest commit could not be made live",
    BranchState.SET_BACK: "Serves another commit than the branch",
    BranchState.GONE: "The branch is gone",
    BranchState.UNREACHABLE: "The repository could not be read",
    BranchState.PINNED: "Pushes are not made live",
    BranchState.TAG_MOVED: "The tag has moved",
    BranchState.TAG_GONE: "The tag is gone",
}


def look_words(look: BranchLook, now: datetime | None = None) -> str:
    """The state, and when that was found."""
    words = STATE_WORDS[look.state]
    if look.checked is None:
        return words
    return f"{words} · checked {ago(look.checked, now or datetime.now(UTC))}"


@dataclass(frozen=True, slots=True)
class BranchWords:
    """What the card about the branch says. told, next: empty where all is well. update: why
    *Update now* cannot be pressed, "" when it can. shout: whether what is told is a warning."""

    state: str
    told: str = ""
    next: str = ""
    update: str = ""
    shout: bool = False


_ALARMING = (
    BranchState.FAILED,
    BranchState.GONE,
    BranchState.UNREACHABLE,
    BranchState.TAG_MOVED,
    BranchState.TAG_GONE,
)
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
    if followed is None or not waits or followed.look.state is not BranchState.NEWER:
        return None
    return Notice("There is a newer commit", followed.look.told, "Update now")


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
    # the button beside it is the next step
    then = "" if look.state is BranchState.NEWER else look.next
    state = look_words(look, now)
    if followed.pin is not None:
        state = f"Pinned to {followed.pin.name} · {state}"
    return BranchWords(state, look.told, then, update, look.state in _ALARMING)


def pin_word(followed: Followed | None) -> str:
    """What the button beside the branch does."""
    return UNPIN if followed is not None and followed.pin is not None else PIN
