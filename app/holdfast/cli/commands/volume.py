"""holdfast volume: the encrypted volumes of the apps."""

from __future__ import annotations

import typer

from holdfast.cli.failures import NotAllWell
from holdfast.cli.forms.volume import changed_key_form, volume_check_form, volume_form
from holdfast.cli.session import Json, Name, Node, group, session_of
from holdfast.cli.tables.volume import volume_check_table, volumes_table
from holdfast.domain.names import parse_app_name
from holdfast.presenters.volume import KEY_CHANGED, NO_REVOCATION, REVOKE_BY_COMMAND

application = group("The apps' encrypted volumes.")


@application.command("list")
def list_volumes(context: typer.Context, json: Json = False, node: Node = None) -> None:
    """List all volumes."""
    session = session_of(context, json, node)
    found = session.ask(session.desk.volumes())
    session.show({"volumes": [volume_form(each) for each in found]}, volumes_table(found))


@application.command()
def verify(context: typer.Context, name: Name, json: Json = False, node: Node = None) -> None:
    """Read every file of an app's volume, and tell those that were damaged or forged."""
    session = session_of(context, json, node)
    check, _ = session.carry_out(session.desk.verify_volume(parse_app_name(name)))
    form, human = volume_check_form(check), volume_check_table(check)
    if check.sound:
        session.show(form, human)
        return
    session.fail(
        NotAllWell(
            form,
            f"The volume of “{check.app}” is damaged.",
            check.summary,
            "Restore the damaged files, or roll the app back if they are its code.",
        ),
        human,
    )


@application.command("change-key")
def change_key(context: typer.Context, name: Name, json: Json = False, node: Node = None) -> None:
    """Give an app's volume another key, while the app runs. It shuts nobody out."""
    session = session_of(context, json, node)
    app = parse_app_name(name)
    session.carry_out(session.desk.change_key(app))
    told = "\n".join((KEY_CHANGED, NO_REVOCATION, REVOKE_BY_COMMAND))
    session.show(changed_key_form(app), told)
