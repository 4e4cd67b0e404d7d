"""Who can open the node's keys, and what is left to do after one was shut out."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType

from holdfast.cli.tables.layout import columns
from holdfast.cli.terminal import plain
from holdfast.domain.recovery_kit import KitAdmin, Revoked
from holdfast.presenters.revocation import STILL_TO_DO, admin_note, revoked_sentence, still_to_do


def admins_table(found: Sequence[KitAdmin]) -> RenderableType:
    if not found:
        return "The node has no recovery kit: its keys are in one keychain alone."
    table = columns("Admin", "Public half", "")
    for each in found:
        table.add_row(plain(each.name), each.recipient, admin_note(each))
    return table


def revoked_table(done: Revoked) -> RenderableType:
    tasks = still_to_do(done)
    return Group(
        plain(revoked_sentence(done)),
        "",
        f"{STILL_TO_DO}:",
        *(plain(f"{number}. {task}") for number, task in enumerate(tasks, 1)),
    )
