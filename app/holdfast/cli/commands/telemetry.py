"""holdfast telemetry: what leaves an app, and what its page may load from."""

from __future__ import annotations

from typing import Annotated

import typer

from holdfast.cli.forms.telemetry import telemetry_applied_form, telemetry_form
from holdfast.cli.session import Json, Name, Node, Session, group, session_of
from holdfast.cli.tables.telemetry import telemetry_applied_table, telemetry_table
from holdfast.domain.errors import UsageError
from holdfast.domain.names import parse_app_name
from holdfast.domain.operation import Operation
from holdfast.domain.page_sources import parse_sources
from holdfast.domain.requests import TelemetryApplied
from holdfast.domain.telemetry import Telemetry
from holdfast.presenters.telemetry import asks_first

application = group("What leaves an app.")


@application.command()
def show(context: typer.Context, name: Name, json: Json = False, node: Node = None) -> None:
    """Show what was chosen, what holds, and what leaves."""
    session = session_of(context, json, node)
    told = session.ask(session.desk.telemetry(parse_app_name(name)))
    session.show(telemetry_form(told), telemetry_table(told))


@application.command("set")
def set_telemetry(
    context: typer.Context,
    name: Name,
    choice: Annotated[str, typer.Argument(metavar="as-repository|off|on", show_default=False)],
    yes: Annotated[
        bool, typer.Option("--yes", help="Also where the repository wants no statistics.")
    ] = False,
    later: Annotated[
        bool, typer.Option("--later", help="Do not start the app anew; its page obeys at once.")
    ] = False,
    json: Json = False,
    node: Node = None,
) -> None:
    """Choose whether an app sends usage statistics. A running app is started anew."""
    session = session_of(context, json, node)
    app, wanted = parse_app_name(name), _parse(choice)
    against = yes or (wanted is Telemetry.ON and _confirmed(session, name))
    _change(session, session.desk.set_telemetry(app, wanted, against, later))


@application.command()
def sources(
    context: typer.Context,
    name: Name,
    allowed: Annotated[str, typer.Argument(metavar="own|listed|anywhere", show_default=False)],
    host: Annotated[
        list[str] | None,
        typer.Option(metavar="HOST", help="A host that is listed; *. stands for all below."),
    ] = None,
    json: Json = False,
    node: Node = None,
) -> None:
    """Choose what an app's page may load from."""
    session = session_of(context, json, node)
    app, chosen = parse_app_name(name), parse_sources(allowed, host or [])
    _change(session, session.desk.set_page_sources(app, chosen))


def _parse(choice: str) -> Telemetry:
    try:
        return Telemetry(choice)
    except ValueError:
        raise UsageError(
            f"“{choice[:60]}” is no choice.",
            f"There are {', '.join(Telemetry)}.",
            "Choose one of them.",
        ) from None


def _confirmed(session: Session, name: str) -> bool:
    """On a terminal, whoever turns them on against the repository is asked."""
    if not session.can_ask:
        return False
    told = session.ask(session.desk.telemetry(parse_app_name(name)))
    question = asks_first(told, Telemetry.ON)
    if question is None:
        return False
    return typer.confirm(f"{question.title}. {question.action}?", default=False, err=True)


def _change(session: Session, operation: Operation[TelemetryApplied]) -> None:
    done, _ = session.carry_out(operation)
    session.show(telemetry_applied_form(done), telemetry_applied_table(done))
