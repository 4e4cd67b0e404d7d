"""holdfast secrets: an app's secrets.toml, whose values are never shown."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from holdfast.cli import tables
from holdfast.cli.forms import secrets_form
from holdfast.cli.session import Json, Name, Node, group, session_of
from holdfast.domain.errors import UsageError
from holdfast.domain.names import parse_app_name

application = group("The apps' secrets.")


@application.command("import")
def import_secrets(
    context: typer.Context,
    name: Name,
    file: Annotated[
        str, typer.Argument(metavar="FILE|-", help="A secrets.toml; - reads standard input.")
    ],
    merge: Annotated[
        bool, typer.Option("--merge", help="Keep those that the file does not name.")
    ] = False,
    json: Json = False,
    node: Node = None,
) -> None:
    """Replace an app's secrets by those of a file."""
    session = session_of(context, json, node)
    app = parse_app_name(name)
    text = _read(file)
    applied, _ = session.carry_out(session.desk.replace_secrets(app, text, merge))
    session.show(secrets_form(applied), tables.secrets(applied))


def _read(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise UsageError(
            f"“{file[:200]}” cannot be read.",
            error.strerror or "The system does not say why.",
            "Name a file that you may read, or - for standard input.",
        ) from error
