"""The command line's entry: from arguments to an exit status."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import typer
from typer.main import get_command

from holdfast.cli import terminal
from holdfast.cli.commands import (
    access,
    app,
    certificate,
    github,
    kit,
    machine,
    node,
    proof,
    repository,
    secrets,
    telemetry,
    token_sign_in,
    volume,
)
from holdfast.cli.failures import NotAllWell, ReaderGone, exit_status
from holdfast.cli.forms.error import error_form
from holdfast.cli.session import Session
from holdfast.cli.world import World
from holdfast.domain.errors import HoldfastError, UsageError


def _build() -> typer.Typer:
    # a traceback with local variables would show secrets
    application = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    application.callback(invoke_without_command=True)(machine.window)
    application.command()(machine.demo)
    application.add_typer(node.application, name="node")
    application.add_typer(app.application, name="app")
    application.add_typer(repository.application, name="repository")
    application.add_typer(github.application, name="github")
    for forge in token_sign_in.FORGES:
        application.add_typer(token_sign_in.sign_in_group(forge), name=forge.command)
    application.add_typer(secrets.application, name="secrets")
    application.add_typer(telemetry.application, name="telemetry")
    application.add_typer(volume.application, name="volume")
    application.add_typer(access.application, name="access")
    application.add_typer(certificate.application, name="certificate")
    application.add_typer(kit.application, name="kit")
    application.command()(machine.doctor)
    application.command()(proof.prove)
    return application


COMMAND = get_command(_build())


def run(world: World, arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status. arguments: None for the process's own."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    try:
        return _run(world, given)
    except ReaderGone:
        # it has had enough of what there was
        terminal.give_up_output()
        return 0


def _run(world: World, arguments: list[str]) -> int:
    try:
        status = COMMAND.main(
            arguments, prog_name="holdfast", standalone_mode=False, obj=Session(world)
        )
    except HoldfastError as error:
        return _fail(error, arguments)
    except typer.TyperException as error:
        return _fail(_wrong_usage(error), arguments)
    return status or 0


def _fail(error: HoldfastError, arguments: list[str]) -> int:
    if "--json" in arguments:
        found = error.form if isinstance(error, NotAllWell) else {}
        try:
            terminal.write_json({**found, **error_form(error)})
        except ReaderGone:
            terminal.give_up_output()
    else:
        terminal.write_error(error)
    return exit_status(error)


def _wrong_usage(error: typer.TyperException) -> UsageError:
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "holdfast"
    return UsageError(error.format_message(), "", f"“{path} --help” shows what there is.")
