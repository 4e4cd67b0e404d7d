"""GitHub's account and repositories as a person reads them."""

from __future__ import annotations

from datetime import UTC, datetime

from rich.console import Group, RenderableType
from rich.text import Text

from holdfast.cli.tables.layout import columns, pairs
from holdfast.cli.terminal import plain
from holdfast.domain.forge_account import Account, RightState, Search
from holdfast.presenters.github import MORE, account_facts, right_use
from holdfast.presenters.quantities import DASH, ago

_STYLES = {RightState.HAS: "green", RightState.LACKS: "yellow"}


def account_table(account: Account) -> RenderableType:
    rights = columns("Right", "State", "For")
    for right in account.rights:
        state = Text(right.state.value, _STYLES.get(right.state, ""))
        rights.add_row(plain(right.name), state, right_use(right))
    return Group(pairs(*account_facts(account)), "", rights)


def search_table(search: Search) -> RenderableType:
    if not search.repositories:
        return "No repository that the token can see has all of these words."
    now = datetime.now(UTC)
    table = columns("Repository", "", "Address", "Last push", "Description")
    for each in search.repositories:
        table.add_row(
            plain(each.name),
            "private" if each.private else "",
            plain(each.address),
            ago(each.pushed, now) if each.pushed else DASH,
            plain(each.description),
        )
    return Group(table, "", MORE) if search.more else table
