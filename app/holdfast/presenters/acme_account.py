"""An account with an ACME server in the words of the window and the command line."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from holdfast.domain.acme import AccountState, AcmeAccount, acme_trouble
from holdfast.presenters.notices import Notice
from holdfast.presenters.quantities import DASH, ago, exact
from holdfast.presenters.rows import Cell, Row
from holdfast.presenters.states import Look, Shape, Tone

ROLE = "ACME account"
_LOOKS = {
    AccountState.VALID: Look("Valid", Shape.DISC, Tone.GOOD),
    AccountState.LOST: Look("Lost", Shape.TRIANGLE, Tone.BAD),
    AccountState.DEACTIVATED: Look("Deactivated", Shape.TRIANGLE, Tone.BAD),
    AccountState.NOT_ASKED: Look("Not asked", Shape.RING, Tone.QUIET),
    AccountState.SEALED: Look("Sealed", Shape.LOCK, Tone.SEALED),
}
_MEANS = {
    AccountState.VALID: "The server answers for it.",
    AccountState.LOST: "The server does not know it any more: nothing is renewed with it.",
    AccountState.DEACTIVATED: "The server gives it nothing any more: nothing is renewed with it.",
    AccountState.NOT_ASKED: "The server is asked about it with the client's next look.",
    AccountState.SEALED: "It lies in the app's encrypted volume: unseal the app.",
}


def account_look(account: AcmeAccount) -> Look:
    return _LOOKS[account.state]


def server_of(account: AcmeAccount) -> str:
    return urlsplit(account.directory).netloc or DASH


def account_trouble(account: AcmeAccount) -> str:
    """What is wrong with it and what to do, in sentences; "" if nothing is."""
    if account.is_trouble:
        said = account.failure.detail.strip().rstrip(".") if account.failure else ""
        told = f" It says: {said}." if said else ""
        anew = f"holdfast certificate drop {account.app}"
        return (
            f"{_MEANS[account.state]}{told} Drop the certificate ({anew}) and ask for it again:"
            " that makes another account."
        )
    return f"It could not be asked for. {_why(account)}" if account.failure else ""


def account_notice(account: AcmeAccount) -> Notice | None:
    """What stands above the details of one that is not as it should be."""
    trouble = account_trouble(account)
    word = account_look(account).word if account.is_trouble else "Not reached"
    return Notice(word, trouble) if trouble else None


def account_row(account: AcmeAccount) -> Row:
    """Among certificates, with what an account does not have left empty."""
    look, server = account_look(account), server_of(account)
    nothing = Cell(DASH)
    return Row(
        key=account.key,
        cells=(
            Cell(account.app, detail=ROLE, strong=True, order=account.app, tooltip=account.url),
            Cell(look.word, look=look, order=look.word, tooltip=account_trouble(account)),
            # what has no end stands behind what has one; what is broken, before it
            Cell(DASH, order=float("-inf") if account.is_trouble else float("inf")),
            Cell(server, order=server, tooltip=account.directory),
            Cell(DASH, order=float("inf")),
            nothing,
        ),
        search=f"{account.app} {ROLE} {look.word} {server} {account.email}".lower(),
    )


def account_facts(account: AcmeAccount, now: datetime) -> tuple[tuple[str, ...], ...]:
    if not account.directory:
        return (("Role", ROLE), ("App", account.app), ("State", _MEANS[account.state]))
    contact = account.contact
    return (
        ("Role", ROLE),
        ("App", account.app),
        ("Directory", account.directory),
        ("Account", account.url),
        ("Contact", account.email or "None: the server may write to nobody"),
        ("Key", account.key_words),
        ("State", _MEANS[account.state]),
        *((("Last answer", ago(contact, now), exact(contact)),) if contact else ()),
        *((("Last failure", failure_words(account)),) if account.failure else ()),
        ("Asked", "Twice a day and at each renewal, by the node itself"),
    )


def failure_words(account: AcmeAccount) -> str:
    """Why the server did not answer for it the last time; "" where it did."""
    return f"{exact(account.failure.at)}: {_why(account)}" if account.failure else ""


def _why(account: AcmeAccount) -> str:
    if account.failure is None:
        return ""
    if account.is_trouble:
        return account.failure.detail.strip() or _MEANS[account.state]
    return acme_trouble(account.failure, account.app)
