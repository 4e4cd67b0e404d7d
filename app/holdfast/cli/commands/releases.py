"""holdfast app releases and rollback: what an app was, and how it becomes that again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from holdfast.cli.commands.finding import find_app
from holdfast.cli.forms.app import deployed_form
from holdfast.cli.forms.releases import releases_form
from holdfast.cli.session import Json, Name, Node, Session, session_of
from holdfast.cli.tables.app import deployed_table
from holdfast.cli.tables.releases import releases_table
from holdfast.domain.app import Release
from holdfast.domain.errors import HoldfastError
from holdfast.domain.names import AppName, parse_app_name


def releases(context: typer.Context, name: Name, json: Json = False, node: Node = None) -> None:
    """List an app's releases, the newest first."""
    session = session_of(context, json, node)
    found, serving = _read(session, parse_app_name(name))
    session.show(releases_form(found, serving), releases_table(found, serving))


def rollback(
    context: typer.Context,
    name: Name,
    release: Annotated[
        str | None, typer.Argument(help="A release's id; the one before if none is given.")
    ] = None,
    json: Json = False,
    node: Node = None,
) -> None:
    """Return to an earlier release: its code, environment and settings. Data stay as they are."""
    session = session_of(context, json, node)
    app = parse_app_name(name)
    wanted = release or before_current(*_read(session, app)).id
    deployed, _ = session.carry_out(session.desk.roll_back(app, wanted))
    session.show(deployed_form(deployed), deployed_table(deployed))


def before_current(found: Sequence[Release], serving: str | None) -> Release:
    """The one made before the release that serves. found: the newest first."""
    ids = [each.id for each in found]
    after = ids.index(serving) + 1 if serving in ids else len(ids)
    if after >= len(ids):
        raise HoldfastError(
            "There is no release to roll back to.",
            "The app's current release is the oldest that is kept."
            if ids
            else "No release has been made yet.",
            "“holdfast app releases NAME” shows all of them.",
        )
    return found[after]


def _read(session: Session, app: AppName) -> tuple[tuple[Release, ...], str | None]:
    desk = session.desk
    serving = find_app(session.ask(desk.list()), app).release
    return session.ask(desk.releases(app)), serving
