"""Releases as JSON."""

from __future__ import annotations

from collections.abc import Iterable

from holdfast.cli.forms.form import Form, moment
from holdfast.domain.app import Commit, Release
from holdfast.domain.operation import StepTime
from holdfast.domain.pin import Pin


def release_form(release: Release) -> Form:
    return {"id": release.id, **_commit_form(release.commit), "created": moment(release.created)}


def releases_form(releases: Iterable[Release], serving: str | None) -> Form:
    return {
        "releases": [
            {
                **release_form(each),
                "python": each.python,
                "current": each.id == serving,
                "kind": each.kind.value,
                "pin": pin_form(each.configuration.follow.pin),
                "author": each.commit.author,
                "by": each.by,
                "seconds": each.seconds,
                "steps": steps_form(each.steps),
            }
            for each in releases
        ]
    }


def pin_form(pin: Pin | None) -> Form | None:
    return {"tag": pin.tag, "commit": pin.commit} if pin else None


def steps_form(steps: Iterable[StepTime]) -> list[Form]:
    return [{"name": step.name, "seconds": step.seconds} for step in steps]


def _commit_form(commit: Commit) -> Form:
    return {"commit": commit.id, "message": commit.message}
