"""The recovery kit in the window: how it stands, and what is asked for."""

from __future__ import annotations

from dataclasses import dataclass

from holdfast.domain.errors import reason_of
from holdfast.domain.recovery_kit import KitOpened, KitState, KitStatus
from holdfast.presenters.problem import Problem
from holdfast.presenters.quantities import count
from holdfast.presenters.states import Look, Shape, Tone

LOOKS = {
    KitState.MISSING: Look("No recovery kit", Shape.DIAMOND, Tone.WARN),
    KitState.UNCONFIRMED: Look("Confirm the kit", Shape.DIAMOND, Tone.WARN),
    KitState.FOREIGN: Look("Open with the kit", Shape.DIAMOND, Tone.WARN),
    KitState.CONFIRMED: Look("Recovery kit", Shape.DISC, Tone.GOOD),
}
MAKE = "Make the recovery kit"
MAKE_ANOTHER = "Make another"
SHOW = "Show the page"
FIELD = "The kit's identity"
HINT = "AGE-SECRET-KEY-1…"


@dataclass(frozen=True, slots=True)
class KitWords:
    """What stands above the field. action: the verb that takes what is typed, "" where nothing
    is asked for."""

    title: str
    text: str
    action: str = ""


_WORDS = {
    KitState.MISSING: KitWords(
        "There is no recovery kit yet",
        "The keys that open the apps' data are in this workstation's keychain alone: a lost "
        "keychain is lost data. A kit is one line on a page that opens all of it, on any "
        "machine. Holdfast shows it once and keeps no copy.",
    ),
    KitState.UNCONFIRMED: KitWords(
        "Give the kit back, to confirm that you have it",
        "Print or save the page, then type or paste its identity here. Holdfast opens every app "
        "with it and compares. A page that is lost now is no harm: make another.",
        "Confirm",
    ),
    KitState.FOREIGN: KitWords(
        "This workstation has not been let in",
        "The node has a recovery kit. With it this keychain receives an identity of its own, and "
        "opens what the other admins open.",
        "Open with the kit",
    ),
    KitState.CONFIRMED: KitWords(
        "The recovery kit is made and confirmed",
        "It opens every app of this node, new ones too. Try now and then whether you still find "
        "it. To replace a lost one: holdfast kit create --replace",
        "Check the kit",
    ),
}
FIRST = KitWords(
    "First, the recovery kit",
    "It is one line on a page, and opens what the apps of this node will write, on any machine. "
    "Made now, it opens everything from the first byte on. Without it the keys are in this "
    "workstation's keychain alone: a lost keychain is lost data.",
)
WITHOUT = "Go on without one"
#: The same on a terminal, as a question.
MAKE_FIRST = "Made now, it opens everything from the first byte on. Make it first?"
_LACKS = {
    KitState.MISSING: Problem(
        "This node has no recovery kit.",
        "What opens the data of its apps is in this workstation's keychain alone: a lost keychain "
        "is lost data.",
        "Make the kit: holdfast kit create",
    ),
    KitState.UNCONFIRMED: Problem(
        "The recovery kit is not confirmed.",
        "Its page was shown once, and nobody has given it back yet: it may be lost.",
        "Give it back: holdfast kit check. If it is lost, make another: holdfast kit create",
    ),
}
READING = KitWords("Looking for the recovery kit", "")


def kit_words(state: KitState) -> KitWords:
    return _WORDS[state]


def kit_lack(state: KitState) -> Problem | None:
    """What the command line says of a kit that is missing, or that nobody has given back yet."""
    return _LACKS.get(state)


def kit_facts(status: KitStatus) -> tuple[tuple[str, str], ...]:
    """(label, text); none where they cannot be read."""
    if not status.recipient:
        return ()
    return (("Public half", status.recipient),)


def not_saved(error: OSError) -> str:
    return f"The page was not saved: {reason_of(error)}"


def opened_sentence(opened: KitOpened) -> str:
    return f"The kit is whole and opens {count(len(opened.apps), 'app')}."
