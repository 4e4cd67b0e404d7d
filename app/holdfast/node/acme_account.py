"""How the accounts with ACME servers are, as the apps' clients keep it on the encrypted volumes."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from holdfast.domain import names
from holdfast.domain.acme import AccountState, AcmeAccount, AcmeOutcome
from holdfast.domain.errors import HoldfastError
from holdfast.domain.names import AppName
from holdfast.domain.stored import Damaged, from_json
from holdfast.node.node import Node
from holdfast.ports import EngineError

_READERS = 8
_KEPT = ("/bin/cat", "/mnt/app/acme/account.json")


@dataclass(frozen=True, slots=True)
class _Kept:
    """What the client writes; see acme.py."""

    state: AccountState
    directory: str
    email: str
    url: str
    key: str
    contact: datetime | None
    failure: AcmeOutcome | None


def read_accounts(
    node: Node, running: Iterable[AppName], resting: Iterable[AppName]
) -> tuple[AcmeAccount, ...]:
    """running: the apps whose client does. resting: those whose client waits until they are
    unsealed, and of whose account nothing can be read."""
    apps = sorted(running)
    with ThreadPoolExecutor(_READERS, thread_name_prefix="accounts") as pool:
        found = [each for each in pool.map(lambda app: _account(node, app), apps) if each]
    found += [AcmeAccount(app, AccountState.SEALED) for app in set(resting) - set(apps)]
    return tuple(sorted(found, key=lambda account: account.app))


def _account(node: Node, app: AppName) -> AcmeAccount | None:
    """None where the client has just ended. One that was begun by an earlier release keeps
    nothing of its account."""
    try:
        done = node.engine.run(names.acme(app), _KEPT)
    except (EngineError, HoldfastError):
        return None
    try:
        kept = from_json(_Kept, done.output)
    except Damaged:
        return AcmeAccount(app, AccountState.NOT_ASKED)
    return AcmeAccount(
        app,
        kept.state,
        directory=kept.directory,
        email=kept.email,
        url=kept.url,
        key_words=kept.key,
        contact=kept.contact,
        failure=kept.failure,
    )
