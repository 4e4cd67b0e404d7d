"""Before a node's first app, and until there is a kit that was confirmed: what is said of it."""

from __future__ import annotations

import sys
from contextlib import suppress

import typer

from holdfast.cli import terminal
from holdfast.cli.commands.kit import make_kit
from holdfast.cli.session import Session
from holdfast.domain.errors import HoldfastError, UsageError
from holdfast.domain.recovery_kit import KitState
from holdfast.presenters.recovery_kit import MAKE_FIRST, kit_lack


def offer_kit(session: Session) -> None:
    """On a terminal, whoever is about to deploy a node's first app is asked for a kit first."""
    # nor is its page written where standard output is kept
    if not (session.can_ask and sys.stdout.isatty()) or not _is_first(session):
        return
    tell_lack(KitState.MISSING)
    if typer.confirm(MAKE_FIRST, default=True, err=True):
        try:
            make_kit(session, None, replace=False)
        except UsageError as error:
            # it was shown, and opens what comes; at the end it is told that it is not confirmed
            terminal.write_error(error)


def tell_of_kit(session: Session) -> None:
    """After a deploy: the keychain has answered by now."""
    with suppress(HoldfastError):
        tell_lack(session.ask(session.desk.kit()).state)


def tell_lack(state: KitState) -> None:
    if (lack := kit_lack(state)) is not None:
        terminal.write_warning(lack)


def _is_first(session: Session) -> bool:
    # what is wrong with the node is told by the deploy
    with suppress(HoldfastError):
        missing = session.ask(session.desk.kit()).state is KitState.MISSING
        return missing and not session.ask(session.desk.list()).apps
    return False
