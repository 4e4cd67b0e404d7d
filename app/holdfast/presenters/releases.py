"""The list of an app's releases, and what rolling back to one of them means."""

from __future__ import annotations

from datetime import datetime

from holdfast.domain.app import Release
from holdfast.presenters.quantities import ago, count, exact, short, size
from holdfast.presenters.rows import Cell, Column, Row
from holdfast.presenters.states import Look, Shape, Tone

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
    environment = release.environment
    packages = f"{count(environment.packages, 'package')}, {size(environment.size_bytes)}"
    return Row(
        key=release.id,
        cells=(
            Cell(
                release.commit.message,
                f"{short(release.commit.id)} · {release.commit.author}",
                strong=serving,
                order=release.commit.message,
                tooltip=release.commit.id,
            ),
            Cell(
                ago(release.created, now),
                order=-release.created.timestamp(),
                tooltip=exact(release.created),
            ),
            Cell(f"Python {release.python}", packages, order=release.python),
            Cell(look.word, look=look, order=look.word),
        ),
        search=f"{release.commit.message} {release.commit.id}".lower(),
    )


def roll_back_words(release: Release | None, serving: str | None) -> tuple[str, str]:
    """The button's words, and why it cannot be pressed ("" when it can)."""
    if release is None:
        return "Roll back", "Choose a release first."
    words = f"Roll back to {short(release.commit.id)}"
    if release.id == serving:
        return words, "This release serves already."
    return words, ""


ABOUT = "Rolling back restores the code, the environment and the settings. Data stay as they are."
