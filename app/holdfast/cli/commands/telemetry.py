"""holdfast telemetry: what leaves an app, what its page may load from, and what is kept of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group

from holdfast.cli import terminal
from holdfast.cli.forms.figures import figures_changed_form
from holdfast.cli.forms.telemetry import telemetry_applied_form, telemetry_shown_form
from holdfast.cli.session import Json, Name, Node, Session, group, session_of
from holdfast.cli.tables.figures import figures_changed_table, figures_table
from holdfast.cli.tables.telemetry import telemetry_applied_table, telemetry_table
from holdfast.domain.errors import UsageError
from holdfast.domain.figures import FiguresChanged
from holdfast.domain.names import parse_app_name
from holdfast.domain.operation import Operation
from holdfast.domain.page_sources import parse_sources
from holdfast.domain.requests import TelemetryApplied
from holdfast.domain.telemetry import Telemetry
from holdfast.presenters.figures import as_json, as_text, not_saved
from holdfast.presenters.telemetry import asks_first

application = group("What leaves an app, and what is kept of it.")


@application.command()
def show(context: typer.Context, name: Name, json: Json = False, node: Node = None) -> None:
    """Show what was chosen, what holds, what leaves, and which figures Holdfast keeps itself."""
    session = session_of(context, json, node)
    app = parse_app_name(name)
    told = session.ask(session.desk.telemetry(app))
    figures = session.ask(session.desk.figures(app))
    shown = Group(telemetry_table(told), "", figures_table(figures))
    session.show(telemetry_shown_form(told, figures), shown)


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
    """Choose whether an app sends usage statistics, and Holdfast keeps figures of it; off deletes
    those that there are. A running app is started anew."""
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


@application.command()
def figures(
    context: typer.Context,
    name: Name,
    choice: Annotated[str, typer.Argument(metavar="on|off", show_default=False)],
    json: Json = False,
    node: Node = None,
) -> None:
    """Choose whether Holdfast measures the app and keeps that, whatever the app sends; off deletes
    what there is."""
    session = session_of(context, json, node)
    if choice not in ("on", "off"):
        raise UsageError(f"“{choice[:60]}” is no choice.", "There are on and off.", "Choose one.")
    _change_figures(session, session.desk.keep_figures(parse_app_name(name), choice == "on"))


@application.command()
def export(
    context: typer.Context,
    name: Name,
    csv: Annotated[bool, typer.Option("--csv", help="A table, instead of JSON.")] = False,
    save: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a new file, not here.")
    ] = None,
    json: Json = False,
    node: Node = None,
) -> None:
    """Hand out all figures that are kept of an app."""
    session = session_of(context, json, node)
    found = session.ask(session.desk.figures(parse_app_name(name)))
    if save is not None:
        _write_new(save, as_text(found, csv))
        done = {"name": found.app, "saved": str(save.absolute()), "figures": len(found.measured)}
        session.show(done, f"{len(found.measured)} measurements are in {save.absolute()}.")
    elif session.json:
        terminal.write_json(as_json(found))
    else:
        terminal.write_page(as_text(found, csv))


@application.command()
def delete(context: typer.Context, name: Name, json: Json = False, node: Node = None) -> None:
    """Delete all figures that are kept of an app; new ones are kept as before."""
    session = session_of(context, json, node)
    _change_figures(session, session.desk.delete_figures(parse_app_name(name)))


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


def _change_figures(session: Session, operation: Operation[FiguresChanged]) -> None:
    done, _ = session.carry_out(operation)
    session.show(figures_changed_form(done), figures_changed_table(done))


def _write_new(file: Path, text: str) -> None:
    try:
        with file.open("x", encoding="utf-8") as opened:
            opened.write(text)
    except OSError as error:
        raise not_saved(file, error) from error
