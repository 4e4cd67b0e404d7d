"""What a proof comes to: from all that was seen to what is reported."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from holdfast.domain import names
from holdfast.domain.marks import FORM_NAMES, Found, Marks, forms
from holdfast.domain.names import AppName
from holdfast.domain.proof import Control, Hit, Limit, Place, Planted, Proof, Unsearched
from holdfast.node.controls import CONTROLS
from holdfast.node.disk_search import DiskSearch
from holdfast.node.proof_app import CODE, FILE, LINE, OWN, SECRET, UPLOAD
from holdfast.node.told_search import Told

#: What each mark is, and how it got there.
_PLANTED = {
    CODE: ("code", "Committed, fetched by git into an encrypted volume, and run from there."),
    FILE: ("a written file", "Written by an app to /data."),
    LINE: ("a printed line", "Printed by an app, and written into its log."),
    SECRET: ("a secret", "Stored in the keychain, and handed to a running app."),
    UPLOAD: ("an upload", "2 MiB, sent through the edge as a visitor sends it."),
    OWN: ("a file of {app}", "Written to /data within {app}’s own container."),
}
_PART = "a part of a mark"


@dataclass(frozen=True, slots=True)
class Searched:
    """roots: folders of the engine's host, and files with swap. swaps: all that were read. seen:
    marks that were read where they belong."""

    roots: tuple[str, ...]
    swaps: tuple[str, ...]
    seen: frozenset[str]
    disk: DiskSearch
    told: Told
    limits: tuple[list[Limit], list[Unsearched]]
    seconds: float


def result(
    app: AppName,
    began: datetime,
    finished: datetime,
    marks: Marks,
    searched: Searched,
    left: tuple[str, ...],
) -> Proof:
    disk, told = searched.disk, searched.told
    limits, not_opened = searched.limits
    files = Place(_everything(searched), disk.files, "file", disk.bytes)
    return Proof(
        app=app,
        began=began,
        finished=finished,
        planted=tuple(
            Planted(what.format(app=app), way.format(app=app), mark in searched.seen)
            for mark, (what, way) in _PLANTED.items()
        ),
        controls=tuple(_controls(marks, disk)),
        places=(files, *told.places),
        forms=FORM_NAMES,
        hits=tuple(dict.fromkeys(_hits(app, disk, told))),
        exceptions=tuple(
            f"The secret is in the environment of a process of {container}, in RAM: the command "
            "of a Procfile knows nothing else."
            for container, found in told.exceptions.items()
            if found == {SECRET} and _is_proofs(container)
        ),
        unsearched=(*disk.unsearched, *told.unsearched, *not_opened),
        limits=tuple(limits),
        left=left,
        seconds=searched.seconds,
    )


def _everything(searched: Searched) -> str:
    folders = [root for root in searched.roots if root not in searched.swaps]
    swap = f", and the swap on {' and '.join(searched.swaps)}" if searched.swaps else ""
    return f"Every file below {' and '.join(folders)}{swap}"


def _controls(marks: Marks, disk: DiskSearch) -> Iterator[Control]:
    """That in the volume is there in every form, and each has to be found."""
    found = {seen.found for seen in disk.seen}
    for mark, where in CONTROLS.items():
        wanted = [form for form, _ in forms(marks[mark])] if mark == "volume" else ["plain"]
        yield Control(where, all(Found(mark, form) in found for form in wanted))


def _hits(app: AppName, disk: DiskSearch, told: Told) -> Iterator[Hit]:
    everywhere = [*((seen.path, seen.found) for seen in disk.seen), *told.seen]
    for container, marks in told.exceptions.items():
        for mark in marks:
            if mark != SECRET or not _is_proofs(container):
                everywhere.append((f"environment of {container}", Found(mark, "plain")))
    for where, found in everywhere:
        if found.mark not in CONTROLS:
            what = _PLANTED[found.mark][0].format(app=app) if found.mark in _PLANTED else _PART
            yield Hit(what, found.form, where)


def _is_proofs(container: str) -> bool:
    return container.startswith(names.runner(names.PROOF, ""))
