"""The list of an app's releases, and what rolling back to one of them means."""

from __future__ import annotations

from datetime import datetime

from holdfast.domain.app import Environment, Release, ReleaseKind
from holdfast.domain.changes import Change, ChangeKind
from holdfast.presenters.quantities import DASH, ago, count, exact, short, size
from holdfast.presenters.rows import Cell, Column, Row
from holdfast.presenters.states import Look, Shape, Tone

KINDS = {
    ReleaseKind.DEPLOY: "deployed",
    ReleaseKind.LIVE: "updated live",
    ReleaseKind.REDEPLOY: "redeployed by a push",
    ReleaseKind.ROLL_BACK: "rolled back to",
}
COLUMNS = (
    Column("Release", 220, 4),
    Column("Made", 120, 1),
    Column("Environment", 160, 2),
    Column("State", 100, 1),
)
SERVING = Look("Serving", Shape.DISC, Tone.GOOD)
KEPT = Look("Kept", Shape.RING, Tone.QUIET)


def release_rows(
    releases: tuple[Release, ...], serving: str | None, now: datetime
) -> tuple[Row, ...]:
    return tuple(_row(release, release.id == serving, now) for release in releases)


def _row(release: Release, serving: bool, now: datetime) -> Row:
    look = SERVING if serving else KEPT
    return Row(
        key=release.id,
        cells=(
            Cell(
                release.commit.message,
                f"{short(release.commit.id)} · {release.commit.author} · {kind_words(release)}",
                strong=serving,
                order=release.commit.message,
                tooltip=release.commit.id,
            ),
            Cell(
                ago(release.created, now),
                f"in {took(release.seconds)}" if release.seconds is not None else "",
                order=-release.created.timestamp(),
                tooltip=made_words(release),
            ),
            Cell(
                f"Python {release.python}", packages_line(release.environment), order=release.python
            ),
            Cell(look.word, look=look, order=look.word),
        ),
        search=f"{release.commit.message} {release.commit.id}".lower(),
    )


def kind_words(release: Release) -> str:
    """How it came to serve, and what it was pinned to."""
    pin = release.configuration.follow.pin
    words = KINDS[release.kind]
    return f"{words}, pinned to {pin.tag or short(pin.commit)}" if pin else words


def details(release: Release | None) -> str:
    """Beneath the list, of the release that is chosen."""
    if release is None:
        return ""
    return "\n".join(part for part in (made_words(release), step_words(release)) if part)


def packages_line(environment: Environment) -> str:
    return f"{count(environment.packages, 'package')}, {size(environment.size_bytes)}"


def roll_back_words(release: Release | None, serving: str | None) -> tuple[str, str]:
    """The button's words, and why it cannot be pressed ("" when it can)."""
    if release is None:
        return "Roll back", "Choose a release first."
    words = f"Roll back to {short(release.commit.id)}"
    if release.id == serving:
        return words, "This release serves already."
    return words, ""


ABOUT = "Rolling back restores the code, the environment and the settings. Data stay as they are."


def took(seconds: float | None) -> str:
    return DASH if seconds is None else f"{seconds:.1f} s"


def step_words(release: Release) -> str:
    """What each step took, "" where that was not noted."""
    return " · ".join(f"{step.name} {took(step.seconds)}" for step in release.steps)


def made_words(release: Release) -> str:
    """When, by whom, and how long it took, as far as that is known."""
    parts = [exact(release.created)]
    if release.by:
        parts.append(f"by {release.by}")
    if release.seconds is not None:
        parts.append(f"in {took(release.seconds)}")
    return ", ".join(parts)


_SIGNS = {ChangeKind.ADDED: "+", ChangeKind.CHANGED: "~", ChangeKind.DELETED: "−"}


def compare_words(
    release: Release | None, serving: Release | None
) -> tuple[str, tuple[str, str] | None]:
    """Why the button cannot be pressed ("" when it can), and what to compare, the older first."""
    if release is None or serving is None:
        return "Choose a release first.", None
    if release.id == serving.id:
        return "Choose another release than the one that serves.", None
    older, newer = sorted((release, serving), key=lambda each: each.created)
    return "", (older.id, newer.id)


def comparison(before: Release, after: Release, changes: tuple[Change, ...]) -> str:
    """A headline, and one line a file."""
    head = f"From {short(before.commit.id)} to {short(after.commit.id)}: "
    if not changes:
        return f"{head}no file differs."
    lines = [f"{_SIGNS[change.kind]} {change.path}" for change in changes]
    return "\n".join((f"{head}{count(len(changes), 'file')} changed.", *lines))
