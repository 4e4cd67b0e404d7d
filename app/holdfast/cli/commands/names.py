"""holdfast app names: the host names of an app."""

from __future__ import annotations

from typing import Annotated

import typer

from holdfast.cli.forms.app import names_form
from holdfast.cli.session import Json, Name, Node, session_of
from holdfast.cli.tables.app import names_table
from holdfast.domain.host_names import parse_change
from holdfast.domain.names import parse_app_name


def names(
    context: typer.Context,
    name: Name,
    add: Annotated[
        list[str] | None,
        typer.Option(metavar="HOST", help="Serve the app at this name too.", show_default=False),
    ] = None,
    redirect: Annotated[
        list[str] | None,
        typer.Option(
            metavar="HOST", help="Lead from this name to the main one.", show_default=False
        ),
    ] = None,
    remove: Annotated[
        list[str] | None,
        typer.Option(metavar="HOST", help="Take this further name away.", show_default=False),
    ] = None,
    json: Json = False,
    node: Node = None,
) -> None:
    """Show the host names of an app, or change its further ones. Pages that are open stay open."""
    session = session_of(context, json, node)
    app = parse_app_name(name)
    change = parse_change(add, redirect, remove)
    if change.is_empty:
        found = session.ask(session.desk.names(app))
    else:
        found, _ = session.carry_out(session.desk.change_names(app, change))
    session.show(names_form(found), names_table(found))
