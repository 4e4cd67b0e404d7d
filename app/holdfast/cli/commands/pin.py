"""holdfast app pin and unpin: one commit for an app, whatever is pushed."""

from __future__ import annotations

from typing import Annotated

import typer

from holdfast.cli.forms.app import followed_form
from holdfast.cli.session import Json, Name, Node, session_of
from holdfast.cli.tables.app import followed_table
from holdfast.domain.names import parse_app_name


def pin(
    context: typer.Context,
    name: Name,
    commit: Annotated[
        str | None, typer.Argument(help="A tag or a commit; the one that serves if none is given.")
    ] = None,
    json: Json = False,
    node: Node = None,
) -> None:
    """Make a tag or a commit live, and leave the app at it: pushes are not made live."""
    session = session_of(context, json, node)
    followed, _ = session.carry_out(session.desk.pin(parse_app_name(name), commit))
    session.show(followed_form(followed), followed_table(followed))


def unpin(context: typer.Context, name: Name, json: Json = False, node: Node = None) -> None:
    """Let a pinned app follow its branch again."""
    session = session_of(context, json, node)
    followed, _ = session.carry_out(session.desk.unpin(parse_app_name(name)))
    session.show(followed_form(followed), followed_table(followed))
