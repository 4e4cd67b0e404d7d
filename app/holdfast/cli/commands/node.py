"""holdfast node: the engine's life and its seal."""

from __future__ import annotations

from typing import Annotated

import typer

from holdfast.cli import terminal
from holdfast.cli.commands.kit_first import tell_lack
from holdfast.cli.commands.receipt import show_removal
from holdfast.cli.forms.node import news_form, node_form, published_form
from holdfast.cli.session import Json, Node, Session, UseEngine, group, session_of
from holdfast.cli.tables.node import news_line, node_table, published_table
from holdfast.cli.world import NodeControl
from holdfast.domain.errors import UsageError
from holdfast.domain.keeping import Kept
from holdfast.domain.names import parse_app_name
from holdfast.domain.node import NodeState, NodeStatus
from holdfast.domain.publication import parse_publication
from holdfast.domain.recovery_kit import KitState

application = group("The node: the engine on which the apps run.")


def _control(session: Session, use_engine: bool = False) -> NodeControl:
    return session.world.node_control(session.node, use_engine)


def _show(session: Session, status: NodeStatus) -> None:
    session.show(node_form(status), node_table(status))


def _tell_of_kit(status: NodeStatus) -> None:
    # whether one was confirmed the keychain knows, which is not asked for a look at the node
    if status.has_kit is False:
        tell_lack(KitState.MISSING)


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
    _tell_of_kit(status)


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
    found = session.ask(_control(session).status())
    _show(session, found)
    _tell_of_kit(found)


@application.command()
def unseal(
    context: typer.Context,
    app: Annotated[
        str | None, typer.Option("--app", metavar="NAME", help="This app alone.")
    ] = None,
    json: Json = False,
    node: Node = None,
) -> None:
    """Open the volumes with the keys of this machine's keychain, and start the apps."""
    session = session_of(context, json, node)
    chosen = parse_app_name(app) if app is not None else None
    status, _ = session.carry_out(_control(session).unseal(chosen))
    _show(session, status)


@application.command()
def seal(context: typer.Context, json: Json = False, node: Node = None) -> None:
    """End every app and close its volume; it stays so until somebody unseals it."""
    session = session_of(context, json, node)
    status, _ = session.carry_out(_control(session).seal())
    _show(session, status)


@application.command()
def publish(
    context: typer.Context,
    address: Annotated[
        str | None,
        typer.Argument(help="One of the node's, 0.0.0.0 for all, 127.0.0.1 for itself alone."),
    ] = None,
    https_port: Annotated[
        int | None, typer.Option("--https-port", min=1, max=65535, help="For TLS.")
    ] = None,
    http_port: Annotated[
        int | None, typer.Option("--http-port", min=1, max=65535, help="Leads to TLS.")
    ] = None,
    base_domain: Annotated[
        str | None,
        typer.Option("--base-domain", metavar="DOMAIN", help="Of new apps' host names."),
    ] = None,
    leave_open: Annotated[
        bool,
        typer.Option(
            "--leave-open", help="Apps of private repositories too: visitors need no certificate."
        ),
    ] = False,
    json: Json = False,
    node: Node = None,
) -> None:
    """Say where visitors reach the node, or with an address change it. Apps of private
    repositories are visited with a certificate from then on."""
    session = session_of(context, json, node)
    published = session.ask(session.desk.publication())
    if address is not None:
        domain = base_domain or published.publication.base_domain
        wanted = parse_publication(address, https_port, http_port, domain)
        published, _ = session.carry_out(session.desk.publish(wanted, leave_open))
    elif leave_open or (https_port, http_port, base_domain) != (None, None, None):
        raise UsageError(
            "The address is missing.",
            "Ports, a base domain and who may come are chosen together with it.",
            "For example: holdfast node publish 192.0.2.7 --base-domain apps.example.org",
        )
    session.show(published_form(published), published_table(published))


@application.command()
def watch(
    context: typer.Context,
    keys_beside_data: Annotated[
        bool,
        typer.Option(
            "--keys-beside-data",
            help="Also where the node is this machine: its keys lie beside its data then.",
        ),
    ] = False,
    json: Json = False,
    node: Node = None,
) -> None:
    """Look after the node until Ctrl-C: unseal it after every restart, as an open window does."""
    session = session_of(context, json, node)
    if _control(session).is_here and not keys_beside_data:
        raise UsageError(
            "The node is this machine.",
            "To be unsealed unattended, its keys would have to lie beside its data: who takes the "
            "machine could have both.",
            "Watch it from another workstation, or accept that with --keys-beside-data.",
        )

    def tell(kept: Kept) -> None:
        if session.json:
            terminal.write_json(news_form(kept.news))
        else:
            terminal.write_line(news_line(kept.news))

    session.watch(session.desk.keep(unseal=True), tell)


@application.command()
def remove(context: typer.Context, json: Json = False, node: Node = None) -> None:
    """Remove the node with everything on it."""
    session = session_of(context, json, node)
    removal, _ = session.carry_out(_control(session).remove())
    show_removal(session, removal)
