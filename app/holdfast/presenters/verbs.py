"""What can be done to an app in each state, in the words of buttons, menus and the palette."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from holdfast.domain.app import AppState
from holdfast.domain.names import AppName
from holdfast.domain.node import AppSummary, Snapshot
from holdfast.presenters.node_panel import can_seal, can_unseal
from holdfast.presenters.rows import Cell, Column, Row
from holdfast.presenters.states import APP_LOOKS


class Verb(StrEnum):
    OPEN = "open"
    COPY_ADDRESS = "copy address"
    STOP = "stop"
    START = "start"
    RESTART = "restart"
    REDEPLOY = "redeploy"
    SECRETS = "secrets"
    REMOVE = "remove"
    UNSEAL = "unseal"
    SEAL = "seal"


WORDS = {
    Verb.OPEN: "Open",
    Verb.COPY_ADDRESS: "Copy address",
    Verb.STOP: "Stop",
    Verb.START: "Start",
    Verb.RESTART: "Restart",
    Verb.REDEPLOY: "Redeploy",
    Verb.SECRETS: "Secrets",
    Verb.REMOVE: "Remove…",
    Verb.UNSEAL: "Unseal",
    Verb.SEAL: "Seal",
}

_ALWAYS = (Verb.REMOVE,)
_BY_STATE = {
    AppState.RUNNING: (Verb.OPEN, Verb.COPY_ADDRESS, Verb.STOP, Verb.RESTART, Verb.REDEPLOY),
    AppState.STARTING: (Verb.COPY_ADDRESS, Verb.STOP),
    AppState.CRASHED: (Verb.COPY_ADDRESS, Verb.STOP, Verb.RESTART, Verb.REDEPLOY),
    AppState.STOPPED: (Verb.START, Verb.REDEPLOY),
    AppState.SEALED: (Verb.UNSEAL,),
    AppState.UNSEALING: (),
    AppState.DEPLOYING: (),
    AppState.FAILED: (Verb.START, Verb.REDEPLOY),
}


def verbs_for(app: AppSummary) -> tuple[Verb, ...]:
    """What the app's state admits, the most natural first; nothing else is offered."""
    allowed = _BY_STATE[app.state]
    if app.release is None:
        allowed = tuple(v for v in allowed if v not in (Verb.START, Verb.REDEPLOY))
    if app.state in (AppState.RUNNING, AppState.STOPPED, AppState.CRASHED):
        allowed = (*allowed, Verb.SECRETS)
    if app.url is None:
        allowed = tuple(v for v in allowed if v not in (Verb.OPEN, Verb.COPY_ADDRESS))
    return (*allowed, *_ALWAYS)


class Place(StrEnum):
    """Where the palette and the sidebar can go."""

    APPS = "Apps"
    REPOSITORIES = "Repositories"
    CERTIFICATES = "Certificates"
    VOLUMES = "Volumes"
    SETTINGS = "Settings"
    KIT = "Recovery kit"
    NEW_APP = "New app"


@dataclass(frozen=True, slots=True)
class Command:
    """One line of the palette: a place, an app's page, or a verb upon an app."""

    title: str
    detail: str = ""
    place: Place | None = None
    verb: Verb | None = None
    app: AppName | None = None


def commands(snapshot: Snapshot | None) -> tuple[Command, ...]:
    found = [
        Command("New app", "Ctrl+N", place=Place.NEW_APP),
        Command("Go to Apps", "Ctrl+1", place=Place.APPS),
        Command("Go to Repositories", "Ctrl+2", place=Place.REPOSITORIES),
        Command("Go to Certificates", "Ctrl+3", place=Place.CERTIFICATES),
        Command("Go to Volumes", "Ctrl+4", place=Place.VOLUMES),
        Command("Go to Settings", "Ctrl+5", place=Place.SETTINGS),
        Command("Go to Recovery kit", "Ctrl+6", place=Place.KIT),
    ]
    if can_unseal(snapshot):
        found.append(Command("Unseal the node", verb=Verb.UNSEAL))
    if can_seal(snapshot):
        found.append(Command("Seal the node", verb=Verb.SEAL))
    for app in snapshot.apps if snapshot else ():
        found.append(Command(f"Go to {app.name}", APP_LOOKS[app.state].word, app=app.name))
    for app in snapshot.apps if snapshot else ():
        for verb in verbs_for(app):
            if verb is not Verb.UNSEAL:
                words = WORDS[verb].removesuffix("…")
                found.append(Command(f"{words} {app.name}", verb=verb, app=app.name))
    return tuple(found)


NO_COMMAND = "No command matches."
COMMAND_COLUMNS = (Column("Command", 280, 1), Column("Keys", 110, numeric=True))


def command_rows(found: tuple[Command, ...]) -> tuple[Row, ...]:
    return tuple(Row(each.title, (Cell(each.title), Cell(each.detail))) for each in found)


def matching(found: tuple[Command, ...], needle: str) -> tuple[Command, ...]:
    """Those that contain every word typed; titles that begin with it come first."""
    words = needle.lower().split()
    hits = [c for c in found if all(word in c.title.lower() for word in words)]
    return tuple(sorted(hits, key=lambda c: not c.title.lower().startswith(needle.lower())))
