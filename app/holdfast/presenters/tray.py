"""What is told to somebody who does not look at the window: warnings of certificates, and apps that
crash or are sealed. Each is told once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from holdfast.domain.acme import AcmeAccount
from holdfast.domain.app import AppState
from holdfast.domain.certificate import WARNINGS, Certificates, WatchedCertificate
from holdfast.domain.names import AppName
from holdfast.domain.node import AppSummary, Snapshot
from holdfast.domain.stapling import StaplingState
from holdfast.presenters.acme_account import account_look, account_trouble
from holdfast.presenters.certificate import time_left
from holdfast.presenters.certificates import ROLES, subject_of, trouble_words
from holdfast.presenters.quantities import count
from holdfast.presenters.verbs import Place

#: More of them than a notification has room for.
_LISTED = 3


@dataclass(frozen=True, slots=True)
class TrayMessage:
    """key: what is told, the same again for the same. app: whose page says more; None: `place`
    does. severe: something is wrong already."""

    key: str
    title: str
    text: str
    app: AppName | None = None
    severe: bool = False
    place: Place = Place.CERTIFICATES


def certificate_messages(found: Certificates) -> tuple[TrayMessage, ...]:
    """One for each certificate that came under a warning's days, has ended, could not be renewed,
    or may be refused for what its CA says; and for each account that renews nothing any more."""
    of_rows = (message for row in found.rows for message in _of_row(row, found.looked))
    return (*of_rows, *map(_of_account, found.troubled_accounts))


def together(messages: Sequence[TrayMessage]) -> tuple[TrayMessage, ...]:
    """Several of one look as one: some desktops show the last alone, others fill the screen."""
    if len(messages) < 2:
        return tuple(messages)
    title = f"{count(len(messages), 'warning')} about certificates"
    severe = any(each.severe for each in messages)
    return (TrayMessage("certificates", title, _listed(messages), severe=severe),)


def crashes_together(messages: Sequence[TrayMessage]) -> tuple[TrayMessage, ...]:
    """The same of apps that crashed in one moment; what else became of apps stays as it is."""
    crashed = [each for each in messages if each.severe]
    if len(crashed) < 2:
        return tuple(messages)
    title = f"{count(len(crashed), 'app')} have crashed"
    others = (each for each in messages if not each.severe)
    one = TrayMessage("crashed", title, _listed(crashed), severe=True, place=Place.APPS)
    return (one, *others)


def _listed(messages: Sequence[TrayMessage]) -> str:
    told = [each.title for each in messages[:_LISTED]]
    if len(messages) > _LISTED:
        told.append(f"and {len(messages) - _LISTED} more")
    reasons = {each.text for each in messages}
    if len(reasons) == 1:
        told += reasons
    return "\n".join(told)


def _of_account(account: AcmeAccount) -> TrayMessage:
    word = account_look(account).word.lower()
    return TrayMessage(
        f"{account.key}/{account.state}/{account.url}",
        f"The ACME account of {account.app} is {word}",
        account_trouble(account),
        severe=True,
    )


def _of_row(row: WatchedCertificate, now: datetime) -> Iterable[TrayMessage]:
    which = f"{row.key}/{row.certificate.serial}"
    name = f"{subject_of(row)} ({ROLES[row.role].lower()})"
    if row.last_error:
        words = trouble_words(row, now)
        yield TrayMessage(f"{which}/renewal", f"{name} could not be renewed", words, severe=True)
    if row.stapling is not None and row.stapling.is_trouble:
        words, state = trouble_words(row, now), row.stapling.state
        told = "was revoked" if state is StaplingState.REVOKED else "may be refused by browsers"
        yield TrayMessage(f"{which}/{state}", f"{name} {told}", words, severe=True)
    under = row.certificate.warning(now)
    # what is renewed by itself is so when the first warning is due
    if under is None or (under == WARNINGS[0] and row.next_renewal is not None):
        return
    left = time_left(row.certificate.not_after, now)
    title = f"{name} ends in {left}" if under else f"{name} has expired"
    yield TrayMessage(f"{which}/{under}", title, trouble_words(row, now), severe=under == 0)


def app_messages(
    before: Snapshot | None, now: Snapshot, unsealed_by_itself: bool
) -> tuple[TrayMessage, ...]:
    """What became of apps since the look before. What was so at the first look is in the list."""
    known = {app.name: app for app in before.apps} if before else {}
    became = [(known[app.name], app) for app in now.apps if app.name in known]
    crashed = [app for was, app in became if _turned(was, app, AppState.CRASHED)]
    sealed = [
        app.name
        for was, app in became
        if _turned(was, app, AppState.SEALED) and not app.sealed_on_purpose
    ]
    messages = [
        TrayMessage(
            f"crashed/{app.name}",
            f"{app.name} has crashed",
            "It is tried again by itself, later each time. Its log says more.",
            app.name,
            severe=True,
        )
        for app in crashed
    ]
    if sealed and not unsealed_by_itself:
        one = sealed[0] if len(sealed) == 1 else count(len(sealed), "app")
        verb = "is" if len(sealed) == 1 else "are"
        text = "The node's engine was started anew, or its volume was closed. Unseal the node."
        messages.append(TrayMessage("sealed", f"{one} {verb} sealed", text, sealed[0]))
    return tuple(messages)


def _turned(was: AppSummary, now: AppSummary, into: AppState) -> bool:
    return now.state is into and was.state is not into
