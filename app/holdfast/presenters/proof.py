"""A proof in words: its verdict, what was planted and searched, and what it does not cover."""

from __future__ import annotations

from datetime import datetime

from holdfast.domain.proof import Place, Proof, Verdict
from holdfast.presenters.quantities import ago, count, size, stopwatch
from holdfast.presenters.states import Look, Shape, Tone

VERDICT_LOOKS = {
    Verdict.PROVED: Look("Proved", Shape.DISC, Tone.GOOD),
    Verdict.LEAK: Look("Found in the clear", Shape.TRIANGLE, Tone.BAD),
    Verdict.NOT_PROVED: Look("Not proved", Shape.DIAMOND, Tone.WARN),
}
NEVER = Look("Not proved yet", Shape.RING, Tone.QUIET)

#: What no proof can show, whatever it finds.
CANNOT_SHOW = (
    "A search sees what is there now, in the forms that are named: not what is compressed or "
    "encrypted in another way, nor what a disk has not yet overwritten of deleted files."
)
_PLURALS = {"process": "processes"}
Lines = tuple[tuple[str, str], ...]


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
            each.what.capitalize(),
            each.way if each.seen else f"{each.way} It was not read back where it belongs.",
        )
        for each in proof.planted
    )


def control_lines(proof: Proof) -> Lines:
    return tuple(
        (each.where.capitalize(), "Found" if each.found else "Not found: the search is blind there")
        for each in proof.controls
    )


def searched_lines(proof: Proof) -> Lines:
    return tuple((place.where, _amount(place)) for place in proof.places)


def _amount(place: Place) -> str:
    number = f"{place.number:,} {place.unit if place.number == 1 else _plural(place.unit)}"
    return f"{number}, {size(place.bytes)}"


def _plural(unit: str) -> str:
    return _PLURALS.get(unit, f"{unit}s")


def forms_line(proof: Proof) -> str:
    return ", ".join(proof.forms)


def speed(proof: Proof) -> str:
    """How fast the disk was read."""
    if not proof.places or proof.seconds <= 0:
        return ""
    return f"{size(round(proof.places[0].bytes / proof.seconds))} a second"


def hit_lines(proof: Proof) -> Lines:
    found = tuple((f"{hit.what.capitalize()}, {hit.form}", hit.where) for hit in proof.hits)
    return found or (("Nothing in the clear", ""),)


def limit_lines(proof: Proof) -> Lines:
    """(what, remedy), what could not be searched first."""
    return (
        *((f"Not searched: {each.where}", each.reason) for each in proof.unsearched),
        *((each.what, each.remedy) for each in proof.limits),
        *((each, "By design.") for each in proof.exceptions),
        *((f"Left behind: {each}", "Prove again, which removes it.") for each in proof.left),
    )
