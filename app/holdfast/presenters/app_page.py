"""One app's page: its header, the four cards that show its promises, and its facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from holdfast.domain.app import AppState, Release
from holdfast.domain.following import Followed
from holdfast.domain.node import AppSummary, VolumeFacts
from holdfast.domain.requests import Check, Promise, Verification
from holdfast.presenters.certificate import LASTS, certificate_look, lasts_sentence
from holdfast.presenters.problem import Problem
from holdfast.presenters.quantities import (
    age,
    ago,
    count,
    exact,
    percent,
    short,
    size,
)
from holdfast.presenters.states import (
    BROKEN,
    CHECKING,
    KEPT,
    UNKNOWN,
    Look,
    Shape,
    Tone,
)

TITLES = {
    Promise.ISOLATION: "Isolation",
    Promise.AT_REST: "At rest",
    Promise.IN_TRANSIT: "In transit",
    Promise.LEAVES: "What leaves",
}
ENDS_SOON_CARD = Look("Ends soon", Shape.DIAMOND, Tone.WARN)
SEALED_CARD = Look("Sealed", Shape.SQUARE, Tone.SEALED)


@dataclass(frozen=True, slots=True)
class Card:
    """evidence: (claim, what was read) of every check. look says whether all of them hold."""

    promise: Promise
    title: str
    look: Look
    sentence: str
    evidence: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What is known of one app beyond the list; None where it was not read (yet).

    problem: why the promises could not be checked.
    """

    volume: VolumeFacts | None = None
    verification: Verification | None = None
    releases: tuple[Release, ...] | None = None
    followed: Followed | None = None
    checking: bool = False
    problem: Problem | None = None

    def current(self, app: AppSummary) -> Release | None:
        return next((r for r in self.releases or () if r.id == app.release), None)


def subtitle(app: AppSummary, step: str | None) -> str:
    """The line beside the state: what goes on, or since when it runs."""
    return step or app.activity or ""


def cards(app: AppSummary, known: Knowledge, now: datetime) -> tuple[Card, ...]:
    return tuple(_card(promise, app, known, now) for promise in Promise)


def _card(promise: Promise, app: AppSummary, known: Knowledge, now: datetime) -> Card:
    checks = (
        [c for c in known.verification.checks if c.promise is promise]
        if (known.verification)
        else []
    )
    evidence = tuple((_capital(c.claim), c.found) for c in checks)
    volume = _volume_sentence(known.volume) if promise is Promise.AT_REST else ""
    broken = [check for check in checks if not check.held]
    if broken:
        look, sentence = BROKEN, _broken(broken)
    elif checks:
        held = _capital(", ".join(c.claim for c in checks)) + "."
        look, sentence = KEPT, f"{volume} {held}".strip()
        if promise is Promise.IN_TRANSIT and app.certificate_ends:
            sentence = f"{sentence} {lasts_sentence(app.certificate_ends, now)}"
            if certificate_look(app.certificate_ends, now) is not LASTS:
                look = ENDS_SOON_CARD
    elif promise is Promise.AT_REST and known.volume and known.volume.sealed:
        look, sentence = SEALED_CARD, f"{volume} Nothing can read it until it is unsealed."
    elif known.checking:
        look, sentence = CHECKING, volume or "Asking the node what it really does."
    else:
        look, sentence = UNKNOWN, f"{volume} {_unchecked(app, known)}".strip()
    return Card(promise, TITLES[promise], look, sentence, evidence)


def _broken(broken: list[Check]) -> str:
    first = broken[0]
    more = f" and {count(len(broken) - 1, 'other check')}" if len(broken) > 1 else ""
    return (
        f"Not so: {first.claim}{more}. Found: {first.found}. "
        "Stop the app, or redeploy it and check again."
    )


def _unchecked(app: AppSummary, known: Knowledge) -> str:
    if app.state is AppState.DEPLOYING:
        return "It is checked when the deploy has ended."
    if app.state is not AppState.RUNNING:
        return "The app does not run, so there is nothing to check."
    if known.problem:
        return known.problem.what
    return "This was not checked."


def _volume_sentence(volume: VolumeFacts | None) -> str:
    if volume is None:
        return ""
    amount = f", {size(volume.cipher_bytes)} of ciphertext" if volume.cipher_bytes else ""
    return f"{volume.cipher}{amount}."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def checked_line(known: Knowledge, now: datetime) -> str:
    if known.checking:
        return "Checking the node…"
    if known.verification is None:
        return "Not checked"
    return f"Checked {ago(known.verification.finished, now)}"


def cpu_words(app: AppSummary) -> str:
    """The first look at an app cannot tell yet: it takes two."""
    return f"{percent(app.cpu_percent)} of one core"


Facts = tuple[tuple[str, str, str], ...]


def facts(app: AppSummary, known: Knowledge, now: datetime) -> Facts:
    """(label, text, tooltip) of what is known, and of nothing else."""
    found: list[tuple[str, str, str]] = []
    release = known.current(app)
    if app.commit:
        found.append(
            (
                "Release",
                f"{short(app.commit.id)} {app.commit.message}",
                f"{app.commit.author}, {exact(app.commit.created)}",
            )
        )
    if release:
        source = release.configuration.source
        environment = release.environment
        found += [
            ("Repository", f"{source.repository}, branch {source.branch}", ""),
            ("Deployed", ago(release.created, now), exact(release.created)),
            ("Starts", f"{release.entrypoint} ({release.framework})", ""),
            ("Python", release.python, ""),
            (
                "Dependencies",
                f"{count(environment.packages, 'package')} from "
                f"{release.dependency_file or 'the framework alone'}, "
                f"{size(environment.size_bytes)}",
                f"Environment {environment.digest}",
            ),
        ]
    if app.started:
        found.append(("Up for", age(app.started, now), exact(app.started)))
    if not app.state.is_closed:
        found.append(("Restarts", str(app.restarts), ""))
    return tuple(found)
