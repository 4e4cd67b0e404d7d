"""holdfast app update: what was pushed goes live."""

from __future__ import annotations

import typer

from holdfast.cli.forms.app import updated_form
from holdfast.cli.session import Json, Name, Node, session_of
from holdfast.cli.tables.app import updated_table
from holdfast.domain.names import parse_app_name


def update(context: typer.Context, name: Name, json: Json = False, node: Node = None) -> None:
    """Make the followed branch's newest commit live, without a restart where it is code alone."""
    session = session_of(context, json, node)
    updated, steps = session.carry_out(session.desk.update(parse_app_name(name)))
    session.show(updated_form(updated, steps), updated_table(updated))
