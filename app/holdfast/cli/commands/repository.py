"""holdfast repository: how the node's private repositories are reached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from holdfast.cli import terminal
from holdfast.cli.commands.receipt import show_removal
from holdfast.cli.failures import NotAllWell
from holdfast.cli.forms.github import search_form
from holdfast.cli.forms.repository import connected_form, repositories_form
from holdfast.cli.given import given_document, given_passphrase, given_token
from holdfast.cli.session import Json, Node, Session, group, session_of
from holdfast.cli.tables.github import search_table
from holdfast.cli.tables.repository import repositories_table, repository_table
from holdfast.domain.connection import (
    ConnectionRequest,
    CredentialKind,
    HostKeyUnknown,
    PassphraseNeeded,
    Repository,
)
from holdfast.domain.forge_account import ForgeKind
from holdfast.domain.forges import deploy_keys_page
from holdfast.domain.pasted_credential import split_credential
from holdfast.domain.repository import RepositoryKind, parse_repository
from holdfast.domain.secret import Secret
from holdfast.domain.ssh_agent import AgentKey, AgentKeyUnchosen

application = group("How private repositories are reached.")

Address = Annotated[
    str,
    typer.Argument(metavar="ADDRESS", help="git@host:owner/name.git or https://…"),
]


@application.command("list")
def list_repositories(context: typer.Context, json: Json = False, node: Node = None) -> None:
    """List the repositories, how each is reached, and the apps that use it."""
    session = session_of(context, json, node)
    found = session.ask(session.desk.repositories())
    session.show(repositories_form(found), repositories_table(found))


@application.command()
def add(
    context: typer.Context,
    address: Address,
    key: Annotated[
        str | None,
        typer.Option(metavar="FILE|-", help="A private key to use; without it one is made."),
    ] = None,
    agent: Annotated[
        bool, typer.Option("--agent", help="Use the key of this workstation's ssh agent.")
    ] = False,
    agent_key: Annotated[
        str | None,
        typer.Option(metavar="SHA256:…", help="Which of its keys, where it holds several."),
    ] = None,
    token: Annotated[
        bool, typer.Option("--token", help="A token, read from standard input or asked for.")
    ] = False,
    bearer: Annotated[
        bool,
        typer.Option("--bearer", help="The server takes the token as a bearer token alone."),
    ] = False,
    user: Annotated[str, typer.Option(help="Whose token it is, where that matters.")] = "",
    host_key: Annotated[
        str | None,
        typer.Option(metavar="SHA256:…", help="The SSH server's fingerprint, as you know it."),
    ] = None,
    ca: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A CA to trust for this https server, PEM or DER."),
    ] = None,
    install: Annotated[
        bool,
        typer.Option(
            "--install-key", help="Make a deploy key, and install it at the forge, signed in."
        ),
    ] = False,
    json: Json = False,
    node: Node = None,
) -> None:
    """Keep what opens a private repository: a new deploy key, a key of yours, or a token. Of a key
    of the ssh agent, which one: it stays in the agent, and the agent on this workstation."""
    session = session_of(context, json, node)
    clean, pasted = split_credential(address)
    request = ConnectionRequest(
        address=clean,
        key=None if key is None else Secret(given_document(key)),
        token=given_token() if token else pasted.token if pasted else None,
        bearer=bearer,
        user=user or (pasted.user if pasted and not bearer else ""),
        host_key=host_key,
        certificates=given_document(str(ca)) if ca else b"",
        agent_key=agent_key or ("" if agent else None),
        install=install,
    )
    if pasted:
        tell_pasted()
    connected = connect(session, request)
    _show(session, connected)
    if connected.credential is CredentialKind.DEPLOY_KEY and not connected.installed:
        _tell_where_to_add(connected)


@application.command()
def search(
    context: typer.Context,
    words: Annotated[
        list[str] | None, typer.Argument(help="Words of its name or description.")
    ] = None,
    organisation: Annotated[
        str, typer.Option(metavar="NAME", help="Only repositories of this organisation.")
    ] = "",
    forge: Annotated[
        ForgeKind, typer.Option(help="Where one is signed in.", case_sensitive=False)
    ] = ForgeKind.GITHUB,
    json: Json = False,
    node: Node = None,
) -> None:
    """Search a forge for a repository, private ones too: its sign-in comes first."""
    session = session_of(context, json, node)
    found = session.ask(session.desk.search(" ".join(words or ()), organisation, forge))
    session.show(search_form(found), search_table(found))


@application.command("test")
def check(context: typer.Context, address: Address, json: Json = False, node: Node = None) -> None:
    """Ask a repository for its branches, and say whether it answers."""
    session = session_of(context, json, node)
    found, _ = session.carry_out(session.desk.check_repository(_without_token(address)))
    form, table = connected_form(found), repository_table(found)
    if found.contact is not None and found.contact.error:
        told = found.contact
        error = NotAllWell(form, "The repository cannot be read.", told.error, told.next)
        session.fail(error, table)
    _show(session, found)


@application.command("rotate-key")
def rotate(context: typer.Context, address: Address, json: Json = False, node: Node = None) -> None:
    """Make a new deploy key; the one before is used until the new one works. A token is replaced
    by the one that is given (standard input, or a prompt)."""
    session = session_of(context, json, node)
    clean, pasted = split_credential(address)
    token = pasted.token if pasted else None
    if pasted:
        tell_pasted()
    elif parse_repository(clean).kind is RepositoryKind.HTTPS:
        token = given_token()
    connected, _ = session.carry_out(session.desk.rotate_key(clean, token))
    _show(session, connected)
    if connected.rotating and not connected.installed:
        _tell_where_to_add(connected)


@application.command()
def remove(
    context: typer.Context,
    address: Address,
    yes: Annotated[bool, typer.Option("--yes", help="Also where apps use it.")] = False,
    json: Json = False,
    node: Node = None,
) -> None:
    """Forget what opens a repository. One that is not kept is no error."""
    session = session_of(context, json, node)
    removal, _ = session.carry_out(session.desk.disconnect_repository(_without_token(address), yes))
    show_removal(session, removal)


def connect(session: Session, request: ConnectionRequest) -> Repository:
    """Carry it out; what is missing is asked for, where somebody is there to answer."""
    while True:
        try:
            connected, _ = session.carry_out(session.desk.connect_repository(request))
        except HostKeyUnknown as unknown:
            if not session.can_ask:
                raise
            request = replace(request, host_key=_asked_host_key(unknown))
        except AgentKeyUnchosen as unchosen:
            if not session.can_ask:
                raise
            request = replace(request, agent_key=_asked_agent_key(unchosen))
        except PassphraseNeeded:
            if request.passphrase is not None or request.key is None:
                raise
            request = replace(request, passphrase=given_passphrase())
        else:
            return connected


def tell_pasted() -> None:
    terminal.progress().print(
        "The address held a token. It goes to the keychain, and the address is used without it."
        " Your shell's history may still hold it."
    )


def _without_token(address: str) -> str:
    clean, pasted = split_credential(address)
    if pasted:
        terminal.progress().print(
            "The address held a token, which is neither used nor kept here. Your shell's history"
            " may still hold it."
        )
    return clean


def _show(session: Session, connected: Repository) -> None:
    session.show(connected_form(connected), repository_table(connected))
    if connected.public_key and not session.json:
        # on a line of its own, whole, as it is copied
        terminal.write_page(f"\n{connected.public_key}\n")


def _asked_agent_key(unchosen: AgentKeyUnchosen) -> str:
    told = terminal.progress()
    told.print("The ssh agent holds several keys:")
    for at, key in enumerate(unchosen.keys, start=1):
        told.print(f"  {at}  {key.fingerprint} {escape(key.name)}", soft_wrap=True)
    chosen: AgentKey = typer.prompt(
        "Which one", value_proc=partial(_numbered, unchosen.keys), err=True
    )
    return chosen.fingerprint


def _numbered(keys: Sequence[AgentKey], typed: str) -> AgentKey:
    """What is no number of theirs is asked for once more."""
    numbers = {str(at): key for at, key in enumerate(keys, start=1)}
    try:
        return numbers[typed.strip()]
    except KeyError:
        raise typer.BadParameter(f"Type a number from 1 to {len(keys)}.") from None


def _asked_host_key(unknown: HostKeyUnknown) -> str:
    told = terminal.progress()
    told.print(f"The host key of {unknown.host} is not known yet. It shows:")
    for key in unknown.offered:
        told.print(f"  {key.name} {key.fingerprint}", soft_wrap=True)
    told.print("Compare it with what the server's admin published.")
    if not typer.confirm("Is the first of them the server's?", default=False, err=True):
        raise unknown
    return unknown.offered[0].fingerprint


def _tell_where_to_add(repository: Repository) -> None:
    page = deploy_keys_page(parse_repository(repository.address))
    place = f" at {page}" if page else ""
    terminal.progress().print(
        f"Add the public key to the repository's deploy keys{place}, for reading alone. Then:"
        f" holdfast repository test {repository.address}",
        soft_wrap=True,
    )
