"""holdfast app: what lives on the node, and each app's state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from holdfast.cli.commands import deploy, follow, logs, names, pin, releases, update
from holdfast.cli.commands.finding import find_app
from holdfast.cli.commands.receipt import show_removal
from holdfast.cli.forms.app import app_form, shown_app_form, turned_form
from holdfast.cli.session import Json, Name, Node, Session, group, session_of
from holdfast.cli.tables.app import app_table, apps_table, turned_table
from holdfast.cli.world import ServerDesk
from holdfast.domain.errors import UsageError
from holdfast.domain.names import AppName, parse_app_name
from holdfast.domain.operation import Operation

application = group("The apps on the node.")
application.command("deploy")(deploy.deploy)
application.command("logs")(logs.logs)
application.command("follow")(follow.follow)
application.command("names")(names.names)
application.command("pin")(pin.pin)
application.command("unpin")(pin.unpin)
application.command("update")(update.update)
application.command("releases")(releases.releases)
application.command("rollback")(releases.rollback)


@application.command("list")
def list_apps(context: typer.Context, json: Json = False, node: Node = None) -> None:
    """List all apps."""
    session = session_of(context, json, node)
    snapshot = session.ask(session.desk.list())
    form = {"apps": [app_form(app, snapshot) for app in snapshot.apps]}
    session.show(form, apps_table(snapshot))


@application.command()
def show(context: typer.Context, name: Name, json: Json = False, node: Node = None) -> None:
    """Show all about one app."""
    session = session_of(context, json, node)
    desk = session.desk
    snapshot = session.ask(desk.list())
    app = find_app(snapshot, parse_app_name(name))
    volume = session.ask(desk.volume(app.name))
    release, followed = None, None
    if not volume.sealed:
        found = session.ask(desk.releases(app.name))
        release = next((each for each in found if each.id == app.release), None)
        followed = session.ask(desk.branch(app.name)) if release else None
    session.show(
        shown_app_form(app, snapshot, release, followed, volume),
        app_table(app, snapshot, release, followed, volume),
    )


@application.command()
def stop(context: typer.Context, name: Name, json: Json = False, node: Node = None) -> None:
    """Stop an app."""
    _turn(session_of(context, json, node), name, lambda desk: desk.stop)


@application.command()
def start(context: typer.Context, name: Name, json: Json = False, node: Node = None) -> None:
    """Start an app that was stopped."""
    _turn(session_of(context, json, node), name, lambda desk: desk.start)


@application.command()
def restart(context: typer.Context, name: Name, json: Json = False, node: Node = None) -> None:
    """Stop an app and start it again."""
    _turn(session_of(context, json, node), name, lambda desk: desk.restart)


@application.command()
def remove(
    context: typer.Context,
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Yes, with all its data.")] = False,
    json: Json = False,
    node: Node = None,
) -> None:
    """Remove an app with all its data, for good. An app that is not there is no error."""
    session = session_of(context, json, node)
    app = parse_app_name(name)
    if not yes:
        raise UsageError(
            f"Removing “{app}” needs --yes.",
            "Its data and its volume's key are destroyed, and nothing brings them back.",
            "Repeat the command with --yes if that is meant.",
        )
    removal, _ = session.carry_out(session.desk.remove(app))
    show_removal(session, removal)


def _turn(
    session: Session, name: str, verb: Callable[[ServerDesk], Callable[[AppName], Operation[None]]]
) -> None:
    desk = session.desk
    app = parse_app_name(name)
    _, steps = session.carry_out(verb(desk)(app))
    after = find_app(session.ask(desk.list()), app)
    session.show(turned_form(after, steps), turned_table(after))
