"""holdfast doctor, demo, and the window: what is about this machine and not about an app."""

from __future__ import annotations

import typer

from holdfast.cli import terminal
from holdfast.cli.failures import NotAllWell
from holdfast.cli.forms.machine import preconditions_form
from holdfast.cli.session import Json, Node, UseEngine, session_of
from holdfast.cli.tables.machine import preconditions_table
from holdfast.presenters.quantities import count


def doctor(context: typer.Context, json: Json = False, node: Node = None) -> None:
    """Check everything that Holdfast needs of this machine."""
    session = session_of(context, json, node)
    found = session.ask(session.world.doctor())
    form, human = preconditions_form(found), preconditions_table(found)
    missing = [each for each in found if each.state == "missing"]
    if not missing:
        session.show(form, human)
        return
    session.fail(
        NotAllWell(
            form,
            f"{count(len(missing), 'precondition')} missing.",
            " ".join(each.reason for each in missing),
            next((each.remedy for each in missing if each.remedy), ""),
        ),
        human,
    )


def demo(
    context: typer.Context, use_engine: UseEngine = False, json: Json = False, node: Node = None
) -> None:
    """Show Holdfast with an app of its own."""
    session = session_of(context, json, node)
    status = session.world.demo(use_engine)
    if session.json:
        terminal.write_json({"exit_status": status})
    raise typer.Exit(status)


def window(context: typer.Context, json: Json = False, node: Node = None) -> None:
    """A private app cloud for a small team. Without a command: the window."""
    session = session_of(context, json, node)
    context.obj = session
    if context.invoked_subcommand is None:
        raise typer.Exit(session.world.window(session.node))
