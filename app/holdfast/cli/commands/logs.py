"""holdfast app logs: what an app printed."""

from __future__ import annotations

from typing import Annotated

import typer

from holdfast.cli import terminal
from holdfast.cli.session import Json, Name, Node, session_of
from holdfast.domain.names import parse_app_name


def logs(
    context: typer.Context,
    name: Name,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on with each new line, until Ctrl-C.")
    ] = False,
    lines: Annotated[int, typer.Option(min=0, help="The last so many lines.")] = 100,
    json: Json = False,
    node: Node = None,
) -> None:
    """Show what an app printed."""
    session = session_of(context, json, node)
    app = parse_app_name(name)
    if follow:
        tell = _write_json_line if session.json else terminal.write_line
        session.follow(session.desk.follow_logs(app, lines), tell)
        return
    printed = session.ask(session.desk.read_logs(app, lines))
    if session.json:
        terminal.write_json({"lines": list(printed)})
        return
    for line in printed:
        terminal.write_line(line)


def _write_json_line(line: str) -> None:
    terminal.write_json({"line": line})
