"""holdfast app follow: what happens when an app's branch has a newer commit."""

from __future__ import annotations

from typing import Annotated

import typer

from holdfast.cli.forms.app import followed_form
from holdfast.cli.session import Json, Name, Node, session_of
from holdfast.cli.tables.app import followed_table
from holdfast.domain.app import FollowMode
from holdfast.domain.names import parse_app_name


def follow(
    context: typer.Context,
    name: Name,
    mode: Annotated[
        FollowMode | None,
        typer.Option(help="Make new commits live by itself, tell of them, or do nothing."),
    ] = None,
    branch: Annotated[str | None, typer.Option(help="The branch to follow.")] = None,
    json: Json = False,
    node: Node = None,
) -> None:
    """Say how an app follows its branch, or change that, and look at the branch now."""
    session = session_of(context, json, node)
    app = parse_app_name(name)
    if mode is None and branch is None:
        followed = session.ask(session.desk.check_branch(app))
    else:
        followed, _ = session.carry_out(session.desk.follow(app, mode, branch))
    session.show(followed_form(followed), followed_table(followed))
