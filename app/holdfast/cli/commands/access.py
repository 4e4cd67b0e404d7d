"""holdfast access: who may visit an app."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from holdfast.cli.forms.access import access_form, issued_form
from holdfast.cli.given import check_free
from holdfast.cli.session import Json, Name, Node, group, session_of
from holdfast.cli.tables.access import access_table, issued_table
from holdfast.domain.errors import HoldfastError, reason_of
from holdfast.domain.names import parse_app_name
from holdfast.domain.visitor_access import (
    MOST_VISITOR_DAYS,
    VISITOR_DAYS,
    AccessMode,
    parse_visitor,
)
from holdfast.presenters.private_file import save_private
from holdfast.presenters.visitor_access import changed_sentence, revoked_sentence

application = group("Who may visit an app: everybody, or whoever has a certificate.")


@application.command()
def show(context: typer.Context, name: Name, json: Json = False, node: Node = None) -> None:
    """Show who may visit an app, and the certificates that were issued for it."""
    session = session_of(context, json, node)
    found = session.ask(session.desk.access(parse_app_name(name)))
    session.show(access_form(found), access_table(found))


@application.command("set")
def set_access(
    context: typer.Context,
    name: Name,
    mode: Annotated[AccessMode, typer.Argument(help="Who may visit it.", show_default=False)],
    json: Json = False,
    node: Node = None,
) -> None:
    """Let in everybody, or only who shows a certificate. Pages that are open stay open."""
    session = session_of(context, json, node)
    changed, _ = session.carry_out(session.desk.set_access(parse_app_name(name), mode))
    session.show(access_form(changed), changed_sentence(changed))


@application.command()
def issue(
    context: typer.Context,
    name: Name,
    visitor: Annotated[
        str, typer.Argument(metavar="VISITOR", help="Whose it is, and where.", show_default=False)
    ],
    save: Annotated[
        Path,
        typer.Option(
            metavar="FILE",
            help="Write it to this new .p12 file, which you alone can read.",
            show_default=False,
        ),
    ],
    days: Annotated[
        int, typer.Option(help=f"How long it lasts, {MOST_VISITOR_DAYS} at most.")
    ] = VISITOR_DAYS,
    json: Json = False,
    node: Node = None,
) -> None:
    """Issue a visitor's certificate; its passphrase is shown this once."""
    session = session_of(context, json, node)
    app, given = parse_app_name(name), parse_visitor(visitor, days)
    check_free(save)
    made, _ = session.carry_out(session.desk.issue_visitor(app, given, days))
    try:
        save_private(made.bundle.reveal(), save)
    except OSError as error:
        raise HoldfastError(
            f"The certificate could not be written to {save}.",
            reason_of(error),
            f"Revoke it: holdfast access revoke {app} {made.visitor.serial}. Then name another"
            " place.",
        ) from error
    saved = str(save.absolute())
    session.show(issued_form(app, made, saved), issued_table(made, saved))


@application.command()
def revoke(
    context: typer.Context,
    name: Name,
    visitor: Annotated[
        str,
        typer.Argument(
            metavar="VISITOR", help="A serial number of `access show`, or the name there."
        ),
    ],
    json: Json = False,
    node: Node = None,
) -> None:
    """Revoke a visitor's certificate: it opens no new connection from now on."""
    session = session_of(context, json, node)
    found, _ = session.carry_out(session.desk.revoke_visitor(parse_app_name(name), visitor))
    session.show(access_form(found), revoked_sentence(found.app))
