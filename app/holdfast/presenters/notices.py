"""What stands in for a list, or above it: nothing there yet, sealed, offline, no match."""

from __future__ import annotations

from dataclasses import dataclass, replace

from holdfast.domain.node import NodeState, Snapshot
from holdfast.presenters.problem import Problem
from holdfast.presenters.unsealing import UnsealMode


@dataclass(frozen=True, slots=True)
class Notice:
    """A headline and a sentence. action: the button's words, "" for none."""

    title: str
    text: str
    action: str = ""


LAST_SEEN = "The list below is as it was last seen."
TRY_AGAIN = "Try again"
ANY_ADDRESS = "A URL, an SSH address or a local path. Holdfast reads it before it does anything."
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
SEALED_ON_PURPOSE = Notice(
    "Sealed on purpose",
    "It stays so through every restart, until somebody unseals it with the keys in a keychain.",
    "Unseal",
)
UNSEALING = Notice("Unsealing", "Each app runs again as soon as its volume is open.")
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
    snapshot: Snapshot | None,
    problem: Problem | None,
    stopped: bool = False,
    mode: UnsealMode = UnsealMode.ASK,
    not_unsealed: Problem | None = None,
) -> Notice | None:
    """The bar above the list of apps, or the page itself when there is no list.

    stopped: the node does not answer because its engine does not run. not_unsealed: why the
    window could not unseal it by itself.
    """
    seen = snapshot is not None and bool(snapshot.apps)
    if stopped:
        return replace(STOPPED, text=f"{STOPPED.text} {LAST_SEEN}") if seen else STOPPED
    if problem is not None:
        return offline(problem, seen)
    if snapshot is None or not snapshot.apps:
        return None
    return _about_the_seal(snapshot, mode, not_unsealed)


def _about_the_seal(
    snapshot: Snapshot, mode: UnsealMode, not_unsealed: Problem | None
) -> Notice | None:
    if snapshot.state is NodeState.UNSEALING:
        return UNSEALING
    if snapshot.state not in (NodeState.SEALED, NodeState.PARTLY):
        return None
    sealed = [app for app in snapshot.apps if app.state.is_closed]
    if not_unsealed is not None:
        text = " ".join(part for part in (not_unsealed.why, not_unsealed.next) if part)
        return Notice(not_unsealed.what, text, SEALED.action)
    found = SEALED if snapshot.state is NodeState.SEALED else PARTLY_SEALED
    if sealed and all(app.sealed_on_purpose for app in sealed):
        found = SEALED_ON_PURPOSE
    return replace(found, action="") if mode is UnsealMode.NEVER else found
