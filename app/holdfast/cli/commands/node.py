"""holdfast node: the engine's life and its seal."""

from __future__ import annotations

from typing import Annotated

import typer

from holdfast.cli import tables
from holdfast.cli.commands.receipt import show_removal
from holdfast.cli.forms import node_form
from holdfast.cli.session import Json, Node, Session, UseEngine, group, session_of
from holdfast.cli.world import NodeControl
from holdfast.domain.node import NodeState, NodeStatus

application = group("The node: the engine on which the apps run.")


def _control(session: Session, use_engine: bool = False) -> NodeControl:
    return session.world.node_control(session.node, use_engine)


def _show(session: Session, status: NodeStatus) -> None:
    session.show(node_form(status), tables.node(status))


@application.command()
def start(
    context: typer.Context,
    unseal: Annotated[bool, typer.Option("--unseal", help="Unseal it as well.")] = False,
    use_engine: UseEngine = False,
    json: Json = False,
    node: Node = None,
) -> None:
    """Start the node."""
    session = session_of(context, json, node)
    status, _ = session.carry_out(_control(session, use_engine).start(unseal))
    _show(session, status)


@application.command()
def stop(context: typer.Context, json: Json = False, node: Node = None) -> None:
    """Stop the node, and with it every app: it is sealed when it starts again."""
    session = session_of(context, json, node)
    session.carry_out(_control(session).stop())
    session.show({"state": NodeState.STOPPED.value}, "The node is stopped.")


@application.command()
def status(context: typer.Context, json: Json = False, node: Node = None) -> None:
    """Say how the node is."""
    session = session_of(context, json, node)
    _show(session, session.ask(_control(session).status()))


@application.command()
def unseal(context: typer.Context, json: Json = False, node: Node = None) -> None:
    """Open the volumes with the keys of this machine's keychain, and start the apps."""
    session = session_of(context, json, node)
    status, _ = session.carry_out(_control(session).unseal())
    _show(session, status)


@application.command()
def remove(context: typer.Context, json: Json = False, node: Node = None) -> None:
    """Remove the node with everything on it."""
    session = session_of(context, json, node)
    removal, _ = session.carry_out(_control(session).remove())
    show_removal(session, removal)
