"""holdfast gitlab, gitea, forgejo and bitbucket: the sign-ins that take a token."""

from __future__ import annotations

from typing import Annotated

import typer

from holdfast.cli.forms.github import account_form
from holdfast.cli.given import asked, given_token
from holdfast.cli.session import Json, Node, Session, group, session_of
from holdfast.cli.tables.github import account_table
from holdfast.domain.forge_account import PUBLIC_APIS, ForgeKind, SignIn, example_api

FORGES = tuple(forge for forge in ForgeKind if forge is not ForgeKind.GITHUB)


def sign_in_group(forge: ForgeKind) -> typer.Typer:
    application = group(f"The sign-in to {forge.value}.")
    api_option = typer.Option(
        PUBLIC_APIS[forge],
        "--api",
        metavar="URL",
        help=f"Of another {forge.value}: {example_api(forge)}.",
    )

    kept = application.command(
        "sign-in",
        help=f"Keep a token of {forge.value}'s, read from standard input or asked for, and say what"
        " it may do.",
    )

    def keep(session: Session, api: str, user: str = "") -> None:
        wanted = SignIn(token=given_token(), user=user, api=api, forge=forge)
        account, _ = session.carry_out(session.desk.sign_in(wanted))
        session.show(account_form(account), account_table(account))

    def sign_in(
        context: typer.Context, api: str = api_option, json: Json = False, node: Node = None
    ) -> None:
        keep(session_of(context, json, node), api)

    def sign_in_with_owner(
        context: typer.Context,
        email: Annotated[
            str, typer.Option(metavar="ADDRESS", help="The e-mail address of the token's owner.")
        ] = "",
        api: str = api_option,
        json: Json = False,
        node: Node = None,
    ) -> None:
        keep(session_of(context, json, node), api, email or asked("E-mail address"))

    kept(sign_in_with_owner if forge.asks_user else sign_in)

    @application.command()
    def show(context: typer.Context, json: Json = False, node: Node = None) -> None:
        """Say whose token is kept, which rights it has and lacks, and when it ends."""
        session = session_of(context, json, node)
        account = session.ask(session.desk.account(forge))
        session.show(account_form(account), account_table(account))

    @application.command(
        "sign-out",
        help=f"Forget the token. To make it worthless, revoke it in {forge.value}'s settings.",
    )
    def sign_out(context: typer.Context, json: Json = False, node: Node = None) -> None:
        session = session_of(context, json, node)
        kept, _ = session.carry_out(session.desk.sign_out(forge))
        name = forge.value
        said = f"The token is forgotten. {name} goes on taking it: revoke it in {name}'s settings."
        session.show({"signed_out": kept}, said if kept else "You were not signed in.")

    return application
