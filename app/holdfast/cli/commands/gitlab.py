"""holdfast gitlab: the sign-in by which deploy keys are installed at GitLab."""

from __future__ import annotations

from typing import Annotated

import typer

from holdfast.cli.forms.github import account_form
from holdfast.cli.given import given_token
from holdfast.cli.session import Json, Node, group, session_of
from holdfast.cli.tables.github import account_table
from holdfast.domain.forge_account import PUBLIC_APIS, ForgeKind, SignIn

application = group("The sign-in to GitLab.")
_FORGE = ForgeKind.GITLAB


@application.command("sign-in")
def sign_in(
    context: typer.Context,
    api: Annotated[
        str, typer.Option(metavar="URL", help="Of a GitLab of your own: https://HOST/api/v4.")
    ] = PUBLIC_APIS[_FORGE],
    json: Json = False,
    node: Node = None,
) -> None:
    """Keep a token of GitLab's, read from standard input or asked for, and say what it may do."""
    session = session_of(context, json, node)
    wanted = SignIn(token=given_token(), api=api, forge=_FORGE)
    account, _ = session.carry_out(session.desk.sign_in(wanted))
    session.show(account_form(account), account_table(account))


@application.command()
def show(context: typer.Context, json: Json = False, node: Node = None) -> None:
    """Say whose token is kept, which rights it has and lacks, and when it ends."""
    session = session_of(context, json, node)
    account = session.ask(session.desk.account(_FORGE))
    session.show(account_form(account), account_table(account))


@application.command("sign-out")
def sign_out(context: typer.Context, json: Json = False, node: Node = None) -> None:
    """Forget the token. To make it worthless, revoke it in GitLab's settings."""
    session = session_of(context, json, node)
    kept, _ = session.carry_out(session.desk.sign_out(_FORGE))
    said = "The token is forgotten. GitLab goes on taking it: revoke it in GitLab's settings."
    session.show({"signed_out": kept}, said if kept else "You were not signed in.")
