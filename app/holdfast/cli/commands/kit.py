"""holdfast kit: the recovery kit, with which the node's data open without this workstation."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from holdfast.cli import terminal
from holdfast.cli.forms.kit import admins_form, kit_form, kit_opened_form, revoked_form
from holdfast.cli.given import check_free
from holdfast.cli.session import Json, Node, Session, group, session_of
from holdfast.cli.tables.kit import admins_table, revoked_table
from holdfast.domain.errors import HoldfastError, UsageError, reason_of
from holdfast.domain.recovery_kit import Kit, KitOpened
from holdfast.presenters.kit_page import kit_page
from holdfast.presenters.private_file import save_private
from holdfast.presenters.quantities import count
from holdfast.presenters.recovery_kit import opened_sentence

application = group("The recovery kit: a page that opens the node's data.")

Save = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="Write the page to a new file that you alone can read, not here."
    ),
]
_INTERRUPTED = (
    "Name a new one. Or, if it holds the new kit of a revocation that was interrupted, confirm "
    "that first (holdfast kit check), and repeat the command without --save."
)
_TYPE = "The kit's identity (AGE-SECRET-KEY-1…)"


@application.command()
def create(
    context: typer.Context,
    save: Save = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Also where a kit was made and confirmed.")
    ] = False,
    json: Json = False,
    node: Node = None,
) -> None:
    """Make the kit and show it, this once; then ask for it, to confirm that you have it."""
    session = session_of(context, json, node)
    check_free(save)
    make_kit(session, save, replace)


@application.command()
def check(context: typer.Context, json: Json = False, node: Node = None) -> None:
    """Open everything with the kit (standard input, or a prompt), and confirm it."""
    session = session_of(context, json, node)
    opened, _ = session.carry_out(session.desk.check_kit(_read()))
    session.show(kit_opened_form(opened), _confirmed(opened))


@application.command("print")
def print_page(
    context: typer.Context, save: Save = None, json: Json = False, node: Node = None
) -> None:
    """Show the page again, for the kit's identity (standard input, or a prompt)."""
    session = session_of(context, json, node)
    check_free(save)
    kit = session.ask(session.desk.show_kit(_read()))
    _hand_over(session, kit, save)


@application.command("open")
def open_kit(context: typer.Context, json: Json = False, node: Node = None) -> None:
    """Let this workstation in with the kit (standard input, or a prompt)."""
    session = session_of(context, json, node)
    opened, _ = session.carry_out(session.desk.open_kit(_read()))
    apps = count(len(opened.apps), "app")
    words = f"This workstation opens {apps} now. Next: holdfast node unseal"
    session.show(kit_opened_form(opened), words)


@application.command()
def admins(context: typer.Context, json: Json = False, node: Node = None) -> None:
    """List who can open the node's keys."""
    session = session_of(context, json, node)
    found = session.ask(session.desk.admins())
    session.show(admins_form(found), admins_table(found))


@application.command()
def revoke(
    context: typer.Context,
    admin: Annotated[
        str,
        typer.Argument(
            metavar="ADMIN", help="As `kit admins` lists it, or how the public half begins."
        ),
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Yes, every volume is copied.")] = False,
    save: Save = None,
    json: Json = False,
    node: Node = None,
) -> None:
    """Shut an admin out: new keys for everything, and a new kit. Apps serve all the while."""
    session = session_of(context, json, node)
    check_free(save, _INTERRUPTED)
    if not yes:
        raise UsageError(
            f"Revoking “{admin}” needs --yes.",
            "Every volume is copied under a new key, which takes time and room on the disk; the"
            " recovery kit, and the CA that visitors trust, are made anew.",
            "Repeat the command with --yes if that is meant.",
        )
    keep = _Keeper(save)
    done, _ = session.carry_out(session.desk.revoke_admin(admin), keep)
    saved = keep.saved if done.kit else None
    if session.json:
        terminal.write_json(revoked_form(done, saved))
        return
    if done.kit is not None:
        _show_page(done.kit, saved)
    session.show({}, revoked_table(done))


def make_kit(session: Session, save: Path | None, replace: bool) -> None:
    kit, _ = session.carry_out(session.desk.create_kit(replace))
    _hand_over(session, kit, save)
    if not session.can_ask:
        _tell("It is not confirmed yet. Confirm it with: holdfast kit check")
    else:
        _tell("Save or print it now. Then give it back, so that it is known to be kept.")
        opened, _ = session.carry_out(session.desk.check_kit(_ask()))
        _tell(_confirmed(opened))


class _Keeper:
    """Saves a kit as soon as it counts, before any volume is copied. saved: where."""

    def __init__(self, save: Path | None) -> None:
        self._save = save
        self._refused: HoldfastError | None = None
        self._saved: str | None = None

    def __call__(self, kit: Kit) -> None:
        try:
            self._saved = _save(self._save, kit)
        except HoldfastError as error:
            # what has begun goes on; it is told at the end
            self._refused = error
            return
        if self._saved is not None:
            _tell(f"The new recovery kit is in {self._saved}. The old one opens no new volume.")

    @property
    def saved(self) -> str | None:
        if self._refused is not None:
            raise self._refused
        return self._saved


def _confirmed(opened: KitOpened) -> str:
    return f"{opened_sentence(opened)} It is confirmed."


def _read() -> bytes:
    return _ask() if sys.stdin.isatty() else sys.stdin.buffer.read()


def _ask() -> bytes:
    said: str = typer.prompt(_TYPE, hide_input=True, err=True)
    return said.encode()


def _tell(words: str) -> None:
    terminal.progress().print(words)


def _hand_over(session: Session, kit: Kit, save: Path | None) -> None:
    saved = _save(save, kit)
    if session.json:
        terminal.write_json(kit_form(kit, saved))
    else:
        _show_page(kit, saved)


def _save(save: Path | None, kit: Kit) -> str | None:
    """Where it was written, None for nowhere."""
    if save is None:
        return None
    _write_new(save, kit_page(kit))
    return str(save.absolute())


def _show_page(kit: Kit, saved: str | None) -> None:
    if saved is None:
        terminal.write_page(kit_page(kit))
    else:
        terminal.write(f"The page is in {saved}, for you alone to read.")


def _write_new(file: Path, page: str) -> None:
    try:
        save_private(page.encode(), file)
    except OSError as error:
        raise HoldfastError(
            f"The page could not be written to {file}.",
            reason_of(error),
            "Name another place. A kit that nobody saw is made again: holdfast kit create",
        ) from error
