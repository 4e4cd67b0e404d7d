"""What stands in for a list, or above it: nothing there yet, sealed, offline, no match."""

from __future__ import annotations

from dataclasses import dataclass, replace

from holdfast.domain.node import NodeState, Snapshot
from holdfast.presenters.problem import Problem


@dataclass(frozen=True, slots=True)
class Notice:
    """A headline and a sentence. action: the button's words, "" for none."""

    title: str
    text: str
    action: str = ""


LAST_SEEN = "The list below is as it was last seen."
TRY_AGAIN = "Try again"
CLEAR_SEARCH = "Clear the search"

LOADING = Notice("Connecting to the node", "Its apps appear here as soon as it answers.")
EMPTY = Notice(
    "No apps yet",
    "Paste the address of a git repository. Holdfast reads it, shows what it found, "
    "and asks before it does anything.",
    "Try the demo app",
)
SEALED = Notice(
    "This node is sealed",
    "No app runs and nothing can be written until it is unsealed with the keys in your keychain.",
    "Unseal",
)
PARTLY_SEALED = Notice(
    "Some apps are sealed",
    "They do not run until they are unsealed with the keys in your keychain.",
    "Unseal",
)
STOPPED = Notice(
    "The node is not running",
    "Its apps are sealed on its disk. Once it runs, they are unsealed with the keys in your "
    "keychain.",
    "Start the node",
)
READING_VOLUMES = Notice("Reading the volumes", "Each is listed as soon as it is measured.")
NO_VOLUMES = Notice("No volumes yet", "Every app gets one of its own when it is first deployed.")
READING_RELEASES = Notice("Reading the releases", "They are kept in the app's encrypted volume.")
NO_RELEASES = Notice("No releases yet", "A deploy makes one; the ten newest are kept.")


def offline(problem: Problem, seen: bool) -> Notice:
    """seen: whether a list from before is still on show."""
    tail = LAST_SEEN if seen else ""
    text = " ".join(part for part in (problem.why, problem.next, tail) if part)
    return Notice(problem.what, text, TRY_AGAIN)


def no_match(noun: str, needle: str) -> Notice:
    return Notice(f"No {noun} matches", f"Nothing here contains “{needle}”.", CLEAR_SEARCH)


def notice_above(
    snapshot: Snapshot | None, problem: Problem | None, stopped: bool = False
) -> Notice | None:
    """The bar above the list of apps, or the page itself when there is no list.

    stopped: the node does not answer because its engine does not run.
    """
    seen = snapshot is not None and bool(snapshot.apps)
    if stopped:
        return replace(STOPPED, text=f"{STOPPED.text} {LAST_SEEN}") if seen else STOPPED
    if problem is not None:
        return offline(problem, seen)
    if snapshot is None or not snapshot.apps:
        return None
    above = {NodeState.SEALED: SEALED, NodeState.PARTLY: PARTLY_SEALED}
    return above.get(snapshot.state)
