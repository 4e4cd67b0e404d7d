"""holdfast app deploy: a repository becomes an app that serves."""

from __future__ import annotations

import math
from typing import Annotated

import typer

from holdfast.cli.commands.kit_first import offer_kit, tell_of_kit
from holdfast.cli.commands.repository import connect, tell_pasted
from holdfast.cli.forms.app import deployed_form
from holdfast.cli.given import given_document
from holdfast.cli.session import Json, Node, session_of
from holdfast.cli.sizes import parse_memory
from holdfast.cli.tables.app import deployed_table
from holdfast.domain.connection import ConnectionRequest
from holdfast.domain.errors import UsageError
from holdfast.domain.names import parse_app_name, parse_host_name
from holdfast.domain.pasted_credential import split_credential
from holdfast.domain.requests import DeployRequest
from holdfast.domain.secrets_document import parse


def deploy(
    context: typer.Context,
    repository: Annotated[
        str, typer.Argument(help="A URL, an SSH address or a folder.", show_default=False)
    ],
    name: Annotated[str | None, typer.Option(help="The app's name.")] = None,
    branch: Annotated[str | None, typer.Option(help="The branch to deploy.")] = None,
    pin: Annotated[
        str | None,
        typer.Option(metavar="TAG|COMMIT", help="A tag or a commit to deploy, and to stay at."),
    ] = None,
    file: Annotated[
        str | None, typer.Option(metavar="ENTRYPOINT", help="The file that starts the app.")
    ] = None,
    python: Annotated[
        str | None, typer.Option(metavar="VERSION", help="The Python it runs on, such as 3.13.")
    ] = None,
    host_name: Annotated[
        str | None, typer.Option(metavar="HOST", help="The name that visitors type.")
    ] = None,
    memory: Annotated[
        str | None, typer.Option(metavar="SIZE", help="At most so much memory, such as 1g.")
    ] = None,
    cpus: Annotated[float | None, typer.Option(help="At most so many processors.")] = None,
    command: Annotated[
        str | None, typer.Option(help="A start command of its own; the port is in $PORT.")
    ] = None,
    secrets: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="A secrets.toml that it needs; - reads standard input."),
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="The app may exist: it gets a new release.")
    ] = False,
    json: Json = False,
    node: Node = None,
) -> None:
    """Deploy an app from its repository. What is not given, Holdfast finds out."""
    session = session_of(context, json, node)
    address, pasted = split_credential(repository)
    if pasted is not None:
        tell_pasted()
        connect(session, ConnectionRequest(address=address, token=pasted.token, user=pasted.user))
    request = DeployRequest(
        repository=address,
        name=None if name is None else parse_app_name(name),
        branch=branch,
        pin=pin,
        entrypoint=file,
        python=python,
        host_name=None if host_name is None else parse_host_name(host_name),
        memory_bytes=None if memory is None else parse_memory(memory),
        cpus=None if cpus is None else _checked_cpus(cpus),
        command=command,
        replace=replace,
        secrets=None if secrets is None else parse(given_document(secrets)),
    )
    offer_kit(session)
    deployed, _ = session.carry_out(session.desk.deploy(request))
    session.show(deployed_form(deployed), deployed_table(deployed))
    tell_of_kit(session)


def _checked_cpus(cpus: float) -> float:
    if not math.isfinite(cpus) or cpus <= 0:
        raise UsageError(
            f"{cpus} is not a number of processors.",
            "It has to be above zero; parts of one are possible.",
            "Write --cpus 1 or --cpus 0.5.",
        )
    return cpus
