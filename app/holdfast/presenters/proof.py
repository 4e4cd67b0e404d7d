"""A proof in words: its verdict, what was planted and searched, and what it does not cover."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from holdfast.domain.app import AppState
from holdfast.domain.node import AppSummary
from holdfast.domain.operation import Line, Step, Update
from holdfast.domain.proof import Place, Proof, Verdict
from holdfast.presenters.quantities import ago, count, size, stopwatch
from holdfast.presenters.states import Look, Shape, Tone

VERDICT_LOOKS = {
    Verdict.PROVED: Look("Proved", Shape.DISC, Tone.GOOD),
    Verdict.LEAK: Look("Found in the clear", Shape.TRIANGLE, Tone.BAD),
    Verdict.NOT_PROVED: Look("Not proved", Shape.DIAMOND, Tone.WARN),
}
NEVER = Look("Not proved yet", Shape.RING, Tone.QUIET)
NEVER_READ = Look("Sealed", Shape.SQUARE, Tone.SEALED)

#: What no proof can show, whatever it finds.
CANNOT_SHOW = (
    ("Other spellings", "What is compressed or encrypted in another way is not recognised."),
    ("Deleted files", "Files are read, not what a disk has not yet overwritten."),
    ("Memory", "Root on an unsealed node can read it."),
)
PROVE, PROVE_AGAIN = "Prove now", "Prove again"
_FOUND, _LIMITS = "Found in the clear", "Limits"
_PLANTED, _SEARCHED, _CONTROL = "What was planted", "What was searched", "Control"
_NOT_SHOWN = "What no proof shows"
#: The cards of the page, and which stand beside each other.
ROWS = ((_FOUND,), (_PLANTED, _SEARCHED), (_LIMITS,), (_CONTROL, _NOT_SHOWN))
CARDS = tuple(title for row in ROWS for title in row)
_INVITATION = (
    "Marks are planted on this node as an app plants data, and every byte on its disk is searched "
    "for them. It takes about half a minute; visitors notice nothing."
)
_SEALED = "The volume is sealed: what the last proof came to lies in it."
_PLURALS = {"process": "processes"}
Lines = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Headline:
    look: Look
    sentence: str
    remedy: str = ""
    when: str = ""


def title(app: str) -> str:
    """Of the operation that proves it."""
    return f"Prove {app}"


def can_be_read(app: AppSummary | None) -> bool:
    return app is not None and app.state is not AppState.SEALED


def can_be_proved(app: AppSummary | None) -> bool:
    return app is not None and app.state is AppState.RUNNING


def why_not(app: AppSummary | None) -> str:
    """Why it cannot be proved now, or ""."""
    return "" if can_be_proved(app) else "An app is proved while it runs."


def headline(app: AppSummary | None, proof: Proof | None, now: datetime) -> Headline:
    if proof is not None:
        return Headline(
            VERDICT_LOOKS[proof.verdict], sentence(proof), remedy(proof), when(proof, now)
        )
    if not can_be_read(app):
        return Headline(NEVER_READ, _SEALED)
    return Headline(NEVER, _INVITATION, why_not(app))


def progress(updates: Sequence[Update], before: str) -> str:
    """How far the running step is: its last line."""
    for update in updates:
        if isinstance(update, Line):
            before = update.text
        elif isinstance(update, Step):
            before = ""
    return before


def cards(proof: Proof | None) -> dict[str, Lines]:
    """What each card shows; one without lines is not shown."""
    if proof is None:
        return dict.fromkeys(CARDS, ())
    return {
        _FOUND: hit_lines(proof) if proof.hits else (),
        _PLANTED: planted_lines(proof),
        _SEARCHED: (*searched_lines(proof), ("In each of these forms", ", ".join(proof.forms))),
        _LIMITS: limit_lines(proof),
        _CONTROL: control_lines(proof),
        _NOT_SHOWN: CANNOT_SHOW,
    }


def sentence(proof: Proof) -> str:
    """The verdict with its reason."""
    read = f"{size(proof.places[0].bytes)} on the node’s disk" if proof.places else "Nothing"
    if proof.verdict is Verdict.LEAK:
        places = len({hit.where for hit in proof.hits})
        return f"What was planted lies in the clear in {count(places, 'place')}."
    if proof.verdict is Verdict.PROVED:
        marks = count(len(proof.planted), "mark")
        return f"{read} were read, and none of {marks} was found in the clear."
    return f"Nothing was found in the clear, but the proof is not complete: {_lack(proof)}"


def _lack(proof: Proof) -> str:
    if proof.unsearched:
        first = proof.unsearched[0]
        return f"{count(len(proof.unsearched), 'place')} could not be searched ({first.where})."
    if missed := [each.where for each in proof.controls if not each.found]:
        return f"the search did not see what lay in the clear in {missed[0]}."
    missing = [each.what for each in proof.planted if not each.seen]
    return f"{missing[0] if missing else 'what was planted'} was not read back where it belongs."


def remedy(proof: Proof) -> str:
    if proof.verdict is Verdict.LEAK:
        return (
            "Find out what wrote there: a container that is not Holdfast’s, or a fault of "
            "Holdfast’s own. Remove it and prove the app again."
        )
    if proof.verdict is Verdict.PROVED:
        return ""
    return proof.limits[0].remedy if proof.limits else "Try again; then run: holdfast doctor"


def when(proof: Proof, now: datetime) -> str:
    took = stopwatch((proof.finished - proof.began).total_seconds())
    return f"Made {ago(proof.finished, now)} in {took}"


def planted_lines(proof: Proof) -> Lines:
    return tuple(
        (
            sentence_case(each.what),
            each.way if each.seen else f"{each.way} It was not read back where it belongs.",
        )
        for each in proof.planted
    )


def control_lines(proof: Proof) -> Lines:
    return tuple(
        (
            sentence_case(each.where),
            "Found" if each.found else "Not found: the search is blind there",
        )
        for each in proof.controls
    )


def searched_lines(proof: Proof) -> Lines:
    return tuple((sentence_case(place.where), _amount(place)) for place in proof.places)


def sentence_case(text: str) -> str:
    """An app's name within it stays as it is."""
    return text[:1].upper() + text[1:]


def _amount(place: Place) -> str:
    number = f"{place.number:,} {place.unit if place.number == 1 else _plural(place.unit)}"
    return f"{number}, {size(place.bytes)}"


def _plural(unit: str) -> str:
    return _PLURALS.get(unit, f"{unit}s")


def hit_lines(proof: Proof) -> Lines:
    found = tuple((f"{sentence_case(hit.what)}, {hit.form}", hit.where) for hit in proof.hits)
    return found or (("Nothing in the clear", ""),)


def limit_lines(proof: Proof) -> Lines:
    """(what, remedy), what could not be searched first."""
    return (
        *((f"Not searched: {each.where}", each.reason) for each in proof.unsearched),
        *((each.what, each.remedy) for each in proof.limits),
        *((each, "By design.") for each in proof.exceptions),
        *((f"Left behind: {each}", "Prove again, which removes it.") for each in proof.left),
    )
