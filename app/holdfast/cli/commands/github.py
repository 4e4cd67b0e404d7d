"""holdfast github: the sign-in by which repositories are found and deploy keys installed."""

from __future__ import annotations

from typing import Annotated

import typer

from holdfast.cli import terminal
from holdfast.cli.forms.github import account_form
from holdfast.cli.given import given_token
from holdfast.cli.session import Json, Node, group, session_of
from holdfast.cli.tables.github import account_table
from holdfast.domain.forge_account import PUBLIC_API, DeviceCode, SignIn

application = group("The sign-in to GitHub.")


@application.command("sign-in")
def sign_in(
    context: typer.Context,
    token: Annotated[
        bool, typer.Option("--token", help="A token, read from standard input or asked for.")
    ] = False,
    client_id: Annotated[
        str,
        typer.Option(
            metavar="ID",
            envvar="HOLDFAST_GITHUB_CLIENT_ID",
            help="Of an OAuth app of yours, to sign in with a code in the browser.",
        ),
    ] = "",
    api: Annotated[
        str, typer.Option(metavar="URL", help="GitHub Enterprise's: https://HOST/api/v3.")
    ] = PUBLIC_API,
    json: Json = False,
    node: Node = None,
) -> None:
    """Keep a token of GitHub's in the keychain, and say what it may do."""
    session = session_of(context, json, node)
    wanted = SignIn(token=given_token() if token else None, client_id=client_id, api=api)
    account, _ = session.carry_out(session.desk.sign_in(wanted), _tell_code)
    session.show(account_form(account), account_table(account))


@application.command()
def show(context: typer.Context, json: Json = False, node: Node = None) -> None:
    """Say whose token is kept, which rights it has and lacks, and when it ends."""
    session = session_of(context, json, node)
    account = session.ask(session.desk.account())
    session.show(account_form(account), account_table(account))


@application.command("sign-out")
def sign_out(context: typer.Context, json: Json = False, node: Node = None) -> None:
    """Forget the token. To make it worthless, revoke it in GitHub's settings."""
    session = session_of(context, json, node)
    kept, _ = session.carry_out(session.desk.sign_out())
    said = "The token is forgotten. GitHub goes on taking it: revoke it in GitHub's settings."
    session.show({"signed_out": kept}, said if kept else "You were not signed in.")


def _tell_code(code: DeviceCode) -> None:
    terminal.progress().print(f"Open {code.page} and type {code.user_code}", soft_wrap=True)
