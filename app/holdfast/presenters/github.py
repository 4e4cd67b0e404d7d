"""Forges in the words that a user reads: the account, its rights, and what a search found."""

from __future__ import annotations

from datetime import datetime

from holdfast.domain.forge_account import (
    Account,
    DeviceCode,
    ForgeKind,
    Listed,
    Right,
    RightState,
    Search,
    wanted_scopes,
    web_root,
)
from holdfast.presenters.quantities import DASH, ago, exact, stopwatch
from holdfast.presenters.rows import Cell, Column, Row

MORE = "There are others. Name more words."
NOTHING_FOUND = "No repository that the token can see has all of these words."
#: Where an admin who has no token yet makes one.
_TOKEN_PAGES = {
    ForgeKind.GITHUB: "settings/tokens/new?scopes=repo,read:org&description=Holdfast",
    ForgeKind.GITLAB: "-/user_settings/personal_access_tokens?name=Holdfast&scopes=api",
    ForgeKind.GITEA: "user/settings/applications",
    ForgeKind.FORGEJO: "user/settings/applications",
}
#: Bitbucket's tokens are made in the settings of the Atlassian account.
_ATLASSIAN = "https://id.atlassian.com/manage-profile/security/api-tokens"
_UNTOLD = "It is not told of such a token; a request that it may not make is refused"

TITLE = "Choose a repository at"
BEGIN = "Choose at a forge"
FORGE = "Forge"
API = "Address of its API"
CODE_INVITATION = (
    "Or type a code in the browser, for an OAuth app that your team registered at GitHub with its"
    " device flow switched on."
)
CLIENT_ID = "Client ID of the OAuth app"
SEARCH = "Search names and descriptions"
EMAIL = "E-mail address of the Atlassian account"
COLUMNS = (
    Column("Repository", 200, 3),
    Column("Visibility", 90, 0),
    Column("Last push", 110, 0),
)


def looking(forge: ForgeKind) -> str:
    return f"Asking {forge.value}…"


def invitation(forge: ForgeKind) -> str:
    return (
        f"With a token of yours that has {', '.join(wanted_scopes(forge))}, Holdfast lists your"
        " repositories, private ones too, and installs deploy keys. It is kept in your keychain,"
        " and shown to that forge alone."
    )


def token_page(forge: ForgeKind, api: str) -> str:
    own = forge is ForgeKind.BITBUCKET
    return _ATLASSIAN if own else f"{web_root(api)}/{_TOKEN_PAGES[forge]}"


def code_line(code: DeviceCode) -> str:
    """What is done with it."""
    return f"Type this code at {code.page.removeprefix('https://')}:"


def waiting_line(seconds: int) -> str:
    """seconds: for which the code is still taken."""
    if seconds <= 0:
        return "The code has run out."
    return f"Waiting until it is typed. It is taken for another {stopwatch(max(seconds, 10))}."


def rows(search: Search, now: datetime) -> tuple[Row, ...]:
    """By address. Private ones are marked by a word."""
    return tuple(_row(each, now) for each in search.repositories)


def found_line(search: Search) -> str:
    if not search.repositories:
        return NOTHING_FOUND
    return MORE if search.more else ""


def _row(found: Listed, now: datetime) -> Row:
    pushed = found.pushed.timestamp() if found.pushed else 0.0
    return Row(
        key=found.address,
        cells=(
            Cell(found.name, strong=True, order=found.name, tooltip=found.description),
            Cell("Private" if found.private else "Public", order=found.private),
            Cell(ago(found.pushed, now) if found.pushed else DASH, order=pushed),
        ),
        search=f"{found.name} {found.description}".lower(),
    )


def account_facts(account: Account) -> tuple[tuple[str, str], ...]:
    told = ", ".join(account.organisations) or _none_told(account)
    named = _organisations(account.forge).capitalize()
    organisations = () if account.forge is ForgeKind.GITLAB else ((named, told),)
    return (
        ("Signed in as", f"{account.login} on {account.host}"),
        ("Token", account.kind.value),
        ("Ends", exact(account.expires) if account.expires else "Never, or not told"),
        *organisations,
    )


def _organisations(forge: ForgeKind) -> str:
    """As the forge calls them."""
    return "workspaces" if forge is ForgeKind.BITBUCKET else "organisations"


def owners(account: Account) -> tuple[tuple[str, str], ...]:
    """(words, value) of each whose repositories may be searched alone; first, of all."""
    own = () if account.forge is ForgeKind.BITBUCKET else (account.login,)
    names = (*own, *account.organisations)
    return ((f"All {_organisations(account.forge)}", ""), *((name, name) for name in names))


def _none_told(account: Account) -> str:
    lacks = [right.name for right in account.rights if _lacks(right, needed=False)]
    return f"Not told without {lacks[0]}, which is not needed" if lacks else "None told"


def _lacks(right: Right, *, needed: bool) -> bool:
    return right.state is RightState.LACKS and right.needed is needed


def right_use(right: Right) -> str:
    if right.state is RightState.SPARE:
        return "Nothing here needs it"
    use = right.use[:1].upper() + right.use[1:]
    return f"{use}. {_UNTOLD}" if right.state is RightState.UNTOLD else use


def account_line(account: Account) -> str:
    """Whose token it is, and what it lacks or need not have."""
    said = [f"Signed in as {account.login}."]
    for names, words in (
        ([right.name for right in account.rights if _lacks(right, needed=True)], "The token lacks"),
        (
            [right.name for right in account.rights if right.state is RightState.SPARE],
            "It need not have",
        ),
    ):
        if names:
            said.append(f"{words} {', '.join(names)}.")
    if any(_lacks(right, needed=False) for right in account.rights):
        said.append(f"Organisations: {_none_told(account)[:1].lower()}{_none_told(account)[1:]}.")
    return " ".join(said)
