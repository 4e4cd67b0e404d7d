"""holdfast secrets: an app's secrets.toml, whose values are shown when that is asked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated

import typer

from holdfast.cli import terminal
from holdfast.cli.commands.finding import find_app
from holdfast.cli.editor import edited
from holdfast.cli.forms.secrets import listed_secrets_form, secret_form, secrets_form
from holdfast.cli.given import given_document, given_value
from holdfast.cli.session import Json, Name, Node, Session, group, session_of
from holdfast.cli.tables.secrets import listed_secrets_table, secrets_table
from holdfast.domain.asked_secrets import missing_secrets
from holdfast.domain.errors import UsageError
from holdfast.domain.frameworks import Framework
from holdfast.domain.names import AppName, parse_app_name
from holdfast.domain.operation import Operation
from holdfast.domain.requests import SecretsApplied
from holdfast.domain.secrets_change import index_document
from holdfast.domain.secrets_document import parse, parse_dotenv
from holdfast.domain.secrets_values import parse_name, reveal, spell, values_of
from holdfast.presenters.secrets import STARTED_AGAIN

application = group("The apps' secrets.")

Secret = Annotated[
    str,
    typer.Argument(metavar="SECRET", help="Its name; dots lead into sections.", show_default=False),
]
Later = Annotated[
    bool,
    typer.Option("--later", help="Do not start the app again; Streamlit needs no new start."),
]


@application.command("list")
def list_secrets(context: typer.Context, name: Name, json: Json = False, node: Node = None) -> None:
    """List the names of an app's secrets, without their values."""
    session = session_of(context, json, node)
    kept = session.ask(session.desk.secrets(parse_app_name(name)))
    found = values_of(kept.document)
    missing = missing_secrets(kept.document, kept.asked)
    session.show(
        listed_secrets_form(found, missing, len(kept.document.reveal())),
        listed_secrets_table(found, missing),
    )


@application.command()
def get(
    context: typer.Context,
    name: Name,
    secret: Secret,
    reveal_it: Annotated[bool, typer.Option("--reveal", help="Yes, show the value.")] = False,
    json: Json = False,
    node: Node = None,
) -> None:
    """Show one secret's value."""
    session = session_of(context, json, node)
    app, path = parse_app_name(name), parse_name(secret)
    if not reveal_it:
        raise UsageError(
            f"Showing “{spell(path)}” needs --reveal.",
            "Its value would be seen here, and may be kept by the terminal.",
            "Repeat the command with --reveal if that is meant.",
        )
    value = reveal(session.ask(session.desk.secrets(app)).document, path).reveal().decode()
    if session.json:
        terminal.write_json(secret_form(spell(path), value))
        return
    for line in value.split("\n"):
        terminal.write_line(line)


@application.command("set")
def set_secret(
    context: typer.Context,
    name: Name,
    secret: Secret,
    toml: Annotated[
        bool, typer.Option("--toml", help='The value is TOML: 5432, true, ["a", "b"].')
    ] = False,
    later: Later = False,
    json: Json = False,
    node: Node = None,
) -> None:
    """Set one secret; its value is read from standard input, or asked for."""
    session = session_of(context, json, node)
    app, path = parse_app_name(name), parse_name(secret)
    value = given_value(spell(path))
    _change(session, app, later, partial(session.desk.set_secret, app, path, value, toml))


@application.command()
def index(
    context: typer.Context,
    name: Name,
    host: Annotated[
        str, typer.Argument(metavar="HOST", help="The package index's host.", show_default=False)
    ],
    username: Annotated[str, typer.Option(metavar="USER", help="Its user's name.")] = "__token__",
    json: Json = False,
    node: Node = None,
) -> None:
    """Keep the password of a private package index, for the build alone; it is read from standard
    input, or asked for."""
    session = session_of(context, json, node)
    app = parse_app_name(name)
    document = index_document(host.lower(), username, given_value(f"the user {username}"))
    _change(session, app, True, partial(session.desk.import_secrets, app, document.reveal(), True))


@application.command()
def unset(
    context: typer.Context,
    name: Name,
    secret: Secret,
    later: Later = False,
    json: Json = False,
    node: Node = None,
) -> None:
    """Remove one secret, or a whole section."""
    session = session_of(context, json, node)
    app, path = parse_app_name(name), parse_name(secret)
    _change(session, app, later, partial(session.desk.unset_secret, app, path))


@application.command("import")
def import_secrets(
    context: typer.Context,
    name: Name,
    file: Annotated[
        str,
        typer.Argument(metavar="FILE|-", help="A secrets.toml or .env; - reads standard input."),
    ],
    merge: Annotated[
        bool, typer.Option("--merge", help="Keep those that the file does not name.")
    ] = False,
    dotenv: Annotated[
        bool, typer.Option("--dotenv", help="It has lines NAME=value, as a file .env has.")
    ] = False,
    later: Later = False,
    json: Json = False,
    node: Node = None,
) -> None:
    """Replace an app's secrets by those of a file."""
    session = session_of(context, json, node)
    app = parse_app_name(name)
    text = given_document(file)
    document = parse_dotenv(text) if dotenv or file.endswith(".env") else parse(text)
    _change(
        session, app, later, partial(session.desk.import_secrets, app, document.reveal(), merge)
    )


@application.command()
def edit(
    context: typer.Context,
    name: Name,
    later: Later = False,
    json: Json = False,
    node: Node = None,
) -> None:
    """Open an app's secrets in your editor, on a file in RAM."""
    session = session_of(context, json, node)
    app = parse_app_name(name)
    before = session.ask(session.desk.secrets(app)).document
    after = edited(before, session.world.ram_folder())
    _change(session, app, later, partial(session.desk.edit_secrets, app, before, after))


@application.command()
def undo(
    context: typer.Context,
    name: Name,
    later: Later = False,
    json: Json = False,
    node: Node = None,
) -> None:
    """Return to the version before the last change; a second time, to that change."""
    session = session_of(context, json, node)
    app = parse_app_name(name)
    _change(session, app, later, partial(session.desk.undo_secrets, app))


def _wants_later(session: Session, app: AppName) -> bool:
    """On a terminal, whoever would start an app again is asked; a script has said so."""
    if not session.can_ask:
        return False
    state = find_app(session.ask(session.desk.list()), app).state
    framework = session.ask(session.desk.secrets(app)).framework
    if state not in STARTED_AGAIN or framework in (None, Framework.STREAMLIT):
        return False
    return not typer.confirm(
        f"{app} reads its variables when it starts. Start it again now?", default=True, err=True
    )


def _change(
    session: Session, app: AppName, later: bool, verb: Callable[[bool], Operation[SecretsApplied]]
) -> None:
    applied, _ = session.carry_out(verb(later or _wants_later(session, app)))
    session.show(secrets_form(applied), secrets_table(applied))
