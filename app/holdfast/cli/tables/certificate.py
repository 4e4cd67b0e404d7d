"""The node's certificates, and what is wrong with them."""

from __future__ import annotations

from datetime import datetime

from rich.console import Group, RenderableType
from rich.text import Text

from holdfast.cli.tables.layout import columns, look_text
from holdfast.cli.terminal import plain
from holdfast.domain.acme import AcmeAccount
from holdfast.domain.certificate import Certificates, WatchedCertificate
from holdfast.presenters import engine_link
from holdfast.presenters.acme_account import ROLE as ACCOUNT
from holdfast.presenters.acme_account import account_look, account_trouble, server_of
from holdfast.presenters.certificate import time_left
from holdfast.presenters.certificates import (
    ROLES,
    reach_line,
    state_look,
    subject_of,
    summary_line,
    trouble_words,
)
from holdfast.presenters.quantities import DASH


def certificates_table(found: Certificates) -> RenderableType:
    table = columns("Role", "For", "State", "Left>", "Issuer", "Next renewal")
    for row in found.rows:
        table.add_row(
            ROLES[row.role],
            plain(subject_of(row)),
            look_text(state_look(row, found.looked)),
            time_left(row.certificate.not_after, found.looked),
            plain(row.certificate.issuer),
            _next_renewal(row),
        )
    for account in found.accounts:
        table.add_row(
            ACCOUNT,
            plain(account.app),
            look_text(account_look(account)),
            DASH,
            plain(server_of(account)),
            DASH,
        )
    table.add_row(engine_link.ROLE, engine_link.HOW, engine_link.STATE, DASH, DASH, DASH)
    return Group(table, *_troubles(found), plain(reach_line(found)))


def _next_renewal(row: WatchedCertificate) -> str:
    if row.next_renewal is None:
        return DASH
    return f"{row.next_renewal:%Y-%m-%d}{', suggested' if row.suggested else ''}"


def certificate_check_table(found: Certificates) -> RenderableType:
    return Group(
        plain(summary_line(found)),
        *_troubles(found),
        *map(plain, filter(None, [reach_line(found)])),
    )


def trouble_line(row: WatchedCertificate, now: datetime) -> str:
    return f"{ROLES[row.role]}, {subject_of(row)}: {trouble_words(row, now)}"


def account_line(account: AcmeAccount) -> str:
    return f"{ACCOUNT}, {account.app}: {account_trouble(account)}"


def _troubles(found: Certificates) -> list[Text]:
    told = [
        trouble_line(row, found.looked) for row in found.rows if trouble_words(row, found.looked)
    ]
    told += [account_line(each) for each in found.accounts if account_trouble(each)]
    return [Text("! ", "yellow").append_text(plain(line)) for line in told]
